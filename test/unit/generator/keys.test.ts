/** Concurrent independent keys. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UsageError } from '../../../harness/errors.ts';
import {
  clients,
  concurrentKeys,
  fromFunction,
  imperfectOutcomes,
  invocationsOf,
  limit,
  mix,
  onKey,
  op,
  repeat,
  simulate,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { canonical } from '../../../harness/json.ts';
import { perfect, watched } from './helpers.ts';

function byKey(operations: readonly Operation[]): Map<string, Operation[]> {
  return Map.groupBy(operations, ({ key }) => canonical(key ?? null));
}

const work = (key: unknown) =>
  limit(
    6,
    mix(
      repeat(op('read')),
      fromFunction((index) => ({ f: 'write', value: `${String(key)}-${index}` })),
    ),
  );

describe('concurrent keys', () => {
  it("should give each key to one group of threads, with that key's own operations", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        (size, count, seed) => {
          const generator = clients(concurrentKeys(size, (index) => index, work));
          const options = { clients: count, seed: String(seed), operationsMax: 100 };
          const given = invocationsOf(simulate(generator, imperfectOutcomes, options));
          assert.equal(given.length, 100);
          for (const [key, operations] of byKey(given)) {
            const groups = operations.map(({ process }) => Math.floor((Number(process) % count) / size));
            assert.equal(new Set(groups).size, 1, `key ${key} was used by groups ${groups.join(' ')}`);
            assert.ok(
              operations.every(({ f, value }) => f === 'read' || canonical(value).startsWith(`"${key}-`)),
            );
            assert.ok(operations.length <= 6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('should go through a list of keys to its end, each exhausted', () => {
    const given = byKey(perfect(clients(concurrentKeys(2, ['a', { b: 1 }, 'c'], work)), { clients: 4 }));
    assert.deepEqual([...given.keys()].toSorted(), ['"a"', '"c"', '{"b":1}']);
    assert.ok([...given.values()].every((operations) => operations.length === 6));
  });

  it('should work on as many keys at once as there are groups', () => {
    const given = perfect(clients(concurrentKeys(2, (index) => index, work)), {
      clients: 6,
      operationsMax: 18,
    });
    assert.equal(byKey(given.filter(({ time }) => time === 0)).size, 3);
  });

  it('should use all threads when the size does not divide their number', () => {
    const given = perfect(clients(concurrentKeys(2, (index) => index, work)), {
      clients: 3,
      operationsMax: 60,
    });
    assert.deepEqual([...new Set(given.map(({ process }) => process))].toSorted(), [0, 1, 2]);
  });

  it('should do the same on a key whichever group gets it, and when', () => {
    const generator = clients(concurrentKeys(2, (index) => index, work));
    const run = (outcomeSeed: string) => {
      const options = { clients: 4, seed: 'same', outcomeSeed, operationsMax: 60 };
      return byKey(invocationsOf(simulate(generator, imperfectOutcomes, options)));
    };
    const [first, second] = [run('one'), run('two')];
    for (const [key, operations] of first) {
      const contents = ({ f, value }: Operation) => `${f} ${canonical(value)}`;
      const other = (second.get(key) ?? []).map(contents);
      assert.deepEqual(operations.map(contents).slice(0, other.length), other.slice(0, operations.length));
    }
    assert.notDeepEqual([...first.values()].flat(), [...second.values()].flat());
  });

  it("should show the generator of a key that key's events only", () => {
    const seen: Operation[] = [];
    const generator = concurrentKeys(2, ['a', 'b'], (key) =>
      key === 'a' ? repeat(op('x'), 2) : watched(repeat(op('y')), seen),
    );
    // While `a` is under way on one thread, the other goes on to `b`: its completion comes to the group of `b`.
    const outcomes = ({ index, value }: Operation) =>
      ({ type: 'ok', value, tookNs: index === 1 ? 50 : 10 }) as const;
    const history = simulate(clients(generator), outcomes, { clients: 2, operationsMax: 6 });
    const late = history.findLast(({ key, type }) => key === 'a' && type === 'ok');
    assert.ok((late?.index ?? 0) > history.findIndex(({ key }) => key === 'b'));
    assert.deepEqual(
      seen,
      history.filter(({ key }) => key === 'b'),
    );
  });

  it('should put a single generator on a key', () => {
    assert.deepEqual(
      perfect(onKey('x', repeat(op('read'), 2))).map(({ key }) => key),
      ['x', 'x'],
    );
  });

  it('should refuse groups of nobody', () => {
    assert.throws(() => concurrentKeys(0, ['a'], work), UsageError);
  });
});
