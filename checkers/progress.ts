/**
 * Progress: a majority that was left alone after the faults, running and connected, gets operations done. The history alone
 * says so: it holds who was left alone and for how long, the operations that were tried, and what each node said
 * of itself in the end (harness/history/progress.ts). Liveness proper has no bound, and no finite history could break
 * it; the bound makes it a promise that a test can find broken.
 */
import { isJsonObject, type Json } from '../harness/json.ts';
import type { Checker, Verdict } from '../harness/history/checker.ts';
import type { Call } from '../harness/history/operation.ts';
import {
  PROGRESS,
  findProgress,
  type ProgressPhase,
  type ProgressStart,
} from '../harness/history/progress.ts';
import { kindOf } from './errors.ts';

const NANOS_PER_SECOND = 1e9;
const NANOS_PER_MS = 1e6;
/** Kinds of errors that are shown. */
const ERRORS_SHOWN = 3;

const seconds = (ns: number): string => `${(ns / NANOS_PER_SECOND).toFixed(2)} s`;
const isDone = ({ completion }: Call): boolean => completion?.type === 'ok';

/** `n3, n4 and n5`. */
function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** `n1 and n2 were taken away (kill)`. */
function taken({ away, kind }: ProgressStart): string {
  if (kind === null) return 'no node was taken away';
  return `${listed(away)} ${away.length === 1 ? 'was' : 'were'} taken away (${kind})`;
}

/** `n3 said role "leader", epoch 12; n4 …; n1 gave no answer`: those left alone first. */
function statuses({ start, stop }: ProgressPhase): string {
  const told = (node: string): string => {
    const status: Json = stop?.nodes[node] ?? null;
    if (status === null) return `${node} gave no answer`;
    if (!isJsonObject(status)) return `${node} said ${JSON.stringify(status)}`;
    const fields = Object.entries(status).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return `${node} said ${fields.join(', ')}`;
  };
  return [...start.alone, ...start.away].map(told).join('; ');
}

/** The errors of these calls, the most frequent first. */
function errorsOf(calls: readonly Call[]): string {
  const kinds = Map.groupBy(calls, ({ completion }) => kindOf(completion?.error ?? 'no answer'));
  const sorted = [...kinds].sort(([, a], [, b]) => b.length - a.length);
  const shown = sorted.slice(0, ERRORS_SHOWN).map(([kind, { length }]) => `"${kind}" (${length})`);
  return shown.join(', ') + (sorted.length > shown.length ? ', …' : '');
}

function noProgress(phase: ProgressPhase, stuck: readonly string[]): Verdict {
  const { start, window } = phase;
  const [from, to] = window;
  const alone = listed(start.alone);
  const failed = phase.calls.filter(({ invoke }) => stuck.includes(invoke.f));
  const told = `${alone}, left alone, got no ${stuck.join(' and no ')} done in ${seconds(to - from)}`;
  const explanation =
    `At ${seconds(from)} every fault was healed and every node was well. Then ${taken(start)}, and ${alone}, a majority ` +
    `that runs and is connected, had ${seconds(start.limitMs * NANOS_PER_MS)} to show that it gets on. Clients tried ` +
    `${listed(stuck)} ${failed.length} times and never succeeded: ${errorsOf(failed)}. At ${seconds(to)} ${statuses(phase)}.`;
  const operations = failed.map(({ invoke }) => invoke.index);
  const problem = { title: `No progress: ${told}`, explanation, operations, window };
  return { valid: false, summary: `${told}.`, problems: [problem] };
}

function madeProgress({ start, calls, window }: ProgressPhase, tried: readonly string[]): Verdict {
  const firsts = tried.map((f) => calls.find((call) => call.invoke.f === f && isDone(call))?.completion);
  const tookNs = Math.max(...firsts.map((first) => (first?.time ?? window[0]) - window[0]));
  const without = start.away.length === 0 ? '' : ` without ${listed(start.away)}`;
  const allowed = seconds(start.limitMs * NANOS_PER_MS);
  return {
    valid: true,
    summary: `${listed(start.alone)}, left alone${without}, got ${listed(tried)} done within ${seconds(tookNs)} of ${allowed}.`,
    problems: [],
    details: { tookMs: tookNs / NANOS_PER_MS },
  };
}

function unknown(title: string, explanation: string): Verdict {
  return { valid: 'unknown', summary: explanation, problems: [{ title, explanation }] };
}

function judge(phase: ProgressPhase): Verdict {
  const { start, stop, calls } = phase;
  const alone = listed(start.alone);
  const tried = [...new Set(calls.map(({ invoke }) => invoke.f))];
  const stuck = tried.filter((f) => !calls.some((call) => call.invoke.f === f && isDone(call)));
  if (stop === undefined)
    return unknown('Broken off', `The test ended before ${alone}, left alone, had shown that they get on.`);
  if (tried.length === 0)
    return unknown('Nothing tried', `No client tried anything while ${alone} were left alone.`);
  if (stuck.length > 0) return noProgress(phase, stuck);
  if (stop.confirmed) return madeProgress(phase, tried);
  const missed = `${alone} got on, but no probe saw that ${listed(start.away)} were gone meanwhile.`;
  return unknown('Not seen to be left alone', missed);
}

/**
 * False if something that was tried while a majority was left alone never succeeded; `unknown` if the phase was broken off
 * or the minority was not seen to be gone. Left out where a history has no such phase.
 */
export const progress: Checker = {
  name: PROGRESS,
  applies: (history) => findProgress(history) !== undefined,
  check(history) {
    const phase = findProgress(history);
    if (phase !== undefined) return judge(phase);
    return unknown('Nobody was left alone', 'The history has no phase in which a majority was left alone.');
  },
};
