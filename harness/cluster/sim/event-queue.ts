/**
 * What is going to happen, in order: a binary heap by time, then by a draw - so that the order of events ready
 * at the same moment comes from the seed - then by age. Events know their place, so that the many timers that
 * are set and cancelled leave nothing behind.
 */
import { checksumOf } from './checksum.ts';

/** Whom or what events concern: a node, a link, a file. Made once and shared by all events that concern it. */
export interface Subject {
  readonly name: string;
  /** Of the name, for the world's checksum. */
  readonly bits: number;
}

/** A subject of this name. */
export function subjectOf(name: string): Subject {
  return { name, bits: checksumOf(name) };
}

/** Something that is going to happen. */
export interface SimEvent {
  /** Nanoseconds of virtual time. */
  readonly time: number;
  /** Drawn; decides between events of the same time. */
  readonly tie: number;
  readonly sequence: number;
  /** What kind of thing it is, for checksum and journal. */
  readonly kind: number;
  readonly subject: Subject;
  /** What comes with it - a message, a request - for the journal. */
  readonly content: unknown;
  readonly run: () => void;
  /** Where it lies in the heap; -1 when it does not. */
  place: number;
}

/** The heap. */
export class EventQueue {
  readonly #heap: SimEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(event: SimEvent): void {
    event.place = this.#heap.length;
    this.#heap.push(event);
    this.#rise(event);
  }

  /** Takes the next event; undefined when there is none. */
  pop(): SimEvent | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes an event out, wherever it is. False when it is not here. */
  remove(event: SimEvent): boolean {
    const { place } = event;
    if (place < 0) return false;
    event.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === event) return true;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
    return true;
  }

  #put(event: SimEvent, place: number): void {
    this.#heap[place] = event;
    event.place = place;
  }

  #rise(event: SimEvent): void {
    while (event.place > 0) {
      const { place } = event;
      const parent = this.#heap[(place - 1) >> 1];
      if (parent === undefined || isBefore(parent, event)) return;
      this.#put(event, parent.place);
      this.#put(parent, place);
    }
  }

  #sink(event: SimEvent): void {
    for (;;) {
      const { place } = event;
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(event, child)) return;
      this.#put(event, child.place);
      this.#put(child, place);
    }
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.sequence < b.sequence;
}
