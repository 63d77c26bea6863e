/**
 * From the command line to a plan: every option of `splitbrain test` is checked here, before anything
 * starts, and what is wrong is named with what would be right.
 */
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { Runtime } from '../cluster/cluster.ts';
import { didYouMean, messageOf, UsageError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { nodeNames } from '../run/cluster-nodes.ts';
import type { GivenFault } from '../run/given-faults.ts';
import { type Ground, type NemesisPart, sparesWanted } from '../run/nemesis-spec.ts';
import { canProveProgress } from '../run/progress.ts';
import type { TestPlan } from '../run/results.ts';
import type { Target, Workload } from '../run/target.ts';
import { quoted } from '../shell.ts';
import { makeDirectory } from '../store/directory.ts';
import { parseDuration } from '../time.ts';
import { version } from '../version.ts';

/** The options of `splitbrain test` as they are typed. */
export interface TestOptions {
  readonly runtime?: string;
  readonly workload?: string;
  readonly nemesis: string;
  /** A file of faults, in the place of `nemesis`. */
  readonly schedule?: string;
  readonly interval: string;
  readonly nodes?: string;
  readonly spares?: string;
  readonly concurrency: string;
  readonly rate?: string;
  readonly timeLimit: string;
  readonly operationTimeout: string;
  readonly progressLimit?: string;
  readonly seed?: string;
  readonly variant?: string;
  /** Settings of the simulator, as text. */
  readonly sim?: string;
  readonly testCount: string;
  readonly failFast?: boolean;
  readonly verifyDeterminism?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** All that the options name, found and checked. */
export interface Prepared {
  readonly target: Target;
  readonly targetModule: string;
  readonly workload: Workload;
  readonly runtime: Runtime;
  readonly nemesis: readonly NemesisPart[];
  /** Exactly these faults, where a file gives them. */
  readonly faults?: readonly GivenFault[];
  readonly plan: Omit<TestPlan, 'seed' | 'runId' | 'started' | 'command'>;
}

/** A whole number of at least `least`. */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && text.trim() !== '') return value;
  throw new UsageError(`${option}: expected a whole number of at least ${least}, got "${text}"`);
}

/** A duration in milliseconds. */
export function duration(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`${option}: expected a duration such as 500ms, 30s or 2m, got "${text}"`);
}

/** `10`, or `2n` for twice the number of nodes. */
export function concurrencyOf(text: string, nodes: number): number {
  const perNode = /^(\d+)n$/.exec(text);
  return perNode === null
    ? wholeNumber('--concurrency', text, 1)
    : wholeNumber('--concurrency', perNode[1] ?? '', 1) * nodes;
}

/** The directory that `--out` names, made before anything takes time. */
export function outDirectory(path: string): string {
  try {
    makeDirectory(resolve(path));
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--out: cannot write into the directory ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return path;
}

/** Throws a UsageError when the target has no such variant. */
export function requireVariant(target: Target, name: string | undefined): void {
  const variants = Object.keys(target.variants ?? {});
  if (name === undefined || variants.includes(name)) return;
  const known = variants.length === 0 ? 'it has none' : `it has ${variants.join(', ')}`;
  throw new UsageError(
    `--variant: ${target.name} has no variant "${name}"${didYouMean(name, variants)}; ${known}`,
  );
}

/** In the simulator, where it costs next to nothing, a majority is left alone for up to so long without being asked. */
const SIM_PROGRESS_MS = 10_000;

/** Milliseconds in which a majority that is left alone must make progress; 0 for not at all. */
export function progressLimitOf(
  { progressLimit, operationTimeout }: Pick<TestOptions, 'progressLimit' | 'operationTimeout'>,
  { target, workload, runtime }: Pick<Prepared, 'target' | 'workload' | 'runtime'>,
): number {
  const provable = canProveProgress(target, workload);
  const timeoutMs = duration('--operation-timeout', operationTimeout);
  if (progressLimit === undefined)
    return provable && runtime.name === 'sim' ? Math.max(SIM_PROGRESS_MS, 3 * timeoutMs) : 0;
  if (parseDuration(progressLimit) === 0) return 0;
  const ms = duration('--progress-limit', progressLimit);
  if (!provable)
    throw new UsageError(
      `--progress-limit: there is nothing to limit: ${target.name} must claim progress (a claim with the checker "progress"), ` +
        `and the workload ${workload.name} must have a progressGenerator; leave the option out`,
    );
  // A client that hangs on a node that was taken away must be able to move on and try again.
  if (ms >= 2 * timeoutMs) return ms;
  throw new UsageError(
    `--progress-limit: expected at least twice the --operation-timeout of ${operationTimeout}, got "${progressLimit}"`,
  );
}

/** Settings of the simulator, the usual ones with what `--sim` changes; none for other runtimes. */
async function settingsOf({ name }: Runtime, { sim }: TestOptions): Promise<{ settings?: JsonObject }> {
  if (name === 'sim') {
    const { DEFAULT_SETTINGS } = await import('../cluster/sim/options.ts');
    const { settingsFromText } = await import('../cluster/sim/settings-text.ts');
    return { settings: sim === undefined ? DEFAULT_SETTINGS : settingsFromText('--sim', sim) };
  }
  if (sim === undefined) return {};
  throw new UsageError(
    `--sim: settings of the simulator, which ${name} is not; add --runtime sim, or leave it out`,
  );
}

/** Finds and checks everything that the command line names. Throws UsageError. */
export async function prepare(reference: string, options: TestOptions): Promise<Prepared> {
  const registry = await import('./registry.ts');
  const { findWorkload, loadTarget, requireClaims, targetModuleOf } = await import('../run/load-target.ts');
  const { standardCheckers } = await import('../explore/own-kit.ts');
  const targetModule = targetModuleOf(reference, registry.targets);
  const target = await loadTarget(targetModule);
  requireClaims(target, await standardCheckers());
  if (options.seed?.trim() === '')
    throw new UsageError('--seed: expected a number or a word; left out, one is drawn');
  const count =
    options.nodes === undefined ? target.nodes : wholeNumber('--nodes', options.nodes, target.nodesMin ?? 1);
  const nodes = nodeNames(count);
  requireVariant(target, options.variant);
  const workload = findWorkload(target, options.workload);
  const runtime = registry.findRuntime(options.runtime ?? 'docker');
  const asked = await faultsOf(options, { families: registry.faults, runtime, nodes, target });
  const mistake = target.variants?.[options.variant ?? '']?.mistake;
  return {
    target,
    targetModule,
    workload,
    runtime,
    nemesis: asked.nemesis,
    ...(asked.faults === undefined ? {} : { faults: asked.faults }),
    plan: {
      target: reference,
      targetName: target.name,
      ...(options.variant === undefined ? {} : { variant: options.variant }),
      ...(mistake === undefined ? {} : { mistake }),
      runtime: runtime.name,
      // Written out, so that the run can be repeated when what is usual has changed.
      ...(await settingsOf(runtime, options)),
      workload: workload.name,
      nemesis: asked.text,
      ...(options.schedule === undefined ? {} : { scheduleFile: options.schedule }),
      intervalMs: options.schedule === undefined ? duration('--interval', options.interval) : 0,
      nodes,
      ...sparesOf(options.spares, asked.nemesis, { runtime, after: count }),
      concurrency: concurrencyOf(options.concurrency, count),
      ...(options.rate === undefined ? {} : { rate: wholeNumber('--rate', options.rate, 1) }),
      timeLimitMs: duration('--time-limit', options.timeLimit),
      operationTimeoutMs: duration('--operation-timeout', options.operationTimeout),
      progressLimitMs: progressLimitOf(options, { target, workload, runtime }),
      ...(options.failFast === true ? { failFast: true } : {}),
      versions: { splitbrain: version(), node: process.versions.node },
    },
  };
}

/** What is asked for of faults, and how a plan says it. */
interface AskedFaults {
  readonly nemesis: readonly NemesisPart[];
  readonly faults?: readonly GivenFault[];
  readonly text: string;
}

async function faultsOf(options: TestOptions, ground: Ground): Promise<AskedFaults> {
  const { parseNemesis } = await import('../run/nemesis-spec.ts');
  const { nemesis: text, schedule } = options;
  if (schedule === undefined) return { nemesis: parseNemesis(text, ground), text };
  const { partsOf, readSchedule } = await import('../run/given-faults.ts');
  const faults = readSchedule(schedule, {
    ...ground,
    timeLimitMs: duration('--time-limit', options.timeLimit),
  });
  const nemesis = partsOf(faults, ground.families);
  return { nemesis, faults, text: nemesis.map(({ family }) => family.name).join(',') || 'none' };
}

/** The nodes beyond the first ones: as many as are asked for, or as the faults want. */
function sparesOf(
  text: string | undefined,
  parts: readonly NemesisPart[],
  { runtime, after }: { readonly runtime: Runtime; readonly after: number },
): Pick<TestPlan, 'spares'> {
  const count = text === undefined ? sparesWanted(parts) : wholeNumber('--spares', text, 0);
  if (count > 0 && !runtime.abilities.has('spares'))
    throw new UsageError(`--spares: the ${runtime.name} runtime cannot start nodes later; leave it out`);
  return count === 0 ? {} : { spares: nodeNames(count, after) };
}

/** The command that repeats a run: every option that matters, written out. */
export function commandOf(plan: Prepared['plan'], options: TestOptions, seed: string): string {
  const words = [
    'npx splitbrain test',
    quoted(plan.target),
    ...(plan.variant === undefined ? [] : ['--variant', quoted(plan.variant)]),
    '--runtime',
    plan.runtime,
    '--workload',
    quoted(plan.workload),
    ...(options.schedule === undefined
      ? ['--nemesis', quoted(plan.nemesis), '--interval', options.interval]
      : ['--schedule', quoted(options.schedule)]),
    '--nodes',
    String(plan.nodes.length),
    ...(options.spares === undefined ? [] : ['--spares', options.spares]),
    '--concurrency',
    String(plan.concurrency),
    ...(plan.rate === undefined ? [] : ['--rate', String(plan.rate)]),
    '--time-limit',
    options.timeLimit,
    '--operation-timeout',
    options.operationTimeout,
    ...progressWords(plan, options),
    ...(plan.failFast === true ? ['--fail-fast'] : []),
    ...(options.sim === undefined ? [] : ['--sim', quoted(options.sim)]),
    '--seed',
    quoted(seed),
  ];
  return words.join(' ');
}

/** Written out where it was given, and where it is not 0 by itself. */
function progressWords({ progressLimitMs = 0 }: Prepared['plan'], { progressLimit }: TestOptions): string[] {
  if (progressLimit === undefined && progressLimitMs === 0) return [];
  return ['--progress-limit', progressLimit ?? `${progressLimitMs}ms`];
}
