/**
 * The runs of `splitbrain replay`: in the simulator, where the first is written to a directory and any others
 * are made in memory; and elsewhere, where each has a directory of its own.
 */
import { needsOf } from '../cluster/fault.ts';
import type { Runtime } from '../cluster/cluster.ts';
import { EXIT, HarnessError, UsageError } from '../errors.ts';
import { CHECK_MS, decisive, recordedOf } from '../explore/evaluate.ts';
import type { Kit } from '../explore/kit.ts';
import { compareHistories, type Earlier } from '../explore/replay.ts';
import type { Scenario } from '../explore/scenario.ts';
import { judge, simulate } from '../explore/simulate.ts';
import { writeRun, type WriteRunOptions, type WrittenRun } from '../explore/write-run.ts';
import type { Validity } from '../history/checker.ts';
import { formatLine } from '../history/jsonl.ts';
import { fromHere, quoted } from '../shell.ts';
import { terminalSummary } from '../../reports/index.ts';
import { reporters } from './registry.ts';
import {
  comparisonWords,
  failureWords,
  repeatedWords,
  settingsBeyond,
  shareWords,
  type RealRun,
  type Repeated,
} from './replay-words.ts';
import type { Watch } from './suite.ts';
import { terminalWidth, useColour } from './terminal.ts';
import { exitCodeOf } from './test.ts';
import { verify } from './verify.ts';
import { version } from '../version.ts';

/** Columns of the labels, as in the summary above them. */
const LABEL_WIDTH = 12;

/** The options as they are typed. */
export interface ReplayOptions {
  readonly runtime: string;
  readonly times?: string;
  readonly trace?: boolean;
  readonly verifyDeterminism?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** One replay, with everything found and checked. */
export interface Replay {
  readonly earlier: Earlier;
  readonly kit: Kit;
  readonly runtime: Runtime;
  readonly times: number;
  readonly options: ReplayOptions;
  readonly watch: Watch;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Repeats the run in the simulator; answers the exit code. */
export async function replaySimulated(replay: Replay): Promise<number> {
  const { earlier, options, times, watch } = replay;
  const trace = options.trace === true;
  if (options.verifyDeterminism === true) {
    await verify(earlier.scenario, replay.kit, watch);
    if (watch.signal.aborted) return EXIT.unknown;
  }
  const run = await write(replay, earlier.scenario, { trace });
  const { record } = run;
  // A run that was interrupted says nothing of the one on record.
  const cut = watch.signal.aborted;
  const comparison =
    cut || earlier.history === undefined ? undefined : compareHistories(earlier, record.history);
  const verdicts = [record.results.valid];
  const repeated = times === 1 || cut ? undefined : await repeat(replay, run, verdicts);
  if (options.json === true) {
    sayJson(run, { comparison, repeated });
  } else {
    const { directory } = run;
    say(terminalSummary(record, { colour: useColour(), width: terminalWidth(), directory }));
    if (comparison !== undefined) sayLabelled('Replay', comparisonWords(comparison, earlier));
    const found = decisive(record.results, false);
    if (earlier.failure !== undefined && !cut) sayLabelled('Failure', failureWords(earlier.failure, found));
    if (repeated !== undefined) sayLabelled('Repeated', repeatedWords(repeated));
  }
  if (watch.signal.aborted) verdicts.push('unknown');
  return exitCodeOf(verdicts, !watch.signal.aborted && record.results.harnessProblems.length > 0);
}

/** Runs it again as often as was asked for, in memory, and adds the verdicts. */
async function repeat(
  { earlier, kit, times, watch }: Replay,
  first: WrittenRun,
  verdicts: Validity[],
): Promise<Repeated> {
  const textOf = (history: WrittenRun['record']['history']): string => history.map(formatLine).join('');
  const text = textOf(first.record.history);
  let same = true;
  const stopped = (): boolean => watch.signal.aborted;
  watch.observer.phase(`the same in memory, ${times - 1} times`);
  while (verdicts.length < times && !stopped()) {
    const run = await simulate(earlier.scenario, kit, { signal: watch.signal });
    if (stopped()) break;
    verdicts.push((await judge(run, kit, CHECK_MS)).valid);
    same &&= textOf(run.history) === text;
  }
  return { runs: verdicts.length, failed: verdicts.filter((valid) => valid === false).length, same };
}

/** Does the same operations and faults on another runtime; answers the exit code. */
export async function replayElsewhere(replay: Replay): Promise<number> {
  const { earlier, kit, runtime, times, options, watch } = replay;
  requireAble(earlier, kit, runtime);
  const scenario = await written(replay);
  const runs: RealRun[] = [];
  let harnessFailed = false;
  const stopped = (): boolean => watch.signal.aborted;
  while (runs.length < times && !harnessFailed && !stopped()) {
    try {
      const run = await write(replay, scenario, {
        runtime,
        command: `npx splitbrain replay ${quoted(fromHere(earlier.path))} --runtime ${runtime.name} --times ${times}`,
      });
      if (stopped()) break;
      runs.push(sayRun(run, runs.length + 1, replay));
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      process.stderr.write(`splitbrain: ${error.message}\n`);
      harnessFailed = true;
    }
  }
  if (options.json !== true) say(shareWords(earlier.failure, runs, runtime.name));
  const verdicts = runs.map(({ valid }) => valid);
  return watch.signal.aborted
    ? exitCodeOf([...verdicts, 'unknown'], false)
    : exitCodeOf(verdicts, harnessFailed);
}

/** Throws a UsageError when a fault of the schedule is beyond the runtime. */
function requireAble({ file, scenario }: Earlier, kit: Kit, runtime: Runtime): void {
  for (const { plan } of scenario.faults) {
    const family = kit.families.find(({ name }) => name === plan.family);
    const needs = family === undefined ? [] : needsOf(family, plan.kind);
    const lacking = needs.filter((ability) => !runtime.abilities.has(ability));
    if (lacking.length === 0) continue;
    throw new UsageError(
      `${file}: faults: the ${runtime.name} runtime cannot do ${plan.family}:${plan.kind} here (it lacks: ${lacking.join(', ')}); the run can be repeated in the simulator, without --runtime`,
    );
  }
}

/** The scenario with its operations one by one, after a word on what another runtime will not make of it. */
async function written({ earlier, kit, runtime, watch }: Replay): Promise<Scenario> {
  const { scenario } = earlier;
  const beyond = settingsBeyond(scenario.settings);
  if (beyond.length > 0) {
    process.stderr.write(
      `note: not repeated on ${runtime.name}, whose network and disks are what they are: ${beyond.join(', ')} of the simulator's settings\n`,
    );
  }
  if (scenario.operations !== undefined) return scenario;
  watch.observer.phase('simulating it once, to know each operation and its time');
  return recordedOf(await simulate(scenario, kit, { signal: watch.signal }));
}

function sayRun(run: WrittenRun, number: number, { times, runtime, options }: Replay): RealRun {
  const { valid } = run.record.results;
  const failure = decisive(run.record.results, false);
  const word = { true: 'PASS', false: 'FAIL', unknown: 'UNKNOWN' }[`${valid}`];
  if (options.json === true) sayJson(run, { number, runtime: runtime.name });
  else {
    const of = `run ${number} of ${times}`.padEnd(LABEL_WIDTH + 4);
    say(`${of}${word.padEnd(9)}${(failure?.kind ?? '').padEnd(16)}${run.directory}`);
  }
  return { valid, ...(failure === undefined ? {} : { failure }) };
}

function write(
  { earlier, kit, options, watch }: Replay,
  scenario: Scenario,
  more: Partial<WriteRunOptions>,
): Promise<WrittenRun> {
  return writeRun(scenario, kit, {
    store: options.out,
    version: version(),
    reporters,
    ...(earlier.asked === undefined ? {} : { asked: earlier.asked }),
    ...watch,
    ...more,
  }).finally(() => watch.observer.end());
}

function sayLabelled(label: string, lines: readonly string[]): void {
  for (const [place, line] of lines.entries()) say((place === 0 ? label : '').padEnd(LABEL_WIDTH) + line);
}

function sayJson({ directory, record }: WrittenRun, replay: object): void {
  say(JSON.stringify({ directory, plan: record.plan, results: record.results, replay }));
}
