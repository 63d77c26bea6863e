/** A value as it is received must be what JSON text would have made of it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { received, type Json } from '../../harness/json.ts';

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
