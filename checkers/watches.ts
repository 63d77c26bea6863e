/**
 * One-shot watches: a client reads a node and is told of the first change after what it has read. A `watch` gives `{ seen, event }`, what
 * was read and what was told, each as `{ version, zxid }`: how often the node was changed and which change of all that was; version and zxid may be null
 * where there was no node yet. A `set` gives `{ version, zxid }` of the change that it made. So changes are known by those who
 * made them and by those who saw them, and of each node (the operations' key)
 *
 * - each change that is known has one zxid, and versions increase with zxids;
 * - an event is the *first* change after what was seen: it is later, its version is the next, and no known change lies between;
 * - what was seen is not older than any change that was known when the watch began;
 * - no more changes were seen than clients can have made;
 * - who watches is told. A watch that gives up (`fail` with 'no-event') was lost if, when nothing was broken, somebody else's change
 *   began and ended while it certainly was set.
 *
 * Only the last one needs bounds in time, as nobody is told when a watch has been set: so long after it began it is, and so long after a change the
 * news of it has come. While something is broken they do not hold, so only watches that began when the cluster had recovered count.
 */
import { isJsonObject, type Json } from '../harness/json.ts';
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History } from '../harness/history/operation.ts';
import { answerOf, byKey, entriesOf, nameOf } from './holds.ts';

const NANOS_PER_MS = 1e6;
const PROBLEMS_MAX = 20;
/** What a watch says that was told of nothing. */
const NO_EVENT = 'no-event';

/** What is taken for certain of time, in milliseconds. */
export interface WatchBounds {
  /** A watch is set so long after it began, and told of a change so long after that was made, when nothing is broken. */
  readonly toldWithinMs: number;
  /** So long after the last fault nothing is broken any more. */
  readonly recoveredWithinMs: number;
}

/** A state of a node, by the change that led to it. */
interface Change {
  readonly version: number;
  readonly zxid: number;
  /** Who tells of it. */
  readonly call: Call;
}

/** A watch that was told of a change. */
interface Told {
  readonly call: Call;
  readonly seen: Change;
  readonly event: Change;
}

/** One node's history. */
interface NodeHistory {
  readonly calls: readonly Call[];
  /** Changes that were acknowledged to those who made them. */
  readonly made: readonly Change[];
  readonly told: readonly Told[];
  /** Everything that anybody knows, by zxid; a change comes as often as it is told of. */
  readonly known: readonly Change[];
}

/** Of a node that is not there the version is the one before the first. */
function changeIn(value: Json | undefined, call: Call): Change[] {
  if (!isJsonObject(value)) return [];
  const version = value['version'] ?? -1;
  const zxid = value['zxid'] ?? 0;
  return typeof version === 'number' && typeof zxid === 'number' ? [{ version, zxid, call }] : [];
}

function nodeHistoryOf(calls: readonly Call[]): NodeHistory {
  const done = calls.filter(({ completion }) => completion?.type === 'ok');
  const made = done
    .filter(({ invoke: { f } }) => f === 'set')
    .flatMap((call) => changeIn(call.completion?.value, call));
  const told = done
    .filter(({ invoke: { f } }) => f === 'watch')
    .flatMap((call): Told[] => {
      const [seen] = changeIn(answerOf(call)['seen'], call);
      const [event] = changeIn(answerOf(call)['event'], call);
      return seen === undefined || event === undefined ? [] : [{ call, seen, event }];
    });
  const known = [...made, ...told.flatMap(({ seen, event }) => [seen, event])];
  return { calls, made, told, known: known.sort((a, b) => a.zxid - b.zxid) };
}

const named = ({ version, zxid }: Pick<Change, 'version' | 'zxid'>): string =>
  version < 0 ? 'no node' : `version ${version} (zxid ${zxid})`;

/** Neighbours in the order of changes that are one by their zxid and two by their versions, or the other way round. */
function contradictions({ known }: NodeHistory): Problem[] {
  return known.flatMap((later, position) => {
    const earlier = known[position - 1];
    if (earlier === undefined) return [];
    const same = earlier.zxid === later.zxid;
    if (same ? earlier.version === later.version : earlier.version < later.version) return [];
    const node = nameOf('node', later.call.invoke);
    return [
      {
        title: `${node} has changes that contradict one another`,
        explanation: `Of ${node}, somebody was told of ${named(earlier)}, and somebody of ${named(later)}: versions increase with zxids.`,
        operations: entriesOf([...new Set([earlier.call, later.call])]),
      },
    ];
  });
}

/** The first of these, ordered by zxid, that is later than this one. */
function firstAfter(known: readonly Change[], zxid: number): Change | undefined {
  let [low, high] = [0, known.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((known[middle]?.zxid ?? Infinity) > zxid) high = middle;
    else low = middle + 1;
  }
  return known[low];
}

/** Events that are not the first change after what was seen. */
function missedChanges({ told, known }: NodeHistory): Problem[] {
  return told.flatMap(({ call, seen, event }) => {
    const first = firstAfter(known, seen.zxid);
    const isLater = event.zxid > seen.zxid;
    if (isLater && event.version === seen.version + 1 && first?.zxid === event.zxid) return [];
    const { process } = call.invoke;
    const node = nameOf('node', call.invoke);
    const between = first !== undefined && first.zxid < event.zxid ? [first.call] : [];
    const what = isLater ? 'was not told of the first change' : 'was told of a change that it had seen';
    return [
      {
        title: `Who watched ${node} ${what}`,
        explanation:
          `Process ${process} saw ${named(seen)} of ${node} and was told of ${named(event)}. ` +
          (between.length > 0 && first !== undefined ? `${named(first)} came between.` : ''),
        operations: entriesOf([...between.filter((other) => other !== call), call]),
      },
    ];
  });
}

const returned = ({ call }: Change): number => call.completion?.index ?? Infinity;

/** Watches that read less than somebody knew already when they began. */
function staleReads({ told, known }: NodeHistory): Problem[] {
  const returning = known.toSorted((a, b) => returned(a) - returned(b));
  let position = 0;
  let latest: Change | undefined;
  return told.flatMap(({ call, seen }) => {
    const { invoke } = call;
    for (let next = returning[position]; next !== undefined && returned(next) < invoke.index;) {
      if (latest === undefined || next.zxid > latest.zxid) latest = next;
      next = returning[++position];
    }
    if (latest === undefined || latest.zxid <= seen.zxid) return [];
    const node = nameOf('node', invoke);
    return [
      {
        title: `Who watched ${node} read what was out of date`,
        explanation: `Process ${latest.call.invoke.process} knew of ${named(latest)} of ${node} when process ${invoke.process} began to watch it, and read ${named(seen)}.`,
        operations: entriesOf([latest.call, call]),
      },
    ];
  });
}

/** Changes that somebody saw and nobody was acknowledged, more than there are clients who do not know whether theirs was made. */
function unexplained({ calls, made, told }: NodeHistory): Problem[] {
  const own = new Set(made.map(({ zxid }) => zxid));
  const others = new Map(
    told.flatMap(({ seen, event }) => [seen, event]).map((change) => [change.zxid, change]),
  );
  // A node may have been made by something else than a change of its data.
  const strange = [...others.values()].filter(({ zxid, version }) => version > 0 && !own.has(zxid));
  const open = calls.filter(
    ({ invoke: { f }, completion }) =>
      f === 'set' && completion?.type !== 'ok' && completion?.type !== 'fail',
  );
  const [first] = strange;
  if (first === undefined || strange.length <= open.length) return [];
  const node = nameOf('node', first.call.invoke);
  return [
    {
      title: `${node} was changed by nobody`,
      explanation: `Of ${node}, ${strange.length} changes were seen that nobody knows to have made, such as ${named(first)}; and of only ${open.length} it is not known whether they were made.`,
      operations: entriesOf([...new Set(strange.map(({ call }) => call)), ...open]),
    },
  ];
}

/** Watches that gave up though somebody's change began and ended while they were set, for certain. */
function lostWatches({ calls, made }: NodeHistory, from: number, toldWithin: number): Problem[] {
  const changes = made.toSorted((a, b) => a.call.invoke.time - b.call.invoke.time);
  /** For each change, which of it and those that began later ended first. */
  const soonest: Change[] = [];
  for (const change of changes.toReversed()) {
    const before = soonest.at(-1);
    const sooner = before !== undefined && endOf(before) < endOf(change);
    soonest.push(sooner ? before : change);
  }
  soonest.reverse();
  return calls.flatMap((call) => {
    const { invoke, completion } = call;
    if (!gaveUp(call) || invoke.time < from || completion === undefined) return [];
    const change = soonest[firstBegunAt(changes, invoke.time + toldWithin)];
    return change !== undefined && endOf(change) + toldWithin <= completion.time
      ? [lostProblem(call, change)]
      : [];
  });
}

const endOf = ({ call }: Change): number => call.completion?.time ?? Infinity;

function gaveUp({ invoke, completion }: Call): boolean {
  return invoke.f === 'watch' && completion?.type === 'fail' && completion.error === NO_EVENT;
}

/** The position of the first of these, ordered by their beginning, that began at this time or later. */
function firstBegunAt(changes: readonly Change[], time: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.call.invoke.time ?? Infinity) >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

const ms = (nanos: number): string => `${(nanos / NANOS_PER_MS).toFixed(0)} ms`;

function lostProblem(watch: Call, change: Change): Problem {
  const { invoke, completion } = watch;
  const node = nameOf('node', invoke);
  const until = completion?.time ?? Infinity;
  const begun = ms(change.call.invoke.time - invoke.time);
  return {
    title: `Who watched ${node} was not told of a change`,
    explanation:
      `Process ${invoke.process} began to watch ${node} when nothing was broken. ${begun} later process ${change.call.invoke.process} ` +
      `began to make ${named(change)}, and did; ${ms(until - endOf(change))} after that the watch gave up, and had been told of nothing.`,
    operations: entriesOf([watch, change.call]),
    window: [invoke.time, until],
  };
}

/** When the cluster had recovered from the last fault, in nanoseconds since the start of the test. */
function recoveredAt(history: History, { recoveredWithinMs }: WatchBounds): number {
  const last = history.findLast(({ process }) => process === 'nemesis');
  return last === undefined ? 0 : last.time + recoveredWithinMs * NANOS_PER_MS;
}

function check(history: History, bounds: WatchBounds): Verdict {
  const nodes = byKey(pairCalls(history)).map(nodeHistoryOf);
  const told = nodes.reduce((sum, node) => sum + node.told.length, 0);
  const gave = nodes.reduce((sum, { calls }) => sum + calls.filter(gaveUp).length, 0);
  const from = recoveredAt(history, bounds);
  const problems = nodes.flatMap((node) => [
    ...contradictions(node),
    ...missedChanges(node),
    ...staleReads(node),
    ...unexplained(node),
    ...lostWatches(node, from, bounds.toldWithinMs * NANOS_PER_MS),
  ]);
  const details = { told, gaveUp: gave, problems: problems.length };
  if (told === 0 && problems.length === 0) {
    const summary = 'Nobody who watched was told of a change.';
    const explanation = 'No watch succeeded, so there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'No events', explanation }], details };
  }
  const outcome =
    problems.length === 0 ? 'each of the first after what was seen' : `${problems.length} problems`;
  return {
    valid: problems.length === 0,
    summary: `${told} watches were told of a change: ${outcome}.`,
    problems: problems.slice(0, PROBLEMS_MAX),
    details,
  };
}

/** A checker of watches: false if a client was told of another change than the first, or of none; `unknown` if nobody was told of any. */
export function watches(bounds: WatchBounds): Checker {
  return { name: 'watches', check: (history) => check(history, bounds) };
}
