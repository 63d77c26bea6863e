/**
 * Small concurrent histories of registers with unique writes for fuzz tests, made from a list of numbers so
 * that fast-check shrinks them. A read gives what was written last, or, as often as the shape says, something
 * older: what is wrong with such a history is wrong by a little.
 */
import fc from 'fast-check';
import type { Json } from '../../../../harness/json.ts';
import type { History, Operation } from '../../../../harness/history/operation.ts';
import { TICK, type Entry } from '../histories.ts';

/** What the histories look like. */
export interface Shape {
  readonly operationsMax: number;
  readonly clients: number;
  readonly keys: number;
  /** How many versions a read may be late; the more zeros, the more often it is not. */
  readonly lags: readonly number[];
  /** How many of 12 operations are reads. */
  readonly reads: number;
  /** With compare-and-set, which expects what a read would give. */
  readonly cas?: boolean;
}

interface Open {
  readonly f: 'read' | 'write' | 'cas';
  readonly key: number;
  readonly value: number;
  /** Takes effect when it is invoked rather than when it returns. */
  readonly early: boolean;
}

/** The value that every key holds at first. */
export const INIT = 0;

class Player {
  readonly #shape: Shape;
  readonly #entries: Operation[] = [];
  readonly #open = new Map<number, Open>();
  readonly #written: number[][];
  readonly #processes: number[];
  #time = 0;
  #values = INIT;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#written = Array.from({ length: shape.keys }, () => [INIT]);
    this.#processes = Array.from({ length: shape.clients }, (_, client) => client);
  }

  get history(): History {
    return this.#entries;
  }

  /** One entry; each number decides about something. */
  play([client, kind, key, lag, time]: readonly [number, number, number, number, number]): void {
    this.#time += time;
    const place = client % this.#processes.length;
    const process = this.#processes[place] ?? 0;
    const open = this.#open.get(process);
    if (open === undefined) this.#invoke(process, kind, key % this.#shape.keys);
    else this.#complete(process, place, open, kind, lag);
  }

  #invoke(process: number, kind: number, key: number): void {
    const writes = this.#shape.cas === true && kind % 5 < 2 ? 'cas' : 'write';
    const f = kind % 12 < this.#shape.reads ? 'read' : writes;
    const open: Open = { f, key, value: f === 'read' ? 0 : ++this.#values, early: kind % 4 === 0 };
    if (open.early && f !== 'read') this.#written[key]?.push(open.value);
    this.#open.set(process, open);
    const asked =
      f === 'cas' ? [this.#late(key, kind, open.value), open.value] : f === 'read' ? null : open.value;
    this.#add(process, 'invoke', open, asked);
  }

  #complete(process: number, place: number, open: Open, kind: number, lag: number): void {
    const { f, key, value, early } = open;
    this.#open.delete(process);
    const crashes = kind % 8 === 7;
    const invoked = this.#entries.findLast((entry) => entry.process === process);
    const answer = f === 'read' ? this.#late(key, lag) : (invoked?.value ?? null);
    if (f !== 'read' && !early && (!crashes || lag % 2 === 0)) this.#written[key]?.push(value);
    if (crashes) this.#processes[place] = Math.max(...this.#processes) + 1;
    this.#add(process, crashes ? 'info' : 'ok', open, answer);
  }

  /** A value of the key, late as the shape says. */
  #late(key: number, choice: number, except?: number): number {
    const versions = (this.#written[key] ?? []).filter((value) => value !== except);
    const lag = this.#shape.lags[choice % this.#shape.lags.length] ?? 0;
    return versions[Math.max(0, versions.length - 1 - lag)] ?? INIT;
  }

  #add(process: number, type: Operation['type'], { f, key }: Open, value: Json): void {
    const named = this.#shape.keys > 1 ? { key } : {};
    this.#entries.push({ index: this.#entries.length, time: this.#time, process, type, f, value, ...named });
  }
}

/** The history with these entries, which may be more than a call takes arguments. */
export function longHistory(entries: readonly Entry[]): Operation[] {
  return entries.map(([process, type, f, value = null], index) => ({
    index,
    time: index * TICK,
    process,
    type,
    f,
    value,
  }));
}

/** Histories of that shape. */
export function registerHistories(shape: Shape): fc.Arbitrary<History> {
  const entry = fc.tuple(fc.nat(11), fc.nat(119), fc.nat(11), fc.nat(11), fc.nat(3));
  return fc.array(entry, { minLength: 4, maxLength: 2 * shape.operationsMax }).map((entries) => {
    const player = new Player(shape);
    for (const numbers of entries) player.play(numbers);
    return player.history;
  });
}
