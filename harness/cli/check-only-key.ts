/**
 * Picks the operations of one key out of a history as it is read, so that one key of a huge history needs the memory
 * of that key only.
 */
import { UsageError } from '../errors.ts';
import type { Operation } from '../history/operation.ts';
import { canonical, type Json } from '../json.ts';

/** Keys that are named when there is none such. */
const KEYS_NAMED = 8;

/** A word that is not JSON is text: `unlocked`. */
export function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Collects the operations of the key that a user has named. */
export class OneKey {
  readonly #text: string;
  readonly #wanted: string;
  /** By canonical key: that which was meant, and that which has the same letters: `7` may stand for "7". */
  readonly #found: Operation[] = [];
  readonly #alike: Operation[] = [];
  readonly #others = new Set<string>();
  /** Keys of open invocations by process, since completions may leave them out. */
  readonly #open = new Map<number, Json>();

  constructor(text: string) {
    this.#text = text;
    this.#wanted = canonical(jsonOrText(text));
  }

  /** Takes the next operations in. */
  take(operations: readonly Operation[]): void {
    for (const operation of operations) {
      const key = this.#keyOf(operation);
      if (key === undefined) continue;
      const name = canonical(key);
      if (name === this.#wanted) this.#found.push(operation);
      else if (key === this.#text) this.#alike.push(operation);
      else if (this.#others.size < KEYS_NAMED) this.#others.add(name);
    }
  }

  /** The operations of the key. Throws a UsageError that names others if there are none. */
  finish(path: string): readonly Operation[] {
    if (this.#found.length > 0) return this.#found;
    if (this.#alike.length > 0) return this.#alike;
    if (this.#others.size === 0) {
      throw new UsageError(`${path}: no operation has a key; if values are [key, value], say --key tuple`);
    }
    const named = [...this.#others].join(', ');
    const more = this.#others.size < KEYS_NAMED ? '' : ', …';
    throw new UsageError(`${path}: no operation has the key ${this.#wanted}; there are ${named}${more}`);
  }

  #keyOf({ process, type, key }: Operation): Json | undefined {
    if (process === 'nemesis') return undefined;
    if (type === 'invoke') {
      if (key !== undefined) this.#open.set(process, key);
      return key;
    }
    const invoked = this.#open.get(process);
    this.#open.delete(process);
    return key ?? invoked;
  }
}
