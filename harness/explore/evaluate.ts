/**
 * Evaluating a scenario: run it, check it, and answer in a few numbers and words that fit through a pipe. Whoever
 * searches or shrinks asks an evaluator and need not know whether it works here or in other processes.
 */
import type { Validity } from '../history/checker.ts';
import { type History, isClient } from '../history/operation.ts';
import { isJsonObject, type Json } from '../json.ts';
import { NANOS_PER_MS } from '../time.ts';
import { decides } from '../run/verdicts.ts';
import { operationsOf } from '../run/script.ts';
import { Behaviours } from './behaviours.ts';
import type { Kit } from './kit.ts';
import type { Scenario } from './scenario.ts';
import { judge, simulate, type Judgement, type SimulatedRun } from './simulate.ts';

/** What broke. Failures of the same kind are taken for the same bug. */
export interface Failure {
  /** Name of the checker that found it; `run-away` for a node that did not give way. */
  readonly kind: string;
  /** One sentence. */
  readonly summary: string;
}

/** What an evaluation tells. */
export interface Outcome {
  readonly valid: Validity;
  /** Present when not valid. */
  readonly failure?: Failure;
  /** Why nobody knows, when the verdict is `unknown`. */
  readonly unknown?: string;
  /**
   * The verdict is `unknown` only because too little happened - nothing succeeded, or no check on which a claim rests was
   * undecided - or because of a fault that no probe saw. One run of many may be so; a search counts it apart.
   */
  readonly thin?: boolean;
  /** Client operations invoked, the final ones included. */
  readonly operations: number;
  /** Faults injected. */
  readonly faults: number;
  readonly simulatedMs: number;
  readonly checksum: string;
  /** Behaviours that were seen, as hashes; empty unless asked for. */
  readonly features: readonly number[];
  /** The scenario with its client operations written out, if asked for. */
  readonly recorded?: Scenario;
  /** The scenario with the times at which faults began that wait for something, if asked for and there are any. */
  readonly timed?: Scenario;
}

/** What to tell beyond the verdict. */
export interface Wish {
  readonly features?: boolean;
  readonly recorded?: boolean;
  readonly timed?: boolean;
}

/** Evaluates scenarios, some at a time. */
export interface Evaluator {
  /** How many it works on at once. */
  readonly width: number;
  /** Rejects with a UsageError when the scenario cannot be run at all, and a HarnessError when the harness fails. */
  evaluate(scenario: Scenario, wish?: Wish): Promise<Outcome>;
  /** Ends what it has started. Safe to call twice. */
  close(): Promise<void>;
}

/** How long each checker may take over one run. */
export const CHECK_MS = 10_000;

/** The scenario with the operations that its run performed in the place of the generator. */
export function recordedOf({ scenario, history }: SimulatedRun): Scenario {
  if (scenario.operations !== undefined) return scenario;
  const { rate: _, ...rest } = scenario;
  const before = scenario.timeLimitMs * NANOS_PER_MS;
  return { ...rest, operations: operationsOf(history, scenario.concurrency, before) };
}

/** The scenario with faults that begin when they began in its run, for whatever reason; those that did not are left out. */
export function timedOf({
  scenario,
  history,
}: Pick<SimulatedRun, 'scenario' | 'history'>): Scenario | undefined {
  if (scenario.faults.every(({ trigger }) => trigger === undefined)) return undefined;
  const begun = new Map<Json, number>();
  for (const { process, f, time, value } of history) {
    if (process === 'nemesis' && f.startsWith('start-') && isJsonObject(value))
      begun.set(value['id'] ?? null, time / NANOS_PER_MS);
  }
  const faults = scenario.faults.flatMap(({ trigger, ...fault }) => {
    const start = begun.get(fault.id);
    if (trigger === undefined) return [fault];
    return start === undefined ? [] : [{ ...fault, start, end: start + fault.end - fault.start }];
  });
  return { ...scenario, faults };
}

/** The first check that decides and has this verdict. */
export function decisive(
  { checks, claims }: Pick<Judgement, 'checks' | 'claims'>,
  valid: Validity,
): { readonly kind: string; readonly summary: string } | undefined {
  const found = checks.find((check) => check.valid === valid && decides(check.checker, claims));
  return found === undefined ? undefined : { kind: found.checker, summary: found.summary };
}

/** Evaluates in this thread, one after another. */
export function evaluatorHere(kit: Kit): Evaluator {
  return {
    width: 1,
    async evaluate(scenario, wish = {}) {
      const observer = wish.features === true ? new Behaviours() : undefined;
      const run = await simulate(scenario, kit, observer === undefined ? {} : { observer });
      return outcomeOf(run, await judge(run, kit, CHECK_MS), wish, observer?.of(run));
    },
    close: () => Promise.resolve(),
  };
}

/** An evaluation in a few numbers and words. */
export function outcomeOf(
  run: SimulatedRun,
  judgement: Judgement,
  wish: Wish,
  features: readonly number[] = [],
): Outcome {
  const failure = decisive(judgement, false);
  const timed = wish.timed === true ? timedOf(run) : undefined;
  const unknown = judgement.problems[0] ?? decisive(judgement, 'unknown')?.summary ?? judgement.doubts[0];
  return {
    valid: judgement.valid,
    ...(failure === undefined ? {} : { failure }),
    ...(judgement.valid === 'unknown' && unknown !== undefined ? { unknown } : {}),
    ...(isThin(run.history, judgement) ? { thin: true } : {}),
    operations: run.history.filter((entry) => entry.type === 'invoke' && isClient(entry)).length,
    faults: run.faults.length,
    simulatedMs: run.simulatedNs / NANOS_PER_MS,
    checksum: run.checksum,
    features,
    ...(wish.recorded === true ? { recorded: recordedOf(run) } : {}),
    ...(timed === undefined ? {} : { timed }),
  };
}

function isThin(history: History, { valid, claims, problems }: Judgement): boolean {
  if (valid !== 'unknown' || problems.length > 0) return false;
  const undecided = claims.some((claim) => claim.claimed === 'yes' && claim.valid === 'unknown');
  return !undecided || !history.some((entry) => entry.type === 'ok' && isClient(entry));
}
