/**
 * What `checkLinearizable` answers, and how it is told to people: from outcomes of searches, which name calls by
 * position, to evidence that names operations by their indices in the history.
 */
import type { Json } from '../../harness/json.ts';
import type { Problem, Validity } from '../../harness/history/checker.ts';
import { guarded } from '../models/guard.ts';
import { describeOperation, show, type Model } from '../models/model.ts';
import type { Calls } from './calls.ts';
import type { PartOutcome } from './part-search.ts';
import type { Algorithm } from './search.ts';
import type { Part } from './split.ts';

/** One operation as evidence: who did what, and where the history says so. */
export interface OperationEvidence {
  readonly process: number;
  /** In words: `read → 3`. */
  readonly text: string;
  /** Index of the invocation. */
  readonly invoked: number;
  /** Index of the completion; null for an operation that crashed. */
  readonly returned: number | null;
}

/** An operation that might come next, and why it cannot. */
export interface StuckEvidence extends OperationEvidence {
  readonly why: string;
}

/** The beginning of a history that has no order. */
export interface FailingPrefix {
  /** Index of its last entry, a return. Whatever had not returned by then counts as crashed. */
  readonly end: number;
  /** No shorter prefix fails. Otherwise one may: to find out would have cost more than the verdict. */
  readonly exact: boolean;
}

/** The verdict on one key, with its evidence. */
export interface KeyResult {
  /** Null where the history has no keys. */
  readonly key: Json;
  readonly valid: Validity;
  /** Why there is no verdict; null where there is one. */
  readonly why: string | null;
  /** Who gave the verdict: the name of a monitor or a search; empty where nobody did. */
  readonly by: string;
  /** Operations that completed `ok`, and operations that crashed and may or may not have happened. */
  readonly completed: number;
  readonly crashed: number;
  /** Completed operations in `linearization`. */
  readonly explained: number;
  /**
   * Where valid and asked for: an order of the operations that the model allows, as indices of invocations. Otherwise the order
   * that gets furthest.
   */
  readonly linearization: readonly number[];
  /** The end of it. */
  readonly last: readonly OperationEvidence[];
  /** The state after it, in words. */
  readonly state: string;
  /** Where invalid: the operations of which one has to come next, and none can. */
  readonly stuck: readonly StuckEvidence[];
  /** Where invalid: the shortest failing prefix; null where it is not known. */
  readonly prefix: FailingPrefix | null;
  /** Where invalid: few operations that have no order even by themselves. */
  readonly core: readonly OperationEvidence[];
  /** Nothing more can be left out of the core. Otherwise to find out would have cost more than the verdict. */
  readonly coreIsMinimal: boolean;
  /** What is wrong with the core, in a sentence without its full stop; null where the core must speak for itself. */
  readonly reason: string | null;
  /** Nanoseconds since the start of the test between which it goes wrong; null where nothing does. */
  readonly window: readonly [number, number] | null;
  /** Configurations (set of operations that took effect, state) tried. */
  readonly configurations: number;
}

/** The verdict on a history. */
export interface LinearizableResult {
  readonly valid: Validity;
  /** The model's name. */
  readonly model: string;
  readonly algorithm: Algorithm;
  /** Why nothing could be checked at all: a mistake of the model; null otherwise. */
  readonly why: string | null;
  /** Operations considered: completed and crashed, without those that failed or say nothing. */
  readonly operations: number;
  readonly configurations: number;
  readonly tookMs: number;
  readonly keys: readonly KeyResult[];
}

/** Operations beside the one that fits nowhere that are named in words; all are in the table. */
const OTHERS_SHOWN = 2;
/** Of operations that are impossible by themselves, at most so many are named in words. */
const CORE_SHOWN = 6;
/** Operations at the end of a linearization that are shown in words. */
const LAST_SHOWN = 5;
/** Why a key has no verdict, if nobody says so. */
const NO_REASON = 'no verdict';
/** What makes a search easier. */
const ADVICE = 'more time or memory to check, fewer clients or more keys';

function evidence(model: Model, calls: Calls, call: number): OperationEvidence {
  const { process, invoked, returned } = calls.columns;
  const operation = calls.operation(call);
  return {
    process: process[call] ?? 0,
    text: guarded(model, 'describe', operation, () => describeOperation(model, operation)),
    invoked: invoked[call] ?? 0,
    returned: calls.hasCrashed(call) ? null : (returned[call] ?? 0),
  };
}

/** The evidence for one part. */
export function keyResult(model: Model, { key = null, calls }: Part, outcome: PartOutcome): KeyResult {
  const { order, stuck, core, valid, why, by, state, failedAt, failedAtIsExact, reason } = outcome;
  const { completed } = calls;
  const inWords = (call: number): OperationEvidence => evidence(model, calls, call);
  const { invoked, returned } = calls.columns;
  return {
    key,
    valid,
    why: why ?? null,
    by,
    completed,
    crashed: calls.length - completed,
    explained: valid === true ? completed : order.filter((call) => !calls.hasCrashed(call)).length,
    linearization: order.map((call) => invoked[call] ?? 0),
    last: valid === true ? [] : order.slice(-LAST_SHOWN).map(inWords),
    state,
    stuck: stuck.map(({ call, why: whyNot }) => ({ ...inWords(call), why: whyNot })),
    prefix: failedAt === undefined ? null : { end: returned[failedAt] ?? 0, exact: failedAtIsExact },
    core: core.map(inWords),
    coreIsMinimal: outcome.coreIsMinimal,
    reason: reason === '' ? null : reason,
    window: windowOf(calls, stuck.length > 0 ? stuck.map(({ call }) => call) : core),
    configurations: outcome.configurations,
  };
}

/** From the first invocation among them to the first return, by which one of them had to take effect. */
function windowOf({ columns }: Calls, calls: readonly number[]): readonly [number, number] | null {
  const { invokedAt, returnedAt } = columns;
  const [first] = calls;
  if (first === undefined) return null;
  const from = calls.reduce((earliest, call) => Math.min(earliest, invokedAt[call] ?? Infinity), Infinity);
  return [from, Math.max(from, returnedAt[first] ?? 0)];
}

/** One sentence on the whole: what was checked and what came out. */
export function summaryOf({ valid, model, operations, keys, why }: LinearizableResult): string {
  if (why !== null) return `Not checked: ${why}.`;
  const total = count(operations, 'operation');
  const spread = keys.length > 1 ? ` on ${count(keys.length, 'key')}` : '';
  if (valid === true) return `Linearizable: ${total}${spread} fit the model ${model}.`;
  const concerned = keys.filter((key) => key.valid === valid);
  const where = keys.length > 1 ? ` on ${concerned.length} of ${keys.length} keys` : '';
  const what = `(model ${model}, ${total})`;
  if (valid === 'unknown') return `Undecided${where}: ${concerned[0]?.why ?? NO_REASON} ${what}.`;
  const left = keys.filter((key) => key.valid === 'unknown').length;
  const more = left === 0 ? '' : `; ${left} ${left === 1 ? 'was' : 'were'} left undecided`;
  return `No order of the operations explains their answers${where}${more} ${what}.`;
}

/**
 * The problems of a result: the keys that are wrong or, where none is, those that could not be decided. First come those
 * that the fewest operations show, for they are understood soonest.
 */
export function problemsOf(result: LinearizableResult): Problem[] {
  if (result.why !== null) return [{ title: 'The model is at fault', explanation: `${result.why}.` }];
  const concerned = result.keys.filter((key) => key.valid === result.valid && key.valid !== true);
  const bluntness = ({ core }: KeyResult): number =>
    core.length === 0 ? Number.MAX_SAFE_INTEGER : core.length;
  return concerned.sort((left, right) => bluntness(left) - bluntness(right)).map(problemOf);
}

/** What is wrong with a key, or why nobody knows. */
export function problemOf(key: KeyResult): Problem {
  return key.valid === false ? invalid(key) : undecided(key);
}

function invalid(key: KeyResult): Problem {
  // What is sharpest comes first: where there is little room, the rest is cut off.
  const evidence = [...impossible(key), ...upTo(key), ...furthest(key)];
  const explanation = [
    ...(evidence.length > 0 ? evidence : ['No order of the operations explains what they answered.']),
    'A single machine that does one thing at a time could not have answered like that.',
  ];
  return {
    title: `${nameOf(key)} is not linearizable`,
    explanation: explanation.join(' '),
    operations: indicesOf([...key.core, ...key.last, ...key.stuck]),
    ...(key.window === null ? {} : { window: key.window }),
  };
}

/** The few operations that are impossible by themselves. */
function impossible({ core, reason }: KeyResult): string[] {
  if (core.length === 0) return [];
  if (core.length > CORE_SHOWN) return [`${core.length} operations are impossible even without all others.`];
  const why = reason === null ? '' : `: ${reason}`;
  const subject = core.length === 1 ? 'One operation is' : `These ${core.length} operations are`;
  return [`${subject} impossible even without all others${why}: ${core.map(inWords).join('; ')}.`];
}

/** How much of the history it takes. */
function upTo({ prefix }: KeyResult): string[] {
  if (prefix === null) return [];
  return [
    `The history up to index ${prefix.end} suffices to show it${prefix.exact ? ', and no less does' : ''}.`,
  ];
}

/** Where the longest order ends, and what cannot follow it. */
function furthest(key: KeyResult): string[] {
  const [odd, ...beside] = key.stuck;
  if (odd === undefined) return [];
  const found = `In the longest order that was found, ${inWords(odd)} has no place.`;
  return [found, longest(key, 'That order'), others(beside)];
}

function indicesOf(operations: readonly OperationEvidence[]): readonly number[] {
  const indices = operations.flatMap(({ invoked, returned }) => [invoked, returned ?? invoked]);
  return [...new Set(indices)].sort((a, b) => a - b);
}

function undecided(key: KeyResult): Problem {
  const tried = `${count(key.configurations, 'configuration')} tried`;
  const why = key.why ?? NO_REASON;
  const reason = `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
  const title = `${nameOf(key)} could not be decided`;
  // It was not a search that gave up: a model's mistake, no monitor that applies.
  if (key.configurations === 0) return { title, explanation: `${reason}.` };
  const soFar = `${longest(key, 'The longest order found')} Nothing wrong was found so far`;
  return { title, explanation: `${reason} (${tried}). ${soFar}; ${ADVICE} would help.` };
}

function longest({ explained, completed, last, state }: KeyResult, order: string): string {
  const end = last.at(-1);
  if (end === undefined) return `${order} is empty; the state is ${state === '' ? 'the first one' : state}.`;
  return `${order} covers ${explained} of ${count(completed, 'completed operation')}, ends with ${inWords(end)}, and leaves the state ${state}.`;
}

/** What could have come next instead, and cannot. */
function others(beside: readonly OperationEvidence[]): string {
  if (beside.length === 0) return 'Nothing else could come before it.';
  const more = beside.length - OTHERS_SHOWN;
  const named = beside.slice(0, OTHERS_SHOWN).map(inWords).join('; ');
  return `What ran beside it has no place there either: ${named}${more > 0 ? `; and ${more} more` : ''}.`;
}

/** `process 4: read → 5 (index 86–88)`. */
function inWords({ process, text, invoked, returned }: OperationEvidence): string {
  return `process ${process}'s ${text} (${returned === null ? `index ${invoked}, crashed` : `index ${invoked}–${returned}`})`;
}

function nameOf({ key }: KeyResult): string {
  return key === null ? 'The history' : `Key ${show(key)}`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
