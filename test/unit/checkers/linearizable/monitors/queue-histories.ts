/**
 * Random histories of queues, stacks and priority queues for the tests of their monitors: a real object is used by some clients
 * at once, some of which crash; then some answers are made lies. And what is expected of a monitor's verdict on any history.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { Operation } from '../../../../../harness/history/operation.ts';
import { createRandom, type Random } from '../../../../../harness/random.ts';
import { NEVER, type Calls } from '../../../../../checkers/linearizable/calls.ts';
import type { Monitor, MonitorVerdict } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { Choice, type Model } from '../../../../../checkers/models/model.ts';
import { alone, history, type Entry } from '../../histories.ts';
import { isLinearizable } from '../oracle.ts';

/** What the operations are called, and which element is next. */
export interface Kind {
  readonly model: Model;
  readonly monitor: Monitor;
  readonly insert: string;
  readonly remove: string;
  readonly peek: string;
  readonly next: (contents: readonly number[]) => number | undefined;
}

/** How wild the histories are. */
interface Wildness {
  readonly operations: number;
  readonly clients: number;
  readonly crashes: number;
  readonly peeks: number;
  readonly lies: number;
  readonly initial: number;
}

interface Open {
  readonly f: string;
  readonly argument: Json;
  result?: Json;
}

/** Uses an object with several clients at once. */
class Usage {
  readonly entries: Entry[] = [];
  readonly #kind: Kind;
  readonly #random: Random;
  readonly #wildness: Wildness;
  readonly contents: number[];
  readonly #open = new Map<number, Open>();
  readonly #values: number[];
  #invoked = 0;
  #process: number;

  constructor(kind: Kind, random: Random, wildness: Wildness, initial: readonly number[]) {
    this.#kind = kind;
    this.#random = random;
    this.#wildness = wildness;
    this.contents = [...initial];
    const fresh = Array.from({ length: wildness.operations }, (_, index) => initial.length + index + 1);
    this.#values = random.shuffle(fresh);
    this.#process = wildness.clients;
  }

  run(): void {
    const clients = Array.from({ length: this.#wildness.clients }, (_, client) => client);
    while (this.#invoked < this.#wildness.operations || this.#open.size > 0) {
      const slot = this.#random.int(clients.length);
      const process = clients[slot] ?? 0;
      const open = this.#open.get(process);
      if (open === undefined) this.#invoke(process);
      else if (open.result === undefined && this.#random.chance(0.5)) this.#apply(open);
      else if (this.#random.chance(this.#wildness.crashes)) {
        this.#open.delete(process);
        clients[slot] = this.#process++;
      } else this.#return(process, open);
    }
  }

  #invoke(process: number): void {
    if (this.#invoked === this.#wildness.operations) return;
    this.#invoked++;
    const { insert, remove, peek } = this.#kind;
    const f = this.#random.chance(this.#wildness.peeks) ? peek : this.#random.chance(0.5) ? insert : remove;
    const argument = f === insert ? (this.#values.pop() ?? 0) : null;
    this.#open.set(process, { f, argument });
    this.entries.push([process, 'invoke', f, argument]);
  }

  #apply(open: Open): void {
    const { insert, remove, next } = this.#kind;
    if (open.f === insert) {
      this.contents.push(Number(open.argument));
      open.result = open.argument;
      return;
    }
    const element = next(this.contents);
    if (open.f === remove && element !== undefined) this.contents.splice(this.contents.indexOf(element), 1);
    open.result = element ?? null;
  }

  #return(process: number, open: Open): void {
    if (open.result === undefined) this.#apply(open);
    this.#open.delete(process);
    this.entries.push([process, 'ok', open.f, open.result ?? null]);
  }
}

/** Makes lies of some answers: another element's, another answer's, or nil. */
function lie(entries: Entry[], kind: Kind, random: Random, lies: number): void {
  const answers = entries.flatMap(([, type, f], index) =>
    type === 'ok' && f !== kind.insert ? [index] : [],
  );
  const inserted = entries.flatMap(([, type, f, value]) =>
    type === 'invoke' && f === kind.insert ? [value ?? null] : [],
  );
  for (let count = 0; count < lies && answers.length > 0; count++) {
    const index = random.pick(answers);
    const [process, type, f, value] = entries[index] ?? assert.fail();
    const other = random.pick(answers);
    const [otherProcess, , otherF, otherValue] = entries[other] ?? assert.fail();
    if (random.chance(0.6)) {
      entries[index] = [process, type, f, otherValue ?? null];
      entries[other] = [otherProcess, 'ok', otherF, value ?? null];
    } else {
      entries[index] = [process, type, f, random.pick([null, ...inserted])];
    }
  }
}

/** A history and the first state. */
interface Used {
  readonly entries: Operation[];
  readonly initial: number[];
}

function randomUsage(kind: Kind, random: Random, wildness: Wildness): Used {
  const initial = random.shuffle(Array.from({ length: wildness.initial }, (_, index) => index + 1));
  const usage = new Usage(kind, random, wildness, initial);
  usage.run();
  lie(usage.entries, kind, random, wildness.lies);
  return { entries: history(...usage.entries), initial };
}

/**
 * A long true history, after which everything is taken out, and then two new elements, which are greater than all, are put in
 * and taken out one after the other in this order.
 */
export function longUsage(
  kind: Kind,
  seed: string,
  inserts: readonly number[],
  removes: readonly number[],
): Operation[] {
  const wildness = { operations: 2000, clients: 20, crashes: 0, peeks: 0.2, lies: 0, initial: 0 };
  const usage = new Usage(kind, createRandom(seed), wildness, []);
  usage.run();
  const drained: Entry[] = [];
  const left = usage.contents;
  for (let next = kind.next(left); next !== undefined; next = kind.next(left)) {
    left.splice(left.indexOf(next), 1);
    drained.push(...alone(0, kind.remove, null, next));
  }
  return history(
    ...usage.entries,
    ...drained,
    ...inserts.flatMap((element) => alone(0, kind.insert, element)),
    ...removes.flatMap((element) => alone(0, kind.remove, null, element)),
  );
}

/** What came of many histories. */
export interface Tally {
  true: number;
  false: number;
  inapplicable: number;
  /** Conflicts of more than six calls. */
  large: number;
}

/** Holds the monitor to the oracle on so many random histories. */
export function fuzz(kind: Kind, seed: string, count: number): Tally {
  const tally: Tally = { true: 0, false: 0, inapplicable: 0, large: 0 };
  for (let run = 0; run < count; run++) {
    const random = createRandom(`${seed} ${run}`);
    const wildness = {
      operations: 2 + random.int(11),
      clients: 1 + random.int(5),
      crashes: random.pick([0, 0, 0.1, 0.3]),
      peeks: random.pick([0, 0.2, 0.5]),
      lies: random.pick([0, 0, 1, 2]),
      initial: random.pick([0, 0, 0, 1, 2]),
    };
    const { entries, initial } = randomUsage(kind, random, wildness);
    const verdict = checked(kind, entries, initial);
    tally[`${verdict.valid}`]++;
    if (verdict.valid === false && verdict.conflict.length > 6) tally.large++;
  }
  return tally;
}

/** Checks a history and holds the verdict, with its evidence, to the oracle; the answer is the verdict. */
export function checked(kind: Kind, entries: Operation[], initial: Json = null): MonitorVerdict {
  const calls = recordCalls(entries);
  const verdict = kind.monitor.check(calls, kind.model.init(initial));
  const text = (): string => JSON.stringify({ initial, entries, verdict }, null, 1);
  if (verdict.valid === 'inapplicable') return verdict;
  assert.equal(verdict.valid, isLinearizable(entries, kind.model, initial), text());
  if (verdict.valid)
    assertWitness(calls, verdict.order?.() ?? assert.fail('no witness'), kind.model, initial);
  else
    assert.equal(
      isLinearizable(conflictOf(calls, entries, verdict.conflict), kind.model, initial),
      false,
      text(),
    );
  return verdict;
}

/** The entries of the calls of a conflict, which must be in order and without duplicates. */
function conflictOf(calls: Calls, entries: Operation[], conflict: readonly number[]): Operation[] {
  assert.deepEqual(
    [...new Set(conflict)].sort((a, b) => a - b),
    conflict,
  );
  const { invoked, returned } = calls.columns;
  const positions = new Set(conflict.flatMap((call) => [invoked[call], returned[call]]));
  return entries.filter(({ index }) => positions.has(index));
}

/** Asserts that the order has every completed call once, keeps real time, and is one that the model allows. */
export function assertWitness(calls: Calls, order: readonly number[], model: Model, initial: Json): void {
  const { invoked, returned } = calls.columns;
  assert.equal(new Set(order).size, order.length);
  assert.equal(order.filter((call) => returned[call] !== NEVER).length, calls.completed);
  let latest = -1;
  let state = model.init(initial);
  for (const call of order) {
    assert.ok((returned[call] ?? 0) > latest, 'the order keeps real time');
    latest = Math.max(latest, invoked[call] ?? 0);
    const after = model.step(state, calls.operation(call));
    assert.ok(
      after !== undefined && !(after instanceof Choice),
      `${JSON.stringify(calls.operation(call))} is allowed`,
    );
    state = after;
  }
}
