/**
 * Simulated clusters as a property for fast-check: each run draws operations, faults and conditions from fast-check's
 * random source, so that its seed and path repeat it, and a failure shrinks to a few operations and faults.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import type { FaultFamily } from '../cluster/fault.ts';
import { importUserModule } from '../entry-points.ts';
import { UsageError } from '../errors.ts';
import { rate, timeLimit } from '../generator/index.ts';
import { perfectOutcomes, simulate } from '../generator/simulate.ts';
import { findWorkload, loadTargetNow } from '../run/load-target.ts';
import { operationsOf } from '../run/script.ts';
import type { Target } from '../run/target.ts';
import { fromHere, quoted } from '../shell.ts';
import { createRunDirectory } from '../store/directory.ts';
import { NANOS_PER_MS, parseDuration } from '../time.ts';
import { ScenarioArbitrary } from './arbitrary.ts';
import { describeScenario } from './describe.ts';
import { evaluatorHere, type Failure, type Outcome } from './evaluate.ts';
import type { Kit } from './kit.ts';
import { addressesOf, standardCheckers } from './own-kit.ts';
import { writeRepro } from './repro.ts';
import type { Scenario } from './scenario.ts';
import { digestOf, rulesOf } from './shrink.ts';
import { drawScenario, type SearchSpace } from './swarm.ts';

/** What the runs of a property are like; all of it has a default. */
export interface ClusterPropertyOptions {
  /** A broken version of the target. */
  readonly variant?: string;
  /** What clients do; the target's first workload unless given. */
  readonly workload?: string;
  /** The target's own number unless given. */
  readonly nodes?: number;
  /** Client threads; 5 unless given. */
  readonly concurrency?: number;
  /** Operations a simulated second over all clients; 50 unless given. */
  readonly rate?: number;
  /** From `splitbrain/nemesis`; each run draws some of them. None unless given. */
  readonly faults?: readonly FaultFamily[];
  /** How long clients work, simulated; `5s` unless given. */
  readonly timeLimit?: string;
  /** How long a client waits for an operation, simulated; `1s` unless given. */
  readonly operationTimeout?: string;
  /** Real time for shrinking a failure; `30s` unless given. Mocha's time-out must be longer. */
  readonly shrinkBudget?: string;
  /** The store in which `repro.json` is written; `store` unless given. */
  readonly out?: string;
}

/** A failure of a run, and where it was written. */
interface Found {
  readonly failure: Failure;
  readonly file: string | undefined;
}

/**
 * The property that the target keeps its promises in a simulated cluster.
 *
 * A run of which nobody can say whether it was right counts as none, as if it had not met fast-check's `pre`.
 *
 * @param target - the target, or the path or URL of the module whose default export it is; by path or URL a
 * `repro.json` can be written that repeats the failure elsewhere
 *
 * @throws UsageError when the target is none, or an option is wrong
 *
 * @example
 * ```ts
 * import { clusterProperty, fc } from 'splitbrain/explore';
 * import { kill, partition } from 'splitbrain/nemesis';
 *
 * it('should keep its promises', async () => {
 *   const target = new URL('./my-target.ts', import.meta.url);
 *   await fc.assert(clusterProperty(target, { nodes: 3, faults: [partition, kill], timeLimit: '5s' }));
 * });
 * ```
 */
export function clusterProperty(
  target: Target | string | URL,
  options: ClusterPropertyOptions = {},
): fc.IAsyncPropertyWithHooks<[Scenario]> {
  return new ClusterRuns(target, options).property;
}

/** The runs of one property. */
class ClusterRuns {
  readonly #target: Target;
  /** URL of the target's module, if it is known. */
  #module: string | undefined;
  readonly #options: ClusterPropertyOptions;
  readonly #draw: (seed: number) => Scenario;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #found = new WeakMap<Scenario, Found>();
  #kit: Kit | undefined;
  /** What is shrunk, from when on; and where it is written. */
  #first: { readonly kind: string; readonly time: number; readonly directory: string } | undefined;

  constructor(target: Target | string | URL, options: ClusterPropertyOptions) {
    this.#module = moduleOf(target);
    this.#target = this.#module === undefined ? (target as Target) : loadTargetNow(this.#module);
    this.#options = options;
    this.#draw = drawing(this.#target, this.#module, options);
  }

  get property(): fc.IAsyncPropertyWithHooks<[Scenario]> {
    const kit = { target: this.#target, families: this.#options.faults ?? [] };
    const budgetMs = durationOf('shrinkBudget', this.#options.shrinkBudget ?? '30s');
    const goesOn = (): boolean =>
      this.#first === undefined || performance.now() - this.#first.time < budgetMs;
    const scenarios = new ScenarioArbitrary(this.#draw, rulesOf(kit), goesOn);
    return fc.asyncProperty(
      scenarios.map((scenario) => this.#printed(scenario)),
      (scenario) => this.#run(scenario),
    );
  }

  /** Throws what failed. */
  async #run(scenario: Scenario): Promise<void> {
    const { valid, failure } = await this.#outcomeOf(scenario);
    fc.pre(valid !== 'unknown');
    if (failure === undefined || (this.#first !== undefined && failure.kind !== this.#first.kind)) return;
    this.#found.set(scenario, { failure, file: this.#write(scenario, failure) });
    throw new Error(`${failure.kind}: ${failure.summary}`);
  }

  /** Shrinking comes to the same scenario more than once. */
  async #outcomeOf(scenario: Scenario): Promise<Outcome> {
    this.#kit ??= await this.#loadKit();
    const digest = digestOf(scenario);
    const outcome = this.#outcomes.get(digest) ?? (await evaluatorHere(this.#kit).evaluate(scenario));
    this.#outcomes.set(digest, outcome);
    return outcome;
  }

  async #loadKit(): Promise<Kit> {
    const target = this.#target;
    // A target that was handed over can be named if it is the default export of its own nodes' module.
    if (this.#module === undefined && (await importUserModule(target.nodeModule))['default'] === target)
      this.#module = target.nodeModule;
    return {
      addresses: addressesOf(this.#module ?? ''),
      target,
      families: this.#options.faults ?? [],
      standardCheckers: await standardCheckers(),
    };
  }

  /** Each failure over the one before, so that what is left in the end is the smallest. */
  #write(scenario: Scenario, failure: Failure): string | undefined {
    const { out = 'store' } = this.#options;
    this.#first ??= {
      kind: failure.kind,
      time: performance.now(),
      directory:
        this.#module === undefined
          ? ''
          : createRunDirectory(out, this.#target.name, new Date(), scenario.seed),
    };
    if (this.#module === undefined) return undefined;
    const named = { ...scenario, target: fileURLToPath(this.#module) };
    return writeRepro(this.#first.directory, { scenario: named, failure });
  }

  /** The scenario with the words in which fast-check prints it. */
  #printed(scenario: Scenario): Scenario {
    const printed: Scenario = { ...scenario };
    const value = (): string => wordsFor(printed, this.#found.get(printed));
    return Object.defineProperty(printed, fc.toStringMethod, { value });
  }
}

function wordsFor(scenario: Scenario, found: Found | undefined): string {
  const table = describeScenario(scenario);
  if (found === undefined) return `\n${table}\n`;
  const { failure, file } = found;
  const told =
    file === undefined
      ? "Give clusterProperty the URL of the target's module, and it writes a repro.json."
      : `Written to ${fromHere(file)}, with a test beside it. To see more: npx splitbrain replay ${quoted(fromHere(file))}`;
  return `\n${failure.kind}: ${failure.summary}\n\n${table}\n\n${told}\n`;
}

/** The URL of the target's module; undefined for a target that was handed over itself. */
function moduleOf(target: Target | string | URL): string | undefined {
  if (target instanceof URL) return target.href;
  if (typeof target !== 'string') return undefined;
  return target.startsWith('file:') ? target : pathToFileURL(resolve(target)).href;
}

/** Draws scenarios whose operations are written out: they shrink, and do not depend on what comes of them. */
function drawing(
  target: Target,
  module: string | undefined,
  options: ClusterPropertyOptions,
): (seed: number) => Scenario {
  const { variant, faults = [], concurrency = 5, nodes = target.nodes } = options;
  if (variant !== undefined && !Object.hasOwn(target.variants ?? {}, variant))
    throw new UsageError(`clusterProperty: variant: ${target.name} has no variant "${variant}"`);
  if (nodes < (target.nodesMin ?? 1))
    throw new UsageError(`clusterProperty: nodes: ${target.name} needs ${target.nodesMin ?? 1} at least`);
  const workload = findWorkload(target, options.workload);
  const timeLimitMs = durationOf('timeLimit', options.timeLimit ?? '5s');
  const perSecond = options.rate ?? 50;
  const space: SearchSpace = {
    target: module === undefined ? target.name : fileURLToPath(module),
    ...(variant === undefined ? {} : { variant }),
    workloads: [workload.name],
    nodeCounts: [nodes],
    parts: faults.map((family) => ({ family, kinds: Object.keys(family.kinds) })),
    concurrency,
    rate: perSecond,
    timeLimitMs,
    operationTimeoutMs: durationOf('operationTimeout', options.operationTimeout ?? '1s'),
    progressLimitMs: 0,
  };
  return (seed) => {
    const { rate: _, ...drawn } = drawScenario(space, String(seed));
    const work = timeLimit(timeLimitMs, rate(perSecond, workload.generator({ concurrency })));
    const history = simulate(work, perfectOutcomes, {
      clients: concurrency,
      seed: String(seed),
      operationsMax: Math.ceil((2 * perSecond * timeLimitMs) / 1000),
    });
    return { ...drawn, operations: operationsOf(history, concurrency, timeLimitMs * NANOS_PER_MS) };
  };
}

function durationOf(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`clusterProperty: ${option}: expected a duration such as 500ms or 5s, got "${text}"`);
}
