import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Json, canonical, equal, isJsonObject, received } from '../../harness/json.ts';

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

  it('should write long lists as it writes short ones, item by item', () => {
    const item = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), fc.boolean(), (items, hasObject) => {
        const list: readonly Json[] = hasObject ? [...items, { b: 1, a: items }] : items;
        assert.equal(canonical(list), `[${list.map(canonical).join(',')}]`);
      }),
    );
  });
});

describe('equality of JSON', () => {
  it('should see a difference in any one place', () => {
    const same: readonly (readonly [Json, Json])[] = [
      [
        { a: [1, { b: null }], c: 'x' },
        { c: 'x', a: [1, { b: null }] },
      ],
      [[], []],
      [{}, {}],
    ];
    const different: readonly (readonly [Json, Json])[] = [
      [{ a: [1, { b: null }] }, { a: [1, { b: 0 }] }],
      [
        [1, [2]],
        [1, [3]],
      ],
      [[1], [1, 2]],
      [{ a: 1 }, { a: 1, b: null }],
      [{ a: null }, { b: null }],
      [['a'], { 0: 'a' }],
      [[], {}],
      [null, {}],
      ['1', 1],
    ];
    for (const [a, b] of same) assert.ok(equal(a, b), JSON.stringify([a, b]));
    for (const [a, b] of different) assert.ok(!equal(a, b) && !equal(b, a), JSON.stringify([a, b]));
  });
});

/** What a program may pass where the types ask for JSON. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, '', 'ä', 0, -0, 1.5, NaN, Infinity),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), fc.option(tie('value'), { nil: undefined })),
  ),
}));

describe('received', () => {
  it('should be what writing and parsing gives', () => {
    fc.assert(
      fc.property(value, (sent) => {
        const expected: unknown = JSON.parse(JSON.stringify(sent));
        assert.deepEqual(JSON.stringify(received(sent as Json)), JSON.stringify(expected));
      }),
    );
    assert.deepEqual(received(JSON.parse('{"__proto__":1}') as Json), JSON.parse('{"__proto__":1}'));
    const odd = { date: new Date(0), bytes: new Uint8Array([1, 2]), [Symbol('s')]: 1 } as unknown as Json;
    assert.deepEqual(received(odd), { date: '1970-01-01T00:00:00.000Z', bytes: { 0: 1, 1: 2 } });
  });

  it('should share nothing with what was sent', () => {
    const sent = { list: [{ deep: 1 }] };
    const copy = received(sent);
    sent.list.push({ deep: 2 });
    assert.deepEqual(copy, { list: [{ deep: 1 }] });
  });
});
