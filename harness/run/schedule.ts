/**
 * The fault schedule: which faults begin and end when, drawn from the seed before anything starts, so that
 * the same seed gives the same faults at the same offsets however fast the machine is. Each family has a
 * stream of its own; faults of different families overlap, those of one family do not.
 */
import type { FaultPlan } from '../cluster/fault.ts';
import type { Generator, GeneratorContext, Step } from '../generator/generator.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';
import { NANOS_PER_MS } from '../time.ts';
import type { NemesisPart } from './nemesis-spec.ts';

/** A fault with its times, in milliseconds since the start of the test. */
export interface ScheduledFault {
  /** Unique in the run. */
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly plan: FaultPlan;
}

/** Every family waits this part of the interval at least, so that clients get work done between faults. */
const GAP = { least: 0.2, most: 0.8 };
/**
 * Some faults hand over to the next of their family, which begins before they end: a minority that fell behind
 * finds itself in a majority without having been healed in between.
 */
const HANDOVER = 0.3;
/** Short and long faults both find bugs that the other does not. */
const LENGTH = { least: 0.1, most: 0.9 };

/** Draws the faults of all families until the time limit; `intervalMs` is the mean time from one fault of a family to its next. */
export function drawSchedule(
  parts: readonly NemesisPart[],
  nodes: readonly NodeId[],
  random: Random,
  times: { readonly limitMs: number; readonly intervalMs: number },
): ScheduledFault[] {
  const drawn: Omit<ScheduledFault, 'id'>[] = [];
  for (const { family, kinds } of parts) {
    const stream = random.fork(family.name);
    const favourites = kinds.filter((kind) => family.favourites?.includes(kind));
    const nextKind = dealer([...kinds, ...favourites], stream.fork('kinds'));
    let clock = stream.between(GAP.least, GAP.most) * times.intervalMs;
    while (clock < times.limitMs) {
      const plan = family.plan(nextKind(), nodes, stream);
      const end = Math.min(
        times.limitMs,
        clock + stream.between(LENGTH.least, LENGTH.most) * times.intervalMs,
      );
      drawn.push({ start: Math.round(clock), end: Math.round(end), plan });
      const gap = stream.between(GAP.least, GAP.most) * times.intervalMs;
      clock = stream.chance(HANDOVER) ? end : end + gap;
    }
  }
  drawn.sort((a, b) => a.start - b.start);
  return drawn.map((fault, id) => ({ id, ...fault }));
}

/** Kinds in a drawn order: all of them come up before any comes up again, so that a short test meets them all. */
function dealer(deck: readonly string[], random: Random): () => string {
  let left: string[] = [];
  return () => {
    if (left.length === 0) left = random.shuffle(deck);
    return left.pop() ?? '';
  };
}

interface Timed {
  readonly at: number;
  readonly f: string;
  readonly fault: ScheduledFault;
}

/** The schedule as operations of the nemesis: `start-<family>` and `stop-<family>`, each at its time. */
export function scheduleGenerator(schedule: readonly ScheduledFault[]): Generator {
  const steps: Timed[] = schedule.flatMap((fault) => [
    { at: fault.start, f: `start-${fault.plan.family}`, fault },
    { at: fault.end, f: `stop-${fault.plan.family}`, fault },
  ]);
  // At the same time what begins comes first: that is how one hands over to another.
  const begins = ({ f }: Timed): number => (f.startsWith('start-') ? 0 : 1);
  steps.sort((a, b) => a.at - b.at || begins(a) - begins(b));
  return new Scheduled(steps, 0);
}

class Scheduled implements Generator {
  readonly #steps: readonly Timed[];
  readonly #position: number;

  constructor(steps: readonly Timed[], position: number) {
    this.#steps = steps;
    this.#position = position;
  }

  next(context: GeneratorContext): Step {
    const step = this.#steps[this.#position];
    if (step === undefined) return undefined;
    if (!context.free.includes('nemesis')) return 'pending';
    const { id, plan } = step.fault;
    const value = step.f.startsWith('start-') ? { id, kind: plan.kind, parameters: plan.parameters } : { id };
    return {
      operation: { f: step.f, value, time: step.at * NANOS_PER_MS, thread: 'nemesis' },
      next: new Scheduled(this.#steps, this.#position + 1),
    };
  }

  update(): Generator {
    return this;
  }
}
