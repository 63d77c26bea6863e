/**
 * The configurations that a search has entered, in columns of integers that grow: a search enters millions, and an object for
 * each would cost more than the search.
 */
import type { StepTable } from '../step-table.ts';
import { UNASKED } from '../step-table.ts';
import { storedWords, type Configuration } from './configuration.ts';
import type { Via } from './moves.ts';

/** What no entry is. */
export const NO_ENTRY = -1;

const INITIAL_ENTRIES = 1 << 4;
const COLUMNS = 5;

/** Where an entry stands, and how the search came there. */
export interface Place {
  readonly position: number;
  /** The entry that it came from, or NO_ENTRY. */
  readonly parent: number;
  readonly via: Via;
  /** The slot on which the next move depends, or NO_SLOT (moves.ts). */
  readonly last: number;
}

/** Entries, numbered from 0. */
export class Entries {
  count = 0;
  /** Words of one entry in `words`. */
  readonly stride: number;
  /** The configurations, stored one after another. */
  words: Int32Array<ArrayBuffer>;
  position = new Int32Array(INITIAL_ENTRIES);
  parent = new Int32Array(INITIAL_ENTRIES);
  via = new Int32Array(INITIAL_ENTRIES);
  last = new Int32Array(INITIAL_ENTRIES);
  /** The next in the list of those with the same position and state, or NO_ENTRY. */
  next = new Int32Array(INITIAL_ENTRIES);

  /** For configurations with masks of so many words. */
  constructor(words: number) {
    this.stride = storedWords(words);
    this.words = new Int32Array(INITIAL_ENTRIES * this.stride);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.words.byteLength + COLUMNS * this.position.byteLength;
  }

  /** Adds the configuration; the answer is the entry's number. */
  add(configuration: Configuration, { position, parent, via, last }: Place): number {
    if (this.count === this.position.length) this.#grow();
    const entry = this.count++;
    configuration.store(this.words, entry * this.stride);
    this.position[entry] = position;
    this.parent[entry] = parent;
    this.via[entry] = via;
    this.last[entry] = last;
    this.next[entry] = NO_ENTRY;
    return entry;
  }

  /** Forgets all entries. */
  clear(): void {
    this.count = 0;
  }

  /** Puts the entry at the head of the list of its position and state. */
  linkTo(entry: number, lists: StepTable): void {
    const [position, state] = [this.position[entry] ?? 0, this.words[entry * this.stride] ?? 0];
    const head = lists.get(position, state);
    this.next[entry] = head === UNASKED ? NO_ENTRY : head;
    lists.set(position, state, entry);
  }

  #grow(): void {
    this.words = doubled(this.words);
    this.position = doubled(this.position);
    this.parent = doubled(this.parent);
    this.via = doubled(this.via);
    this.last = doubled(this.last);
    this.next = doubled(this.next);
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * array.length);
  grown.set(array);
  return grown;
}
