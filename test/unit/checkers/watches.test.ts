/** Watches: who is told of another change than the first, or of none, is shown. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { watches } from '../../../checkers/watches.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import type { History, Operation } from '../../../harness/history/operation.ts';
import { isJsonObject, type Json } from '../../../harness/json.ts';
import { createRandom } from '../../../harness/random.ts';
import { changed, performed, planned, type Answer, type Planned } from './interleaved.ts';
import { at, call, type Timed } from './timed.ts';

const MS = 1e6;
const checker = watches({ toldWithinMs: 1000, recoveredWithinMs: 5000 });

/** The change with this number, and a zxid to go with it. */
const change = (version: number): { version: number; zxid: number } => ({ version, zxid: 10 * version + 5 });
const set = (from: number, to: number, version: number, key = 'a'): Timed[] =>
  call(from * MS, to * MS, from, 'set', change(version), key);
const watch = (from: number, to: number, seen: Json, event: Json): Timed[] =>
  call(from * MS, to * MS, from, 'watch', { seen, event }, 'a');
const open = (from: number): Timed[] => [[from * MS, from, 'invoke', 'set', null, 'a']];

/** A watch that gives up. */
function gaveUp(history: readonly Operation[], from: number, to: number): Operation[] {
  const base = { process: 1e6 + from, f: 'watch', value: null, key: 'a', index: 0 };
  return numbered([
    ...history,
    { ...base, type: 'invoke', time: from * MS },
    { ...base, type: 'fail', error: 'no-event', time: to * MS },
  ]);
}

function healed(history: readonly Operation[], atMs: number): Operation[] {
  const entry = { index: 0, process: 'nemesis', type: 'info', f: 'stop-kill', value: null } as const;
  return numbered([...history, { ...entry, time: atMs * MS }]);
}

const numbered = (history: readonly Operation[]): Operation[] =>
  history.toSorted((a, b) => a.time - b.time).map((entry, index) => ({ ...entry, index }));

const verdictOf = (history: History): Verdict =>
  checker.check(history, { logs: {}, timeoutMs: 1000 }) as Verdict;
const verdict = (...calls: readonly Timed[][]): Verdict => verdictOf(at(...calls.flat()));

const WATCHERS = 6;
const SETTERS = 2;

/** A node that two clients change, and that others watch once each, at a service without faults. */
function watched(seed: number): History {
  const random = createRandom(`watched/${seed}`);
  const setting = planned(random, SETTERS, 8, () => ({ f: 'set', key: 'a' }));
  const sets = setting.toSorted((a, b) => a.effect - b.effect);
  const watching = planned(random, WATCHERS, 1, () => ({ f: 'watch', key: 'a', ms: random.int(200) }));
  const plan = [...setting, ...watching.map((one) => ({ ...one, process: one.process + SETTERS }))];
  return performed(plan, (operation: Planned): Answer => {
    if (operation.f === 'set') return { type: 'ok', value: change(sets.indexOf(operation)) };
    const next = sets.findIndex(({ effect }) => effect > operation.effect);
    const event = sets[next];
    if (event === undefined) return { type: 'fail', error: 'no-event', ended: operation.effect + 3000 };
    const seen = next === 0 ? { version: null, zxid: null } : change(next - 1);
    return { type: 'ok', value: { seen, event: change(next) }, ended: event.effect + random.between(0, 50) };
  });
}

describe('watches', () => {
  const first = set(0, 1, 1);

  it('should refuse an event that is not the first change after what was seen', () => {
    assert.equal(verdict(first, set(5, 6, 2), set(7, 8, 3), watch(2, 9, change(1), change(3))).valid, false);
    assert.equal(verdict(first, set(5, 6, 2), set(7, 8, 3), watch(2, 9, change(1), change(2))).valid, true);
  });

  it('should tell so by versions where nobody knows the change between, and by zxids where versions do not tell', () => {
    assert.equal(verdict(first, open(5), set(7, 8, 3), watch(2, 9, change(1), change(3))).valid, false);
    assert.equal(verdict(first, open(5), set(7, 8, 3), watch(2, 9, change(1), change(2))).valid, true);
    const far = { version: 2, zxid: 40 };
    assert.equal(verdict(first, open(3), open(4), watch(2, 9, change(1), far)).valid, true);
    assert.equal(verdict(first, set(5, 6, 2), open(4), watch(2, 9, change(1), far)).valid, false);
  });

  it('should refuse an event that was seen before', () => {
    assert.equal(verdict(first, watch(2, 9, change(1), change(1))).valid, false);
    assert.equal(verdict(first, set(5, 6, 2), watch(2, 9, change(1), change(2))).valid, true);
  });

  it('should refuse a read of less than was known when the watch began', () => {
    const changes = [first, set(2, 3, 2), set(8, 9, 3)];
    assert.equal(verdict(...changes, watch(4, 10, change(1), change(2))).valid, false);
    assert.equal(verdict(...changes, watch(4, 10, change(2), change(3))).valid, true);
    assert.equal(verdict(first, set(2, 5, 2), set(8, 9, 3), watch(4, 10, change(1), change(2))).valid, true);
  });

  it('should know a change also from who saw it', () => {
    const told = watch(2, 4, change(1), change(2));
    assert.equal(
      verdict(first, open(3), told, set(8, 9, 3), watch(5, 10, change(1), change(2))).valid,
      false,
    );
    assert.equal(verdict(first, open(3), told, set(8, 9, 3), watch(5, 10, change(2), change(3))).valid, true);
  });

  it('should begin with a node that is not there', () => {
    const nothing = { version: null, zxid: null };
    assert.equal(verdict(set(5, 6, 0), watch(2, 9, nothing, { version: 0, zxid: 7 })).valid, false);
    assert.equal(verdict(set(5, 6, 1), watch(2, 9, nothing, change(1))).valid, false);
    const made = call(5 * MS, 6 * MS, 5, 'set', { version: 0, zxid: 7 }, 'a');
    assert.equal(verdict(made, watch(2, 9, nothing, { version: 0, zxid: 7 })).valid, true);
  });

  it('should refuse versions and zxids that contradict one another', () => {
    const told = watch(10, 20, change(2), change(3));
    const others = [first, set(2, 3, 2), set(12, 13, 3)];
    assert.equal(verdict(...others, told).valid, true);
    const twice = call(4 * MS, 5 * MS, 4, 'set', { version: 2, zxid: 27 }, 'a');
    assert.equal(verdict(...others, twice, told).valid, false);
  });

  it('should refuse changes that nobody can have made', () => {
    assert.equal(verdict(first, watch(2, 9, change(1), change(2))).valid, false);
    assert.equal(verdict(first, open(3), watch(2, 9, change(1), change(2))).valid, true);
  });

  it('should miss an event where somebody certainly watched when a change was made', () => {
    const told = at(...first, ...set(5, 6, 2), ...watch(2, 9, change(1), change(2)), ...set(2000, 2010, 3));
    assert.equal(verdictOf(gaveUp(told, 500, 3500)).valid, false);
    // It may not have been set yet; or not have been told yet.
    assert.equal(verdictOf(gaveUp(told, 1001, 3500)).valid, true);
    assert.equal(verdictOf(gaveUp(told, 500, 3000)).valid, true);
  });

  it('should not miss it as long as something was broken, and a while after', () => {
    const told = at(...first, ...set(5, 6, 2), ...watch(2, 9, change(1), change(2)), ...set(9000, 9010, 3));
    const vain = gaveUp(told, 7000, 10_500);
    assert.equal(verdictOf(healed(vain, 1500)).valid, false);
    assert.equal(verdictOf(healed(vain, 2500)).valid, true);
  });

  it('should find the change that was over in time among others that were not', () => {
    const long = set(1600, 4000, 3);
    const told = at(
      ...first,
      ...set(5, 6, 2),
      ...watch(2, 9, change(1), change(2)),
      ...long,
      ...set(1700, 1710, 4),
    );
    assert.equal(verdictOf(gaveUp(told, 500, 3500)).valid, false);
    assert.equal(verdictOf(gaveUp(told, 500, 2500)).valid, true);
  });

  it('should look at each node by itself', () => {
    assert.equal(
      verdict(first, set(2, 3, 2, 'b'), set(5, 6, 2), watch(4, 9, change(1), change(2))).valid,
      true,
    );
    assert.equal(verdict(first, set(2, 3, 2), set(5, 6, 3), watch(4, 9, change(1), change(2))).valid, false);
  });

  it('should name the change that came between', () => {
    const { problems } = verdict(first, set(5, 6, 2), set(7, 8, 3), watch(2, 9, change(1), change(3)));
    assert.equal(problems[0]?.title, 'Who watched the node of "a" was not told of the first change');
    assert.match(problems[0].explanation, /version 2 \(zxid 25\) came between/);
    assert.deepEqual(problems[0].operations, [3, 4, 2, 7]);
  });

  it('should not know where nobody was told of anything', () => {
    assert.equal(verdict(first).valid, 'unknown');
  });

  it('should pass every service without faults, and refuse it with one event that is not the first', () => {
    let lies = 0;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(-1, 1, 2), (seed, off) => {
        const history = watched(seed);
        assert.notEqual(verdictOf(history).valid, false);
        const wrong = changed(history, createRandom(`lies/${seed}`), (entry) => {
          if (entry.f !== 'watch' || !isJsonObject(entry.value) || !isJsonObject(entry.value['event']))
            return undefined;
          const version = Number(entry.value['event']['version']) + off;
          return version < 0 ? undefined : { ...entry, value: { ...entry.value, event: change(version) } };
        });
        if (wrong === undefined) return;
        lies++;
        assert.equal(verdictOf(wrong).valid, false);
      }),
      { numRuns: 100 },
    );
    assert.ok(lies > 30, `only ${lies}`);
  });
});
