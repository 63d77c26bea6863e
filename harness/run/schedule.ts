/**
 * The fault schedule: which faults begin and end when, drawn from the seed before anything starts, so that
 * the same seed gives the same faults at the same offsets however fast the machine is. Each family has a
 * stream of its own; faults of different families overlap, those of one family do not.
 */
import { splitKind, type FaultFamily, type FaultPlan } from '../cluster/fault.ts';
import type { Generator, GeneratorContext, OperationStep, Step } from '../generator/generator.ts';
import type { JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';
import { NANOS_PER_MS } from '../time.ts';
import type { NemesisPart } from './nemesis-spec.ts';
import type { Trigger, Triggers } from './triggers.ts';

/** A fault with its times, in milliseconds since the start of the test. */
export interface ScheduledFault {
  /** Unique in the run. */
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** What it waits for, from `start` on. Then it lasts as long as from `start` to `end`. */
  readonly trigger?: Trigger;
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
      const { kind, aim } = splitKind(nextKind());
      const plan = family.plan(kind, nodes, stream, aim);
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

/** The families that a schedule draws on, and those of these names, each with the kinds that the schedule has of it. */
export function partsIn(
  schedule: readonly ScheduledFault[],
  families: readonly FaultFamily[],
  names: readonly string[] = [],
): NemesisPart[] {
  return families.flatMap((family) => {
    const own = schedule.filter(({ plan }) => plan.family === family.name);
    if (own.length === 0 && !names.includes(family.name)) return [];
    return [{ family, kinds: [...new Set(own.map(({ plan }) => plan.kind))] }];
  });
}

/**
 * The schedule as operations of the nemesis: `start-<family>` and `stop-<family>`, each at its time. Faults that wait for
 * something begin when `triggers` says that it has come about, or never.
 */
export function scheduleGenerator(
  schedule: readonly ScheduledFault[],
  triggers?: Pick<Triggers, 'due'>,
): Generator {
  return new Scheduled(schedule, [], triggers);
}

/** A fault that has begun, and when it is to end, in nanoseconds. */
interface Begun {
  readonly fault: ScheduledFault;
  readonly end: number;
}

/** What the nemesis is to do next. */
interface Due extends Begun {
  readonly at: number;
  readonly begins: boolean;
}

class Scheduled implements Generator {
  readonly #waiting: readonly ScheduledFault[];
  readonly #begun: readonly Begun[];
  readonly #triggers: Pick<Triggers, 'due'> | undefined;
  /** The answer, where it depends on no trigger: asked thousands of times before it is taken. */
  #answer: Step;

  constructor(
    waiting: readonly ScheduledFault[],
    begun: readonly Begun[],
    triggers: Pick<Triggers, 'due'> | undefined,
  ) {
    this.#waiting = waiting;
    this.#begun = begun;
    this.#triggers = triggers;
  }

  next(context: GeneratorContext): Step {
    if (this.#waiting.length === 0 && this.#begun.length === 0) return undefined;
    if (!context.free.includes('nemesis')) return 'pending';
    if (this.#answer !== undefined) return this.#answer;
    const next = this.#next();
    const step = next === undefined ? 'pending' : this.#stepTo(next);
    if (this.#waiting.every(({ trigger }) => trigger === undefined)) this.#answer = step;
    return step;
  }

  #stepTo({ at, begins, fault, end }: Due): OperationStep {
    const { id, plan, trigger } = fault;
    const waited = trigger === undefined ? {} : { trigger: trigger as unknown as JsonObject };
    const value = begins ? { id, kind: plan.kind, parameters: plan.parameters, ...waited } : { id };
    const f = `${begins ? 'start' : 'stop'}-${plan.family}`;
    const rest = begins
      ? new Scheduled(without(this.#waiting, fault), [...this.#begun, { fault, end }], this.#triggers)
      : new Scheduled(
          this.#waiting,
          this.#begun.filter((other) => other.fault !== fault),
          this.#triggers,
        );
    return { operation: { f, value, time: at, thread: 'nemesis' }, next: rest };
  }

  /** The earliest of what is known. At the same time what begins comes first: that is how one hands over to another. */
  #next(): Due | undefined {
    const known: Due[] = [
      ...this.#waiting.flatMap((fault) => {
        const at = this.#startOf(fault);
        return at === undefined ? [] : [{ at, begins: true, fault, end: endOf(fault, at) }];
      }),
      ...this.#begun.map((begun) => ({ at: begun.end, begins: false, ...begun })),
    ];
    const earlier = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.begins && !b.begins);
    return known.reduce<Due | undefined>(
      (least, due) => (least === undefined || earlier(due, least) ? due : least),
      undefined,
    );
  }

  /** In nanoseconds; undefined while it waits. */
  #startOf({ id, start, trigger }: ScheduledFault): number | undefined {
    return trigger === undefined ? Math.round(start * NANOS_PER_MS) : this.#triggers?.due(id);
  }

  update(): Generator {
    return this;
  }
}

function endOf({ start, end, trigger }: ScheduledFault, at: number): number {
  return Math.round(trigger === undefined ? end * NANOS_PER_MS : at + (end - start) * NANOS_PER_MS);
}

function without(faults: readonly ScheduledFault[], gone: ScheduledFault): ScheduledFault[] {
  return faults.filter((fault) => fault !== gone);
}
