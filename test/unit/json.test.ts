import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Json, canonical, equal, isJsonObject } from '../../harness/json.ts';

const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map((item) => reversed(item as Json));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, held]) => [name, reversed(held)]),
  );
};

describe('canonical JSON', () => {
  it('should not depend on the order of properties, and tell values apart otherwise', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [a, b] = [one as Json, other as Json];
        assert.equal(canonical(a), canonical(reversed(a)));
        assert.ok(equal(a, reversed(a)));
        assert.deepEqual(JSON.parse(canonical(a)), JSON.parse(JSON.stringify(a)));
        assert.equal(equal(a, b), canonical(a) === canonical(b));
      }),
    );
  });
});
