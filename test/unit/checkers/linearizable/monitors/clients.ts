/**
 * Small random histories of clients that keep their process from one operation to the next, as those of locks do. Each does what its
 * object's model allows, but for a lie now and then.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { History } from '../../../../../harness/history/operation.ts';
import type { Random } from '../../../../../harness/random.ts';
import { Choice } from '../../../../../checkers/models/model.ts';
import { history, type Entry } from '../../histories.ts';
import type { Drawn, Monitored } from './held.ts';

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
export interface Subject extends Monitored {
  /** A first state for `model.init`. */
  init(random: Random): Json;
  /** The next operation of a client that has done these before. */
  next(random: Random, before: readonly Attempt[]): Attempt;
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

/** A history of the subject's clients. */
export function playClients(subject: Subject, random: Random): Drawn {
  const init = subject.init(random);
  return { recorded: new Play(random, subject, init).run(), init };
}
