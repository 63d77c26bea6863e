/**
 * Holds a monitor to the oracle on random histories. A verdict must be the oracle's, a witness must be an order that explains the
 * history, and the calls of a conflict must contradict each other by themselves. And the assertions for histories made by hand.
 */
import assert from 'node:assert/strict';
import type { History } from '../../../../../harness/history/operation.ts';
import type { Json } from '../../../../../harness/json.ts';
import { createRandom, type Random } from '../../../../../harness/random.ts';
import type { Calls } from '../../../../../checkers/linearizable/calls.ts';
import type { Monitor, MonitorVerdict } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { Choice, type Model } from '../../../../../checkers/models/model.ts';
import { history, type Entry } from '../../histories.ts';
import { isLinearizable } from '../oracle.ts';

/** A monitor and the model that it knows. */
export interface Monitored {
  readonly model: Model;
  readonly monitor: Monitor;
}

/** A history, and what the model's `init` gets. */
export interface Drawn {
  readonly recorded: History;
  readonly init: Json;
}

/** How often which verdict came up, and the sizes of conflicts. */
export interface Tally {
  readonly verdicts: Record<'true' | 'false' | 'inapplicable', number>;
  /** The calls of the largest conflict, and of all conflicts together. */
  largest: number;
  conflicting: number;
}

/** Checks so many histories from a seed; a failure names the history. */
export function fuzz(
  monitored: Monitored,
  draw: (random: Random) => Drawn,
  seed: string,
  histories: number,
): Tally {
  const tally: Tally = { verdicts: { true: 0, false: 0, inapplicable: 0 }, largest: 0, conflicting: 0 };
  const root = createRandom(seed);
  for (let number = 0; number < histories; number++) {
    const { recorded, init } = draw(root.fork(number));
    try {
      const verdict = held(monitored, recorded, init);
      tally.verdicts[`${verdict.valid}`]++;
      if (verdict.valid !== false) continue;
      tally.largest = Math.max(tally.largest, verdict.conflict.length);
      tally.conflicting += verdict.conflict.length;
    } catch (error) {
      const lines = recorded.map((entry) => JSON.stringify(entry)).join('\n');
      const told = `history ${number} of seed ${seed}, init ${JSON.stringify(init)}:\n${lines}\n${String(error)}`;
      throw new Error(told, { cause: error });
    }
  }
  return tally;
}

/** Fails unless both verdicts are frequent and the monitor applied to most. */
export function requireFrequent({ verdicts }: Tally): void {
  const all = verdicts.true + verdicts.false + verdicts.inapplicable;
  const told = JSON.stringify(verdicts);
  assert.ok(verdicts.true > all / 10 && verdicts.false > all / 10, `one verdict hardly came up: ${told}`);
  assert.ok(verdicts.inapplicable < all / 3, `the monitor hardly applied: ${told}`);
}

/** The monitor's verdict; fails unless the oracle agrees with it and with its evidence. */
export function held({ model, monitor }: Monitored, recorded: History, init: Json): MonitorVerdict {
  const calls = recordCalls(recorded);
  const verdict = monitor.check(calls, model.init(init));
  if (verdict.valid === 'inapplicable') return verdict;
  assert.equal(verdict.valid, isLinearizable(recorded, model, init), JSON.stringify(verdict));
  if (verdict.valid) {
    requireWitness(calls, model, init, verdict.order?.() ?? assert.fail('no witness'));
    return verdict;
  }
  const { conflict, reason } = verdict;
  assert.ok(reason.length > 10 && !reason.endsWith('.'), reason);
  assert.deepEqual(
    conflict,
    [...new Set(conflict)].sort((a, b) => a - b),
    'the conflict is in order, without duplicates',
  );
  const alone = restricted(recorded, calls, conflict);
  assert.equal(
    isLinearizable(alone, model, init),
    false,
    `by itself the conflict ${conflict.join(' ')} is none (${reason})`,
  );
  return verdict;
}

/** The history of these calls alone. */
function restricted(whole: History, { columns }: Calls, calls: readonly number[]): History {
  const kept = new Set(calls.flatMap((call) => [columns.invoked[call], columns.returned[call]]));
  return whole.filter(({ index }) => kept.has(index));
}

/** Fails unless the order has all completed calls, none twice, keeps to real time and is allowed by the model. */
export function requireWitness(calls: Calls, model: Model, init: Json, order: readonly number[]): void {
  const { invoked, returned } = calls.columns;
  const inOrder = new Set(order);
  assert.equal(inOrder.size, order.length, 'a call stands twice in the order');
  for (let call = 0; call < calls.length; call++) {
    assert.ok(inOrder.has(call) || calls.hasCrashed(call), `call ${call} completed and is not in the order`);
  }
  let state = model.init(init);
  let latest = -1;
  for (const call of order) {
    assert.ok((returned[call] ?? 0) > latest, `call ${call} is later in the order than in real time`);
    latest = Math.max(latest, invoked[call] ?? 0);
    const after = model.step(state, calls.operation(call));
    assert.ok(after !== undefined && !(after instanceof Choice), `the model does not allow call ${call}`);
    state = after;
  }
}

/** Asserts on a monitor's verdict for the history of these entries; the object starts with `initial`. */
export class Asserted {
  readonly #monitor: Monitor;
  readonly #initial: unknown;

  constructor(monitor: Monitor, initial: unknown) {
    this.#monitor = monitor;
    this.#initial = initial;
  }

  linearizable(...entries: readonly Entry[]): void {
    assert.equal(this.#check(...entries).valid, true);
  }

  /** Not linearizable, because of these calls. */
  conflict(conflict: readonly number[], reason: RegExp, ...entries: readonly Entry[]): void {
    requireConflict(this.#check(...entries), conflict, reason);
  }

  inapplicable(why: RegExp, ...entries: readonly Entry[]): void {
    requireInapplicable(this.#check(...entries), why);
  }

  #check(...entries: readonly Entry[]): MonitorVerdict {
    return this.#monitor.check(recordCalls(history(...entries)), this.#initial);
  }
}

/** Fails unless it is not linearizable, because of these calls. */
export function requireConflict(verdict: MonitorVerdict, conflict: readonly number[], reason: RegExp): void {
  assert.ok(verdict.valid === false, `it says ${JSON.stringify(verdict)}`);
  assert.deepEqual(verdict.conflict, conflict);
  assert.match(verdict.reason, reason);
}

/** Fails unless it is linearizable in this order. */
export function requireOrder(verdict: MonitorVerdict, order: readonly number[]): void {
  assert.ok(verdict.valid === true, `it says ${JSON.stringify(verdict)}`);
  assert.deepEqual(verdict.order?.(), order);
}

/** Fails unless the monitor does not apply, for this reason. */
export function requireInapplicable(verdict: MonitorVerdict, why: RegExp): void {
  assert.ok(verdict.valid === 'inapplicable', `it says ${JSON.stringify(verdict)}`);
  assert.match(verdict.why, why);
}
