/**
 * Checks a history while it grows. Each key is followed by a frontier (frontier/live-frontier.ts), so what is held is the calls that are
 * open and not the history, and the first return that no order gets past is told as soon as it is certain.
 *
 * A search has to know what a call will answer when it is invoked. So entries wait until the calls that were invoked before them on
 * their key have ended; the verdict lags behind the test by its slowest call and no more.
 */
import { canonical, type Json } from '../../harness/json.ts';
import type { OnlineCheck, Violation } from '../../harness/history/checker.ts';
import { isClient, type Operation } from '../../harness/history/operation.ts';
import { guarded } from '../models/guard.ts';
import type { ModelOperation } from '../models/operation.ts';
import { LiveFrontier, type RestingFrontier } from './frontier/live-frontier.ts';
import { modelOfKey, type StartedModel } from './split.ts';

/** A call of which it is not yet known how it ends, or whose return has not been passed on. */
interface PendingCall {
  readonly number: number;
  readonly operation: ModelOperation;
  /** Undefined while nobody knows. */
  end: 'ok' | 'fail' | 'info' | undefined;
  result: Json | undefined;
  /** Index of its completion. */
  returned: number;
}

/** An entry that waits. */
interface Waiting {
  readonly call: PendingCall;
  readonly isReturn: boolean;
}

/** Keys whose frontiers are at work; the others rest, which takes a hundredth of the memory. */
const AWAKE_MAX = 256;

/** One key: its frontier, and the entries that wait for their turn. */
class LiveKey {
  readonly key: Json | undefined;
  readonly #whole: StartedModel;
  #frontier: LiveFrontier | undefined;
  #resting: RestingFrontier | undefined;
  #waiting: Waiting[] = [];
  #next = 0;

  constructor(key: Json | undefined, whole: StartedModel) {
    this.key = key;
    this.#whole = whole;
  }

  get isExact(): boolean {
    return this.#frontier?.isExact ?? this.#resting?.isExact ?? true;
  }

  wait(entry: Waiting): void {
    this.#waiting.push(entry);
  }

  /** Gives up its frontier for what has to be remembered, if it can; false if it is busy. */
  rest(): boolean {
    if (this.#waiting.length > 0) return false;
    this.#resting = this.#frontier?.rest();
    if (this.#resting === undefined) return this.#frontier === undefined;
    this.#frontier = undefined;
    return true;
  }

  /** Passes on what no longer has to wait; the answer is the index of the return that no order gets past, if there is one. */
  proceed(): number | undefined {
    for (let entry = this.#waiting[this.#next]; entry !== undefined; entry = this.#waiting[this.#next]) {
      const { call, isReturn } = entry;
      if (call.end === undefined) break;
      this.#next++;
      this.#frontier ??= new LiveFrontier(modelOfKey(this.#whole, this.key), this.#resting);
      if (isReturn) this.#frontier.return(call.number);
      else invoke(this.#frontier, call);
      if (this.#frontier.state === 'impossible') return call.returned;
    }
    this.#forgetPassed();
    return undefined;
  }

  #forgetPassed(): void {
    if (this.#next === this.#waiting.length) this.#waiting = [];
    else if (2 * this.#next > this.#waiting.length) this.#waiting = this.#waiting.slice(this.#next);
    else return;
    this.#next = 0;
  }
}

function invoke(frontier: LiveFrontier, { number, operation, end, result, returned }: PendingCall): void {
  if (end === 'ok') frontier.invoke(number, { ...operation, result }, returned);
  if (end === 'info') frontier.invokeCrashed(operation);
}

/** How to check. */
export interface OnlineOptions extends StartedModel {
  /** False: keys are not independent. Default true. */
  readonly split?: boolean;
}

/** Linearizability of a history that grows. Throws a ModelError when the model is at fault. */
export class OnlineLinearizability implements OnlineCheck {
  readonly #options: OnlineOptions;
  readonly #keys = new Map<string, LiveKey>();
  /** Keys that may be at work, the one used longest ago first. */
  readonly #awake = new Set<LiveKey>();
  /** The open call of each process, with its key. */
  readonly #open = new Map<number, { readonly call: PendingCall; readonly key: LiveKey }>();
  #calls = 0;

  constructor(options: OnlineOptions) {
    this.#options = options;
    guarded(options.model, 'init', undefined, () => options.model.init(options.init));
  }

  add(entry: Operation): Violation | undefined {
    if (!isClient(entry)) return undefined;
    if (entry.type === 'invoke') this.#invoke(entry);
    else return this.#complete(entry);
    return undefined;
  }

  finish(): Violation | undefined {
    for (const { call, key } of this.#open.values()) {
      call.end = 'info';
      const violation = this.#proceed(key);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  /** False if nothing wrong was found but something may be: there were too many possibilities to follow. */
  get isExact(): boolean {
    return [...this.#keys.values()].every((key) => key.isExact);
  }

  #invoke({ f, value, key, process }: Operation & { readonly process: number }): void {
    const live = this.#keyOf(key);
    const operation = { f, argument: value, result: undefined, ...(key === undefined ? {} : { key }) };
    const call: PendingCall = {
      number: this.#calls++,
      operation,
      end: undefined,
      result: undefined,
      returned: 0,
    };
    live.wait({ call, isReturn: false });
    this.#open.set(process, { call, key: live });
  }

  #complete({
    type,
    value,
    index,
    process,
  }: Operation & { readonly process: number }): Violation | undefined {
    const open = this.#open.get(process);
    if (open === undefined || type === 'invoke') return undefined;
    this.#open.delete(process);
    const { call, key } = open;
    call.end = type;
    call.returned = index;
    call.result = type === 'ok' ? value : undefined;
    if (type === 'ok') key.wait({ call, isReturn: true });
    return this.#proceed(key);
  }

  #proceed(live: LiveKey): Violation | undefined {
    const index = live.proceed();
    if (index === undefined) return undefined;
    return { index, ...(live.key === undefined ? {} : { key: live.key }) };
  }

  #keyOf(key: Json | undefined): LiveKey {
    const named = this.#options.split === false ? undefined : key;
    const name = named === undefined ? '' : canonical(named);
    let live = this.#keys.get(name);
    if (live === undefined) {
      live = new LiveKey(named, this.#options);
      this.#keys.set(name, live);
    }
    this.#awake.delete(live);
    this.#awake.add(live);
    if (this.#awake.size > AWAKE_MAX) this.#letOneRest();
    return live;
  }

  /** The key used longest ago rests or, if it is busy, is asked again later. */
  #letOneRest(): void {
    for (const key of this.#awake) {
      this.#awake.delete(key);
      if (!key.rest()) this.#awake.add(key);
      return;
    }
  }
}
