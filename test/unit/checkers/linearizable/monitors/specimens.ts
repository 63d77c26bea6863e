/**
 * Small random histories of a specimen: the object as it should be, used by clients each of which has one operation, and at most one
 * answer that is made a lie.
 */
import type { Operation } from '../../../../../harness/history/operation.ts';
import { equal, type Json } from '../../../../../harness/json.ts';
import type { Random } from '../../../../../harness/random.ts';
import type { Drawn } from './held.ts';

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

interface Running {
  readonly process: number;
  readonly f: string;
  readonly value: Json;
  result: Json | undefined;
}

/** A history of the specimen. */
export function useSpecimen(specimen: Specimen, random: Random): Drawn {
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
  const recorded = random.chance(0.6) ? withLie(random, specimen, entries) : entries;
  return { recorded, init: specimen.init };
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
