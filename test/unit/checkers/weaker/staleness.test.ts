/**
 * Δ-atomicity by hand and against its definition: with every read begun Δ earlier the history is
 * linearizable, by brute force, and with a nanosecond less it is not.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { register } from '../../../../checkers/models/register.ts';
import { measureStaleness } from '../../../../checkers/weaker/staleness.ts';
import type { Json } from '../../../../harness/json.ts';
import type { History, Operation } from '../../../../harness/history/operation.ts';
import { alone, history, TICK, type Entry } from '../histories.ts';
import { isLinearizable } from '../linearizable/oracle.ts';
import { INIT, longHistory, registerHistories } from './register-histories.ts';

const measure = (...entries: readonly Entry[]) => measureStaleness(history(...entries));

const read = (process: number, value: Json): Entry[] => alone(process, 'read', null, value);

/** A write of 2 is over at 3 ticks, a read of 1 begins at 4. */
const STALE: readonly Entry[] = [...alone(0, 'write', 1), ...alone(0, 'write', 2), ...read(1, 1)];

describe('measureStaleness', () => {
  it('should give 0 for a linearizable history, and for an empty one', () => {
    assert.equal(measure(...alone(0, 'write', 1), ...read(1, 1)).deltaNs, 0);
    const { deltaNs, valid } = measure();
    assert.deepEqual({ deltaNs, valid }, { deltaNs: 0, valid: true });
  });

  it('should give the time since the value was overwritten, with the two versions', () => {
    const { valid, deltaNs, keys, summary } = measure(...STALE);
    assert.equal(valid, false);
    assert.equal(deltaNs, TICK);
    assert.deepEqual(keys[0]?.conflict?.map(({ value }) => value).sort(), [1, 2]);
    assert.match(summary, /stale by up to 1 µs/);
    const fresh = measure(...STALE.slice(0, 4), ...read(1, 2));
    assert.equal(fresh.deltaNs, 0);
  });

  it('should measure a stale read of the first value', () => {
    const { deltaNs } = measure(...alone(0, 'write', 1), ...read(1, 1), ...read(1, null));
    assert.equal(deltaNs, 3 * TICK);
  });

  it('should find no Δ for a value that nobody wrote or that was written later, and say so', () => {
    for (const written of [[], alone(0, 'write', 7)]) {
      const { valid, deltaNs, summary } = measure(...read(1, 7), ...written);
      assert.deepEqual({ valid, deltaNs }, { valid: false, deltaNs: null });
      assert.match(summary, /No Δ is enough/);
    }
    assert.equal(measure(...alone(0, 'write', 7), ...read(1, 7)).deltaNs, 0);
  });

  it('should not know about a value that was written twice and read, nor about other functions', () => {
    const twice = [...alone(0, 'write', 1), ...alone(0, 'write', 1)];
    const { valid, why } = measure(...twice, ...read(1, 1));
    assert.equal(valid, 'unknown');
    assert.match(why ?? '', /written 1 twice, at index 0 and 2/);
    assert.equal(measure(...twice).valid, true);
    assert.equal(measure(...twice, ...alone(0, 'increment', 1)).valid, 'unknown');
    assert.equal(measure(...alone(0, 'write', null), ...read(1, null)).valid, 'unknown');
  });

  it('should take the worst key', () => {
    const keyed = (key: Json, entries: readonly Entry[]): Entry[] =>
      entries.map(([process, type, f, value = null]) => [process, type, f, value, { key }]);
    const { deltaNs, keys } = measure(...keyed('x', STALE), ...keyed('y', [...STALE, ...read(1, 1)]));
    assert.deepEqual(
      keys.map((key) => [key.key, key.deltaNs]),
      [
        ['x', TICK],
        ['y', 3 * TICK],
      ],
    );
    assert.equal(deltaNs, 3 * TICK);
  });

  it('should count a violation within one moment of the clock as one nanosecond', () => {
    const still = history(...STALE).map((entry) => ({ ...entry, time: 0 }));
    assert.equal(measureStaleness(still).deltaNs, 1);
  });

  it('should measure 50,000 operations in a moment', () => {
    const entries = Array.from({ length: 25_000 }, (_, at) => [
      ...alone(0, 'write', at),
      ...read(1, Math.max(0, at - (at % 1000 === 999 ? at % 7 : 0))),
    ]).flat();
    const { deltaNs } = measureStaleness(longHistory(entries));
    assert.equal(deltaNs, (4 * 6 - 3) * TICK);
  });
});

/** The history with every read begun so much earlier, as a history again. */
function readsBegunEarlier(recorded: History, deltaNs: number): History {
  const moved = recorded.map((entry) => {
    const moves = deltaNs > 0 && entry.type === 'invoke' && entry.f === 'read';
    return { entry, moves, at: moves ? entry.time - deltaNs : entry.time };
  });
  // Operations that touch in time are concurrent, so a read that was moved begins before what ends at that time.
  moved.sort((a, b) => a.at - b.at || Number(b.moves) - Number(a.moves) || a.entry.index - b.entry.index);
  return moved.map(({ entry, at }, index): Operation => ({ ...entry, index, time: at }));
}

/**
 * Each operation by a process of its own, so that reads may begin before the operation that their client did
 * before.
 */
function apart(recorded: History): History {
  const open = new Map<Operation['process'], number>();
  return recorded.map((entry) => {
    if (entry.type === 'invoke') open.set(entry.process, entry.index);
    return { ...entry, process: open.get(entry.process) ?? 0 };
  });
}

describe('measureStaleness against its definition', () => {
  const RUNS = 10_000;
  it(`should agree on ${RUNS} histories`, () => {
    const seen = { linearizable: 0, stale: 0, hopeless: 0 };
    const shape = { operationsMax: 7, reads: 6, clients: 4, keys: 1, lags: [0, 0, 0, 0, 1, 1, 2, 3] };
    fc.assert(
      fc.property(registerHistories(shape), (recorded) => {
        const { deltaNs, valid } = measureStaleness(recorded, { init: INIT });
        const isAtomic = (delta: number): boolean =>
          isLinearizable(readsBegunEarlier(apart(recorded), delta), register, INIT);
        if (deltaNs === null) {
          seen.hopeless++;
          assert.equal(isAtomic(1e9), false);
          return;
        }
        assert.equal(isAtomic(deltaNs), true);
        assert.equal(valid, deltaNs === 0);
        if (deltaNs > 0) assert.equal(isAtomic(deltaNs - 1), false);
        seen[deltaNs === 0 ? 'linearizable' : 'stale']++;
      }),
      { numRuns: RUNS },
    );
    assert.ok(seen.linearizable > RUNS / 20 && seen.stale > RUNS / 20, JSON.stringify(seen));
  });
});
