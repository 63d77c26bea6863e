/**
 * The replicated store: values, lists, counters and sets under keys (operations.ts says which is where), and
 * transactions over lists. It knows nothing of logs and clients; sessions.ts makes a state machine of it.
 */
import { canonical, equal, type Json } from '../../harness/json.ts';
import { kindOf, type MicroOperation, type StoreQuery, type Update } from './operations.ts';
import { NOTHING, type Outcome } from './state-machine.ts';

/** What a key holds that was never changed. */
const EMPTY = { value: null, counter: 0, set: [] } as const;

const NOT_A_LIST: Outcome = { ok: false, error: 'not-a-list' };

/** Everything under its keys. */
export class Store {
  /** By canonical key. Nothing in it is changed in place: it may be on its way to a reader. */
  #values = new Map<string, Json>();

  /** Answers a question that changes nothing. */
  query({ f, key, value }: StoreQuery): Json {
    switch (f) {
      case 'read':
        return this.#held(key);
      case 'contains':
        return this.#elements(key).some((element) => equal(element, value));
      case 'txn':
        return (value as readonly MicroOperation[]).map(([step, from]) => [step, from, this.#held(from)]);
    }
  }

  /** Changes what is held, or nothing if it cannot. */
  update({ f, key, value }: Update): Outcome {
    switch (f) {
      case 'write':
        return this.#set(key, value);
      case 'cas': {
        const [expected = null, next = null] = value as Json[];
        return equal(this.#held(key), expected) ? this.#set(key, next) : { ok: false, error: 'cas-mismatch' };
      }
      case 'append':
        return this.#append(key, value);
      case 'add':
        return kindOf(key) === 'counter'
          ? this.#set(key, Number(this.#held(key)) + Number(value))
          : this.#set(key, [...this.#without(key, value), value]);
      case 'remove':
        return this.#set(key, this.#without(key, value));
      case 'txn':
        return this.#transact(value as readonly MicroOperation[]);
    }
  }

  #held(key: Json): Json {
    return this.#values.get(canonical(key)) ?? EMPTY[kindOf(key)];
  }

  #elements(key: Json): readonly Json[] {
    return this.#held(key) as readonly Json[];
  }

  #without(key: Json, value: Json): readonly Json[] {
    return this.#elements(key).filter((element) => !equal(element, value));
  }

  #set(key: Json, value: Json): Outcome {
    this.#values.set(canonical(key), value);
    return NOTHING;
  }

  #append(key: Json, value: Json): Outcome {
    const list = this.#held(key) ?? [];
    return Array.isArray(list) ? this.#set(key, [...(list as Json[]), value]) : NOT_A_LIST;
  }

  /** All steps or none: only an append can fail, and whether one will is known before. */
  #transact(steps: readonly MicroOperation[]): Outcome {
    const fails = ([step, key]: MicroOperation): boolean =>
      step === 'append' && !Array.isArray(this.#held(key) ?? []);
    if (steps.some(fails)) return NOT_A_LIST;
    const done = steps.map(([step, key, value]): Json => {
      if (step === 'r') return [step, key, this.#held(key)];
      this.#append(key, value);
      return [step, key, value];
    });
    return { ok: true, value: done };
  }

  /** Everything, in the order of keys. */
  save(): [string, Json][] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Becomes what `save` gave. */
  restore(values: readonly (readonly [string, Json])[]): void {
    this.#values = new Map(values);
  }
}
