/**
 * Eventual release: a lock whose holder died is not lost for ever. Once every fault is over, whoever goes on trying gets it, within the
 * time that the dead holder's lease may still last and some more.
 *
 * Looked at is, for each lock (or election), the trying after the nemesis's last entry: acquires of any process, with no more than a
 * second between one's end and the next one's beginning. If that goes on for longer than the bound and none succeeds, the lock is
 * lost. A live holder that renews for ever would look the same, so it is for workloads whose holders do not. To read and to write are tried
 * for apart: readers who go on and on getting a lock say nothing of whether a writer ever does.
 */
import { isJsonObject } from '../harness/json.ts';
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History } from '../harness/history/operation.ts';
import { asksForLock, byKey, entriesOf, nameOf } from './holds.ts';

const NANOS_PER_MS = 1e6;
/** A pause after which nobody can be said to have gone on trying. */
const PAUSE_NS = 1000 * NANOS_PER_MS;
/** Attempts of a lock that are pointed at. */
const SHOWN = 20;

/** Attempts one after another, none of which succeeded; `over` when one did, or nobody tried any more. */
interface Streak {
  readonly calls: Call[];
  readonly from: number;
  to: number;
}

/** How trying to get one lock went. */
interface Trying {
  /** The longest time in which it was tried in vain. */
  readonly longest: Streak | undefined;
  /** What was tried last, if it did not succeed. */
  readonly last: Streak | undefined;
  readonly granted: number;
}

/** The acquires of each lock, those to read and those to write apart. */
function acquiresOf(calls: readonly Call[]): Call[][] {
  const asked = calls.filter(({ invoke }) => asksForLock(invoke));
  const mode = ({ invoke: { value } }: Call): unknown => (isJsonObject(value) ? value['mode'] : undefined);
  return byKey(asked).flatMap((own) => [...Map.groupBy(own, mode).values()]);
}

function tryingOf(acquires: readonly Call[], end: number): Trying {
  let longest: Streak | undefined;
  let streak: Streak | undefined;
  let granted = 0;
  const length = (of: Streak | undefined): number => (of === undefined ? -1 : of.to - of.from);
  for (const call of acquires) {
    const { time } = call.invoke;
    if (streak === undefined || time > streak.to + PAUSE_NS) streak = { calls: [], from: time, to: time };
    streak.calls.push(call);
    const ok = call.completion?.type === 'ok';
    streak.to = Math.max(streak.to, call.completion?.time ?? end);
    if (length(streak) > length(longest)) longest = streak;
    if (!ok) continue;
    granted++;
    streak = undefined;
  }
  return { longest, last: streak, granted };
}

/** The calls that began when every fault was over. */
function callsAfterFaults(history: History): Call[] {
  const over = history.findLastIndex(({ process }) => process === 'nemesis');
  return pairCalls(history).filter(({ invoke }) => invoke.index > over);
}

const seconds = (nanos: number): string => `${(nanos / NANOS_PER_MS / 1000).toFixed(2)} s`;

function lostLock({ calls, from, to }: Streak, withinMs: number): Problem {
  const [first] = calls;
  const lock = first === undefined ? 'the lock' : nameOf('lock', first.invoke);
  const last = calls.at(-1);
  const outcome =
    last?.completion?.type === 'ok'
      ? 'and was granted only then'
      : `in vain: ${JSON.stringify(last?.completion?.error ?? 'no answer')}`;
  return {
    title: `Nobody got ${lock} for ${seconds(to - from)}`,
    explanation:
      `From ${seconds(from)} on, when every fault was over, ${calls.length} acquires of ${lock} were tried for ` +
      `${seconds(to - from)}, ${outcome}. Whoever holds it must lose it within ${seconds(withinMs * NANOS_PER_MS)}.`,
    operations: entriesOf([...calls.slice(0, 1), ...calls.slice(1).slice(-SHOWN)]),
    window: [from, to],
  };
}

function check(history: History, withinMs: number): Verdict {
  const locks = acquiresOf(callsAfterFaults(history))
    .map((calls) => tryingOf(calls, history.at(-1)?.time ?? 0))
    .filter(({ longest }) => longest !== undefined);
  const problems = locks.flatMap(({ longest }) =>
    longest !== undefined && longest.to - longest.from > withinMs * NANOS_PER_MS
      ? [lostLock(longest, withinMs)]
      : [],
  );
  const undecided = locks.filter(({ granted }) => granted === 0).length;
  const longestNs = Math.max(0, ...locks.map(({ longest }) => (longest ? longest.to - longest.from : 0)));
  const summary = `${locks.length} locks tried after the faults: the longest wait was ${seconds(longestNs)} of ${seconds(withinMs * NANOS_PER_MS)}.`;
  const details = { locks: locks.length, longestMs: longestNs / NANOS_PER_MS };
  if (problems.length > 0) return { valid: false, summary, problems, details };
  if (locks.length > 0 && undecided === 0) return { valid: true, summary, problems, details };
  const explanation =
    locks.length === 0
      ? 'Nobody tried to acquire a lock after the last fault.'
      : `${undecided} locks were not granted, and not tried for long enough to tell.`;
  return { valid: 'unknown', summary, problems: [{ title: 'Not tried for long', explanation }], details };
}

/**
 * A checker of locks: false if one could not be had for longer than `withinMs` though somebody went on trying, after every fault was
 * over. Left out where nobody tried then.
 *
 * @param withinMs the longest lease, and what an acquire may take beside that
 */
export function eventualRelease(withinMs: number): Checker {
  return {
    name: 'eventual-release',
    applies: (history) => callsAfterFaults(history).some(({ invoke }) => asksForLock(invoke)),
    check: (history) => check(history, withinMs),
  };
}
