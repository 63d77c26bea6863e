/** Numbers for values: equal values have one, different values have different ones, in this thread and in others. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NIL, Values } from '../../../../checkers/linearizable/values.ts';
import { canonical, type Json } from '../../../../harness/json.ts';

/** Whole numbers about where the array for small ones ends and grows, and values of all other kinds. */
const number = fc.oneof(
  fc.integer({ min: -3, max: 40 }),
  fc.integer({ min: 1000, max: 1100 }),
  fc.integer({ min: 8000, max: 40_000 }),
  fc.constantFrom(0.5, 2 ** 31, 2 ** 40, 2 ** 53, -1.5),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: number },
  { weight: 2, arbitrary: fc.constantFrom<Json>(null, true, false, '', '0', '1', 'a') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Json>([], [0], [[0]], { a: 1, b: 2 }, { b: 2, a: 1 }, {}, [null]),
  },
);
const values = fc.array(value, { minLength: 1, maxLength: 300 });

describe('Values', () => {
  it('should give equal values one number, and different values different ones', () => {
    fc.assert(
      fc.property(values, (given) => {
        const numbers = new Values();
        const known = new Map<string, number>([['null', NIL]]);
        for (const each of given) {
          const name = canonical(each);
          assert.equal(numbers.has(each), known.has(name), name);
          const id = numbers.idOf(each);
          assert.equal(id, known.get(name) ?? known.size, name);
          known.set(name, id);
          assert.equal(canonical(numbers.at(id)), name);
        }
        assert.equal(numbers.size, known.size);
        for (const each of given) assert.equal(numbers.idOf(each), known.get(canonical(each)));
      }),
    );
  });

  it('should tell a number from its text, and one from true', () => {
    const numbers = new Values();
    assert.equal(
      new Set(([1, '1', true, [1], { 1: 1 }] as Json[]).map((each) => numbers.idOf(each))).size,
      5,
    );
    assert.equal(numbers.idOf({ x: 1, y: [2] }), numbers.idOf({ y: [2], x: 1 }));
  });

  it('should take numbers that were large into the array when it grows', () => {
    const numbers = new Values();
    const large = numbers.idOf(9500);
    for (let each = 0; each < 5000; each++) numbers.idOf(each);
    numbers.idOf(30_000);
    assert.equal(numbers.idOf(9500), large);
    assert.equal(numbers.at(large), 9500);
  });

  it('should list the values that columns name, and be made of the list with the same numbers', () => {
    fc.assert(
      fc.property(values, values, (given, later) => {
        const all = new Values();
        const ids = given.map((each) => all.idOf(each));
        const named = ids.filter((_, place) => place % 2 === 0);
        const list = all.list([Int32Array.from([-1, ...named]), Int32Array.from(named)]);
        assert.deepEqual(new Set(list.ids), new Set(named));
        const copy = Values.from(structuredClone(list));
        for (const id of named) {
          assert.deepEqual(copy.at(id), all.at(id));
          assert.equal(copy.idOf(all.at(id)), id);
        }
        const known = new Map(named.map((id) => [canonical(all.at(id)), id]));
        known.set('null', NIL);
        const fresh = new Map<string, number>();
        for (const each of later) {
          const name = canonical(each);
          const id = copy.idOf(each);
          assert.equal(id, known.get(name) ?? fresh.get(name) ?? id);
          if (known.has(name)) continue;
          assert.ok(![...known.values()].includes(id), `${name} has a number that another has`);
          fresh.set(name, id);
          assert.equal(canonical(copy.at(id)), name);
        }
        assert.equal(new Set(fresh.values()).size, fresh.size);
      }),
    );
  });
});
