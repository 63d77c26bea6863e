/**
 * Holds a monitor to the oracle: small random histories of an object, true ones and ones with a lie. A verdict must be the
 * oracle's, a witness must be an explanation, and the calls of a conflict must be contradictory by themselves. And the assertions
 * for histories made by hand.
 */
import assert from 'node:assert/strict';
import type { Operation } from '../../../../../harness/history/operation.ts';
import { equal, type Json } from '../../../../../harness/json.ts';
import { createRandom, type Random } from '../../../../../harness/random.ts';
import { type Calls, NEVER } from '../../../../../checkers/linearizable/calls.ts';
import type { Monitor, MonitorVerdict } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { Choice, type Model } from '../../../../../checkers/models/model.ts';
import { type Entry, history } from '../../histories.ts';
import { isLinearizable } from '../oracle.ts';

const OPERATIONS_MAX = 12;
const CLIENTS_MAX = 5;

/** The object as it should be, for one history. */
export interface Specimen {
  /** What the model's `init` gets. */
  readonly init: Json;
  /** The next operation. */
  draw(): { readonly f: string; readonly value: Json };
  /** Does the operation and gives its result. */
  run(f: string, value: Json): Json;
  /** Another result of an operation whose result is `result`. */
  lie(f: string, result: Json): Json;
}

/** What is held to the oracle. */
export interface Subject {
  readonly model: Model;
  readonly monitor: Monitor;
  specimen(random: Random): Specimen;
}

/** How often the monitor said what, and the sizes of conflicts. */
interface Tally {
  valid: number;
  invalid: number;
  inapplicable: number;
  largest: number;
  sizes: number;
}

interface Running {
  readonly process: number;
  readonly f: string;
  readonly value: Json;
  result: Json | undefined;
}

/** A history of the specimen, with at most one lie. */
function drawHistory(random: Random, specimen: Specimen): Operation[] {
  const entries: Operation[] = [];
  const clients = 1 + random.int(CLIENTS_MAX);
  const crashes = random.chance(0.5) ? random.between(0, 0.4) : 0;
  const busy = random.between(0.2, 0.8);
  let left = 2 + random.int(OPERATIONS_MAX - 1);
  let running: Running[] = [];
  let processes = 0;
  const write = (process: number, type: Operation['type'], f: string, value: Json): void => {
    entries.push({ index: entries.length, time: 1000 * entries.length, process, type, f, value });
  };
  while (left > 0 || running.length > 0) {
    if (left > 0 && (running.length === 0 || (running.length < clients && random.chance(busy)))) {
      const { f, value } = specimen.draw();
      left--;
      running.push({ process: processes++, f, value, result: undefined });
      write(processes - 1, 'invoke', f, value);
      continue;
    }
    const one = random.pick(running);
    if (one.result === undefined && random.chance(0.9)) one.result = specimen.run(one.f, one.value);
    const crashed = random.chance(crashes);
    if (!crashed && (one.result === undefined || random.chance(0.5))) continue;
    running = running.filter((other) => other !== one);
    if (!crashed) write(one.process, 'ok', one.f, one.result ?? null);
    else if (random.chance(0.5)) write(one.process, 'info', one.f, one.value);
  }
  return random.chance(0.6) ? withLie(random, specimen, entries) : entries;
}

/** One completion says something else; where the specimen has nothing else to say, another is tried. */
function withLie(random: Random, specimen: Specimen, entries: readonly Operation[]): Operation[] {
  const completions = random.shuffle(entries.filter(({ type }) => type === 'ok'));
  for (const { index, f, value } of completions) {
    const other = specimen.lie(f, value);
    if (equal(other, value)) continue;
    return entries.map((entry) => (entry.index === index ? { ...entry, value: other } : entry));
  }
  return [...entries];
}

/** Runs so many histories; throws at the first disagreement. */
export function fuzz(subject: Subject, seed: string, histories: number): Tally {
  const { model, monitor } = subject;
  const tally: Tally = { valid: 0, invalid: 0, inapplicable: 0, largest: 0, sizes: 0 };
  for (let run = 0; run < histories; run++) {
    const random = createRandom(`${seed}/${run}`);
    const object = subject.specimen(random);
    const drawn = drawHistory(random, object);
    try {
      hold(model, monitor, drawn, object.init, tally);
    } catch (error) {
      const lines = drawn.map(
        ({ process, type, f, value }) => `${process} ${type} ${f} ${JSON.stringify(value)}`,
      );
      throw new Error(
        `seed ${seed}/${run}, init ${JSON.stringify(object.init)}:\n${lines.join('\n')}\n${String(error)}`,
        { cause: error },
      );
    }
  }
  return tally;
}

/** Both verdicts must be frequent, and the monitor must decide most of the time. */
export function requireFrequent({ valid, invalid, inapplicable }: Tally): void {
  const all = valid + invalid + inapplicable;
  assert.ok(valid > all / 10, `${valid} of ${all} are linearizable`);
  assert.ok(invalid > all / 10, `${invalid} of ${all} are not linearizable`);
  assert.ok(inapplicable < all / 2, `${inapplicable} of ${all} are not decided`);
}

function hold(model: Model, monitor: Monitor, drawn: readonly Operation[], init: Json, tally: Tally): void {
  const calls = recordCalls(drawn);
  const state = model.init(init);
  const verdict = monitor.check(calls, state);
  if (verdict.valid === 'inapplicable') {
    tally.inapplicable++;
    return;
  }
  const truth = isLinearizable(drawn, model, init);
  assert.equal(verdict.valid, truth, `the monitor says ${JSON.stringify(verdict)}`);
  if (verdict.valid) {
    tally.valid++;
    requireExplanation(model, calls, state, verdict.order?.() ?? []);
    return;
  }
  const { conflict, reason } = verdict;
  tally.invalid++;
  tally.largest = Math.max(tally.largest, conflict.length);
  tally.sizes += conflict.length;
  assert.ok(reason.length > 10 && !reason.endsWith('.'), reason);
  assert.deepEqual(
    conflict,
    [...new Set(conflict)].sort((a, b) => a - b),
    'conflict in order, without duplicates',
  );
  const alone = only(drawn, calls, conflict);
  assert.ok(
    !isLinearizable(alone, model, init),
    `by itself the conflict ${conflict.join(' ')} is none (${reason})`,
  );
}

/** The entries of these calls. */
function only(drawn: readonly Operation[], calls: Calls, chosen: readonly number[]): Operation[] {
  const processes = new Set(chosen.map((call) => calls.columns.process[call]));
  return drawn.filter(({ process }) => typeof process === 'number' && processes.has(process));
}

/** The order has every completed call, no call twice, respects real time, and the model allows it. */
function requireExplanation(model: Model, calls: Calls, initial: unknown, order: readonly number[]): void {
  const { invoked, returned } = calls.columns;
  assert.equal(new Set(order).size, order.length, 'no call twice');
  const completed = order.filter((call) => returned[call] !== NEVER).length;
  assert.equal(completed, calls.completed, 'every completed call');
  let [state, latest] = [initial, -1];
  for (const call of order) {
    latest = Math.max(latest, invoked[call] ?? 0);
    assert.ok(
      (returned[call] ?? 0) > latest,
      `call ${call} returned before one that is earlier in ${order.join(' ')}`,
    );
    const next = model.step(state, calls.operation(call));
    assert.ok(
      next !== undefined && !(next instanceof Choice),
      `the model refuses call ${call} in ${order.join(' ')}`,
    );
    state = next;
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
    assert.equal(this.#check(entries).valid, true);
  }

  /** Not linearizable, because of these calls. */
  conflict(conflict: readonly number[], reason: RegExp, ...entries: readonly Entry[]): void {
    const verdict = this.#check(entries);
    assert.ok(verdict.valid === false, `it says ${JSON.stringify(verdict)}`);
    assert.deepEqual(verdict.conflict, conflict);
    assert.match(verdict.reason, reason);
  }

  inapplicable(why: RegExp, ...entries: readonly Entry[]): void {
    const verdict = this.#check(entries);
    assert.ok(verdict.valid === 'inapplicable', `it says ${JSON.stringify(verdict)}`);
    assert.match(verdict.why, why);
  }

  #check(entries: readonly Entry[]): MonitorVerdict {
    return this.#monitor.check(recordCalls(history(...entries)), this.#initial);
  }
}
