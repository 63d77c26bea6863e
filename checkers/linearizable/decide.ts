/**
 * Decides some calls: by a monitor, where the model has one whose conditions hold; else by searches that take turns, since nobody
 * knows beforehand which of them will be quick. Where operations crashed, a relaxed pass is among them, from where the first of them is open.
 */
import { type Calls, NEVER } from './calls.ts';
import { BreadthFirst } from './frontier/breadth-first.ts';
import { DepthFirst } from './frontier/depth-first.ts';
import type { MonitorVerdict } from './monitors/monitor.ts';
import type { Algorithm, Decision, Reduction, Search, SearchLimits } from './search.ts';
import type { StartedModel } from './split.ts';
import { StateMachine } from './state-machine.ts';
import { WingGongLowe } from './wgl/search.ts';

/** How to go about it. */
export interface DecideOptions extends SearchLimits {
  readonly algorithm: Algorithm;
  readonly without: ReadonlySet<Reduction>;
}

/** By a monitor. */
export interface MonitorFound {
  readonly kind: 'monitor';
  readonly by: string;
  readonly verdict: Exclude<MonitorVerdict, { readonly valid: 'inapplicable' }>;
}

/** By searching, or not at all. */
export interface SearchFound {
  readonly kind: 'search';
  readonly by: string;
  readonly decision: Decision | 'deadline' | 'memory';
  readonly configurations: number;
  /** The search that decided, or was the last at work. */
  readonly search: Search;
}

/** By nobody, since the algorithm allows monitors only, and none applies. */
export interface NobodyFound {
  readonly kind: 'nobody';
  readonly why: string;
}

/** Decides calls on one object. */
export class Decider {
  /** A machine that knows nothing of any history. */
  readonly machine: StateMachine;
  readonly #started: StartedModel;

  constructor(started: StartedModel) {
    this.#started = started;
    this.machine = new StateMachine(started.model, started.init);
  }

  /** Decides the calls by that algorithm. Throws a ModelError. */
  decide(calls: Calls, options: DecideOptions): MonitorFound | SearchFound | NobodyFound {
    const { algorithm } = options;
    if (algorithm === 'auto' || algorithm === 'monitor') {
      const found = askMonitors(calls, this.machine);
      if (found.kind === 'monitor' || algorithm === 'monitor') return found;
    }
    const machine = this.#machineFor(calls);
    const found = race(contenders(calls, machine, options), options);
    if (found.decision === 'not-linearizable') machine.recheck();
    return found;
  }

  /** Whether the calls have no order; undefined if that cannot be found out in time. */
  fails(calls: Calls, limits: SearchLimits): boolean | undefined {
    const found = this.decide(calls, { ...limits, algorithm: 'auto', without: new Set() });
    if (found.kind === 'nobody') return undefined;
    if (found.kind === 'monitor') return !found.verdict.valid;
    if (found.decision === 'linearizable') return false;
    return found.decision === 'not-linearizable' ? true : undefined;
  }

  /** A machine that knows what the model foresees of these calls, if it does. */
  #machineFor(calls: Calls): StateMachine {
    const { model, init } = this.#started;
    return model.foresee === undefined ? this.machine : new StateMachine(model, init, calls.operations());
  }
}

function askMonitors(calls: Calls, machine: StateMachine): MonitorFound | NobodyFound {
  const { model } = machine;
  const whys: string[] = [];
  for (const monitor of model.monitors ?? []) {
    const verdict = monitor.check(calls, machine.initialValue);
    if (verdict.valid !== 'inapplicable') return { kind: 'monitor', by: monitor.name, verdict };
    whys.push(`${monitor.name}: ${verdict.why}`);
  }
  const why = whys.length === 0 ? `the model ${model.name} has none` : whys.join('; ');
  return { kind: 'nobody', why: `no monitor applies (${why})` };
}

interface Contender {
  readonly make: () => Search;
  readonly machine: StateMachine;
  /** Up to that position it does what another one does, so it has no turn before the other has come there. */
  readonly from?: { readonly position: number; readonly of: Contender };
}

/** The searches that the algorithm stands for; they are made when it is their turn. */
function contenders(calls: Calls, machine: StateMachine, { algorithm, without }: DecideOptions): Contender[] {
  const isRelaxed = calls.completed < calls.length && !without.has('relaxation');
  const passes = (Kind: typeof DepthFirst | typeof BreadthFirst): Contender[] => {
    const pass = (relaxed: boolean): Contender => ({
      make: () => new Kind(calls, machine, { relaxed, without }),
      machine,
    });
    const exact = pass(false);
    const from = { position: returnsBeforeCrashes(calls), of: exact };
    return isRelaxed ? [{ ...pass(true), from }, exact] : [exact];
  };
  switch (algorithm) {
    case 'wgl':
      return [{ make: () => new WingGongLowe(calls, machine), machine }];
    case 'frontier':
      return passes(DepthFirst);
    case 'stream':
      return passes(BreadthFirst);
    default:
      return [...passes(DepthFirst), ...passes(BreadthFirst)];
  }
}

/** Calls that have returned before the first one is invoked that never returns. */
function returnsBeforeCrashes({ columns: { invoked, returned } }: Calls): number {
  const first = invoked[returned.indexOf(NEVER)] ?? NEVER;
  return returned.reduce((count, at) => (at < first ? count + 1 : count), 0);
}

/** Milliseconds of the first turn; each round of turns is so many times longer. */
const FIRST_TURN_MS = 4;
const TURN_GROWTH = 2;

/** Searches that take turns. */
function race(makers: readonly Contender[], limits: SearchLimits): SearchFound {
  const searches = new Map<Contender, Search>();
  let running = [...makers];
  const found = (search: Search, decision: SearchFound['decision']): SearchFound => {
    const configurations = [...searches.values()].reduce((sum, each) => sum + each.configurations, 0);
    return { kind: 'search', by: search.name, decision, configurations, search };
  };
  for (let turnMs = makers.length === 1 ? Infinity : FIRST_TURN_MS; ; turnMs *= TURN_GROWTH) {
    for (const contender of running.filter((each) => isDue(each, searches))) {
      const search = searches.get(contender) ?? contender.make();
      searches.set(contender, search);
      const { decision, limit } = takeTurn(search, turnMs, contender.machine, limits, [...searches.values()]);
      if (limit !== undefined) return found(furthest([...searches.values()], search), limit);
      if (decision === 'linearizable' || decision === 'not-linearizable') return found(search, decision);
      if (decision === undefined) continue;
      running = running.filter((other) => other !== contender);
      if (running.length === 0) return found(search, decision);
    }
  }
}

/** Whether a contender can do anything that another one does not do already. */
function isDue({ from }: Contender, searches: ReadonlyMap<Contender, Search>): boolean {
  return from === undefined || (searches.get(from.of)?.position ?? 0) >= from.position;
}

/** Of the searches the one that has come furthest, for what is to be said when none of them has decided; the earlier of two alike. */
function furthest(searches: readonly Search[], otherwise: Search): Search {
  return searches.reduce(
    (best, search) => (search.position > best.position ? search : best),
    searches[0] ?? otherwise,
  );
}

/** One turn of a search; it ends early when a limit of the whole is passed. */
function takeTurn(
  search: Search,
  turnMs: number,
  machine: StateMachine,
  { remainingMs, memoryBytes }: SearchLimits,
  all: readonly Search[],
): { readonly decision: Decision | undefined; readonly limit: 'deadline' | 'memory' | undefined } {
  const end = performance.now() + turnMs;
  let limit: 'deadline' | 'memory' | undefined;
  const decision = search.advance(() => {
    const bytes = all.reduce((sum, { bytes: held }) => sum + held, machine.bytes);
    if (bytes > memoryBytes) limit = 'memory';
    else if (remainingMs() < 0) limit = 'deadline';
    return limit !== undefined || performance.now() > end;
  });
  return { decision, limit: decision === undefined ? limit : undefined };
}
