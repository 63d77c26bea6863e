/**
 * Small random histories of clients that keep their process from one operation to the next, as those of locks do, and what a
 * monitor's verdict on them is held to: the oracle's verdict, a witness that is an order, a conflict that is one by itself.
 */
import assert from 'node:assert/strict';
import type { History } from '../../../../../harness/history/operation.ts';
import type { Json } from '../../../../../harness/json.ts';
import { createRandom, type Random } from '../../../../../harness/random.ts';
import { NEVER, type Calls } from '../../../../../checkers/linearizable/calls.ts';
import type { Monitor } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { Choice, type Model } from '../../../../../checkers/models/model.ts';
import { history, type Entry } from '../../histories.ts';
import { isLinearizable } from '../oracle.ts';

const OPERATIONS_MAX = 12;
const CLIENTS_MAX = 5;

/** An operation that a client may try. */
export interface Attempt {
  readonly f: string;
  readonly argument: Json;
  /** What it may give. The first that the model allows is the true one. */
  readonly results: readonly Json[];
}

/** A monitor, the model that it knows, and what its clients do. */
export interface Subject {
  readonly model: Model;
  readonly monitor: Monitor;
  /** A first state for `model.init`. */
  init(random: Random): Json;
  /** The next operation of a client that has done these before. */
  next(random: Random, before: readonly Attempt[]): Attempt;
}

/** How often which verdict came up, and the size of conflicts. */
export interface Tally {
  readonly verdicts: Record<'true' | 'false' | 'inapplicable', number>;
  conflictMax: number;
}

interface Client {
  process: number;
  readonly before: Attempt[];
  running: Attempt | undefined;
  /** Set when the operation has taken effect. */
  result: Json | undefined;
}

class Play {
  readonly #random: Random;
  readonly #subject: Subject;
  readonly #entries: Entry[] = [];
  readonly #clients: Client[];
  readonly #rates: { readonly crash: number; readonly lie: number };
  #state: unknown;
  #left: number;
  #processes: number;

  constructor(random: Random, subject: Subject, init: Json) {
    this.#random = random;
    this.#subject = subject;
    this.#state = subject.model.init(init);
    this.#left = 2 + random.int(OPERATIONS_MAX - 1);
    this.#processes = 1 + random.int(CLIENTS_MAX);
    this.#clients = Array.from({ length: this.#processes }, (_, process) => fresh(process));
    this.#rates = {
      crash: random.chance(0.5) ? 0 : random.between(0, 0.3),
      lie: random.chance(0.3) ? 0 : random.between(0, 0.2),
    };
  }

  run(): History {
    // Clients may wait for each other for ever.
    for (let tick = 0; tick < 12 * OPERATIONS_MAX; tick++) this.#act(this.#random.pick(this.#clients));
    return history(...this.#entries);
  }

  #act(client: Client): void {
    const { running, process } = client;
    if (running === undefined) {
      if (this.#left === 0) return;
      this.#left--;
      const attempt = this.#subject.next(this.#random, client.before);
      client.running = attempt;
      this.#entries.push([process, 'invoke', attempt.f, attempt.argument]);
      return;
    }
    if (client.result === undefined && this.#random.chance(0.7)) this.#takeEffect(client, running);
    const { crash, lie } = this.#rates;
    if (this.#random.chance(crash)) {
      this.#end(client, running, 'info', running.argument);
      return;
    }
    if (this.#random.chance(lie)) {
      this.#end(client, running, 'ok', this.#random.pick(running.results));
      return;
    }
    if (client.result === undefined) {
      if (this.#random.chance(0.02)) this.#end(client, running, 'fail', running.argument);
    } else if (this.#random.chance(0.5)) this.#end(client, running, 'ok', client.result);
  }

  #takeEffect(client: Client, { f, argument, results }: Attempt): void {
    for (const result of results) {
      const after = this.#subject.model.step(this.#state, { f, argument, result });
      assert.ok(!(after instanceof Choice));
      if (after === undefined) continue;
      this.#state = after;
      client.result = result;
      return;
    }
  }

  #end(client: Client, attempt: Attempt, type: 'ok' | 'info' | 'fail', value: Json): void {
    this.#entries.push([client.process, type, attempt.f, value]);
    if (type === 'ok') client.before.push(attempt);
    if (type === 'info') {
      client.process = this.#processes++;
      client.before.length = 0;
    }
    client.running = client.result = undefined;
  }
}

const fresh = (process: number): Client => ({ process, before: [], running: undefined, result: undefined });

/** The history of these calls alone. */
function restricted(whole: History, { columns }: Calls, calls: readonly number[]): History {
  const kept = new Set(calls.flatMap((call) => [columns.invoked[call], columns.returned[call]]));
  return whole.filter(({ index }) => kept.has(index));
}

/** Fails unless the order has all completed calls, keeps to real time and is allowed by the model. */
function requireWitness(calls: Calls, model: Model, init: Json, order: readonly number[]): void {
  const { invoked, returned } = calls.columns;
  assert.equal(new Set(order).size, order.length, 'a call stands twice in the order');
  for (let call = 0; call < calls.length; call++) {
    const isPure = model.pure?.(calls.operation(call)) === true;
    assert.ok(order.includes(call) || (calls.hasCrashed(call) && (isPure || returned[call] === NEVER)));
  }
  let state = model.init(init);
  let latest = -1;
  for (const call of order) {
    assert.ok((returned[call] ?? 0) > latest, 'the order is not that of real time');
    latest = Math.max(latest, invoked[call] ?? 0);
    const after = model.step(state, calls.operation(call));
    assert.notEqual(after, undefined, 'the model does not allow the order');
    state = after;
  }
}

function checkOne(subject: Subject, init: Json, recorded: History, tally: Tally): void {
  const { model, monitor } = subject;
  const calls = recordCalls(recorded);
  const verdict = monitor.check(calls, model.init(init));
  tally.verdicts[`${verdict.valid}`]++;
  if (verdict.valid === 'inapplicable') return;
  assert.equal(verdict.valid, isLinearizable(recorded, model, init));
  if (verdict.valid) {
    assert.ok(verdict.order !== undefined);
    requireWitness(calls, model, init, verdict.order());
    return;
  }
  const { conflict } = verdict;
  assert.deepEqual(
    conflict,
    [...new Set(conflict)].sort((a, b) => a - b),
  );
  assert.equal(
    isLinearizable(restricted(recorded, calls, conflict), model, init),
    false,
    'no conflict by itself',
  );
  tally.conflictMax = Math.max(tally.conflictMax, conflict.length);
}

/** Checks so many histories from a seed; a failure names the history. */
export function fuzz(subject: Subject, seed: string, histories: number): Tally {
  const tally: Tally = { verdicts: { true: 0, false: 0, inapplicable: 0 }, conflictMax: 0 };
  const root = createRandom(seed);
  for (let number = 0; number < histories; number++) {
    const random = root.fork(number);
    const init = subject.init(random);
    const recorded = new Play(random, subject, init).run();
    try {
      checkOne(subject, init, recorded, tally);
    } catch (error) {
      const lines = recorded.map((entry) => JSON.stringify(entry)).join('\n');
      throw new Error(`history ${number} of seed ${seed}, init ${JSON.stringify(init)}:\n${lines}`, {
        cause: error,
      });
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
