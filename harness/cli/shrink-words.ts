/**
 * What `splitbrain shrink` says, in words: pure, so that each sentence is tested.
 */
import { describeScenario } from '../explore/describe.ts';
import type { Failure, Outcome } from '../explore/evaluate.ts';
import { REPRO_FILES } from '../explore/repro.ts';
import type { Shrunk, ShrinkProgress } from '../explore/shrink.ts';
import { fromHere, quoted } from '../shell.ts';

/** The live line. */
export function liveShrinking(state: ShrinkProgress | undefined, elapsedMs: number): string {
  const seconds = `${Math.round(elapsedMs / 1000)} s`;
  if (state === undefined) return `shrinking: ${seconds}, running it as it is`;
  return `shrinking: ${seconds}, ${contents(state)} left; ${number(state.tried)} scenarios tried, ${number(state.accepted)} taken`;
}

/** What is told beside the result itself. */
export interface AboutShrunk {
  readonly failure: Failure;
  /** The `repro.json`. */
  readonly file: string;
  readonly tookMs: number;
}

/** What came of it. */
export function shrunkWords(shrunk: Shrunk, { failure, file, tookMs }: AboutShrunk): string {
  const seconds = (tookMs / 1000).toFixed(1);
  const path = fromHere(file);
  return [
    `Shrunk in ${seconds} s to ${contents(shrunk)}; ${number(shrunk.tried)} scenarios tried, ${number(shrunk.accepted)} taken.`,
    ...(shrunk.finished
      ? []
      : ['Stopped before nothing simpler was left to try: a longer --budget may get further.']),
    '',
    `${failure.kind}: ${failure.summary}`,
    '',
    describeScenario(shrunk.scenario),
    '',
    `Written to ${path}, with ${REPRO_FILES.test} beside it, which fails until it is mended.`,
    `To see more: npx splitbrain replay ${quoted(path)} --trace`,
  ].join('\n');
}

/** The same for machines. */
export function shrunkJson(shrunk: Shrunk, { failure, file, tookMs }: AboutShrunk): object {
  const { scenario, outcome, tried, accepted, finished } = shrunk;
  const left = { operations: outcome.operations, faults: scenario.faults.length };
  return { file, failure, ...left, tried, accepted, finished, tookMs: Math.round(tookMs), scenario };
}

/** Why there is nothing to shrink. */
export function nothingToShrink({ valid, unknown }: Outcome): string {
  return valid === true
    ? 'It does not fail in the simulator, so there is nothing to shrink.'
    : `Nobody knows whether it fails, so there is nothing to shrink: ${unknown ?? 'the verdict is unknown'}`;
}

function contents({ outcome, scenario }: ShrinkProgress): string {
  const { faults, nodes } = scenario;
  return `${plural(outcome.operations, 'client operation')}, ${plural(faults.length, 'fault')} and ${plural(nodes.length, 'node')}`;
}

function plural(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
