/** Sequential nodes: numbers in the order of changes and of time, and no node that is missing. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sequentialOrder } from '../../../checkers/sequential-order.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import type { History } from '../../../harness/history/operation.ts';
import { isJsonObject, type Json } from '../../../harness/json.ts';
import { createRandom } from '../../../harness/random.ts';
import { changed, performed, planned, type Answer, type Planned } from './interleaved.ts';
import { at, type Timed } from './timed.ts';

/** The name in what was asked or answered. */
function nameIn(value: Json | undefined): string {
  const name = isJsonObject(value) ? value['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

const nameOf = (number: number): string => `s-${String(number).padStart(10, '0')}`;

function timed(
  from: number,
  to: number,
  process: number,
  f: string,
  asked: Json,
  answer: Json,
  key: Json,
): Timed[] {
  return [
    [from, process, 'invoke', f, asked, key],
    [to, process, 'ok', f, answer, key],
  ];
}
const create = (from: number, to: number, number: number, zxid: number, key = 'p'): Timed[] =>
  timed(from, to, from, 'create', { name: 's-', sequential: true }, { name: nameOf(number), zxid }, key);
const list = (from: number, to: number, ...numbers: number[]): Timed[] =>
  timed(from, to, from, 'children', null, numbers.map(nameOf), 'p');
const remove = (from: number, to: number, number: number, type: 'ok' | 'info' | 'fail' = 'ok'): Timed[] => [
  [from, from, 'invoke', 'delete', { name: nameOf(number), version: null }, 'p'],
  [to, from, type, 'delete', null, 'p'],
];

const verdictOf = (history: History): Verdict =>
  sequentialOrder.check(history, { logs: {}, timeoutMs: 1000 }) as Verdict;
const verdict = (...calls: readonly Timed[][]): Verdict => verdictOf(at(...calls.flat()));

/** Nodes made, deleted and listed at a service without faults. */
function nodes(seed: number): History {
  const random = createRandom(`nodes/${seed}`);
  const plan = planned(random, 4, 8, () => {
    if (random.chance(0.5)) return { f: 'create', value: { name: 's-', sequential: true }, key: 'p' };
    if (random.chance(0.6)) return { f: 'children', key: 'p' };
    return { f: 'delete', value: { name: nameOf(random.int(6)), version: null }, key: 'p' };
  });
  const there = new Set<string>();
  let [made, zxid] = [0, 0];
  return performed(plan, ({ f, value }: Planned): Answer => {
    zxid++;
    if (f === 'children') return { type: 'ok', value: [...there].sort() };
    if (f === 'create') {
      const name = nameOf(made++);
      there.add(name);
      return { type: 'ok', value: { name, zxid } };
    }
    return there.delete(nameIn(value)) ? { type: 'ok', value: { zxid } } : { type: 'fail', error: 'no-node' };
  });
}

describe('the order of sequential nodes', () => {
  it('should refuse numbers that do not increase in time', () => {
    assert.equal(verdict(create(0, 1, 4, 20), create(2, 3, 3, 10)).valid, false);
    assert.equal(verdict(create(0, 1, 3, 10), create(2, 3, 4, 20)).valid, true);
    assert.equal(verdict(create(0, 3, 4, 20), create(1, 2, 3, 10)).valid, true);
  });

  it('should refuse numbers that are not in the order of changes', () => {
    assert.equal(verdict(create(0, 3, 4, 10), create(1, 2, 3, 20)).valid, false);
    assert.equal(verdict(create(0, 3, 3, 10), create(1, 2, 4, 20)).valid, true);
  });

  it('should refuse a number, and a change, that comes twice', () => {
    assert.equal(verdict(create(0, 3, 4, 10), create(1, 2, 4, 20)).valid, false);
    assert.equal(verdict(create(0, 3, 4, 10), create(1, 2, 5, 10)).valid, false);
    assert.equal(verdict(create(0, 3, 4, 10), create(1, 2, 5, 20)).valid, true);
  });

  it('should refuse a name without a number', () => {
    const bare = timed(0, 1, 1, 'create', { name: 's-', sequential: true }, { name: 's-', zxid: 1 }, 'p');
    const plain = timed(0, 1, 1, 'create', { name: 's-', sequential: false }, { name: 's-', zxid: 1 }, 'p');
    assert.equal(verdict(bare).valid, false);
    assert.equal(verdict(plain, create(2, 3, 0, 2)).valid, true);
  });

  it('should miss a node that was made and is not listed', () => {
    assert.equal(verdict(create(0, 1, 0, 1), create(2, 3, 1, 2), list(4, 5, 1)).valid, false);
    assert.equal(verdict(create(0, 1, 0, 1), create(2, 3, 1, 2), list(4, 5, 0, 1)).valid, true);
    assert.equal(verdict(create(0, 1, 0, 1), create(2, 5, 1, 2), list(4, 6, 0)).valid, true);
  });

  it('should not miss one that somebody may have deleted', () => {
    const made = create(0, 1, 0, 1);
    assert.equal(verdict(made, remove(2, 3, 0), list(4, 5)).valid, true);
    assert.equal(verdict(made, remove(2, 9, 0, 'info'), list(4, 5)).valid, true);
    assert.equal(verdict(made, remove(2, 3, 0, 'fail'), list(4, 5)).valid, false);
    assert.equal(verdict(made, remove(2, 3, 7), list(4, 5)).valid, false);
    assert.equal(verdict(made, remove(6, 7, 0), list(4, 5)).valid, false);
  });

  it('should look at each parent by itself', () => {
    assert.equal(verdict(create(0, 1, 4, 10, 'p'), create(2, 3, 0, 20, 'q')).valid, true);
    assert.equal(verdict(create(0, 1, 4, 10, 'p'), create(2, 3, 0, 20, 'p')).valid, false);
  });

  it('should name both nodes', () => {
    const [problem] = verdict(create(0, 1, 4, 10), create(2, 3, 3, 20)).problems;
    assert.equal(problem?.title, 'Sequential nodes s-0000000004 and s-0000000003 are out of order');
    assert.deepEqual(problem.operations, [0, 1, 2, 3]);
  });

  it('should not know where none was made, and not be asked where none was wanted', () => {
    assert.equal(verdict(list(0, 1)).valid, 'unknown');
    assert.equal(sequentialOrder.applies?.(at(...list(0, 1))), false);
    assert.equal(sequentialOrder.applies(at(...create(0, 1, 0, 1))), true);
  });

  it('should pass every service without faults, and refuse it with one number that is another', () => {
    let lies = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const history = nodes(seed);
        assert.notEqual(verdictOf(history).valid, false);
        const numbers = history.filter(({ f, type }) => f === 'create' && type === 'ok').length;
        if (numbers < 2) return;
        const wrong = changed(history, createRandom(`lies/${seed}`), (entry) => {
          if (entry.f !== 'create' || entry.type !== 'ok' || !isJsonObject(entry.value)) return undefined;
          const number = Number(nameIn(entry.value).slice(2));
          const other = number === 0 ? numbers : number - 1;
          return { ...entry, value: { ...entry.value, name: nameOf(other) } };
        });
        assert.ok(wrong !== undefined);
        lies++;
        assert.equal(verdictOf(wrong).valid, false);
      }),
      { numRuns: 100 },
    );
    assert.ok(lies > 50, `only ${lies}`);
  });
});
