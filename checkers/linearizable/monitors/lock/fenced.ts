/**
 * Fenced locks in O(n log n). Their tokens are greater with every acquire, so they tell the order of all acquires that
 * completed, and an acquire takes effect after every invocation of a lower token and before every return of a higher one.
 * Within these bounds, which ascend with the tokens, it is a mutex, and the schedule by earliest deadlines
 * (lock-schedule.ts) does the acquires in the order of their tokens. Crashed acquires hold the lock with a token that nobody saw; they
 * may stand anywhere or be left out.
 */
import { isJsonObject, type Json } from '../../../../harness/json.ts';
import type { Calls } from '../../calls.ts';
import { acquiresOf, type LockFunctions } from './monitor.ts';
import { contradiction } from './conflict.ts';
import { scheduleLock, type Permits } from './schedule.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';

interface FirstState {
  readonly permits: Permits;
  readonly token: number;
}

/** The state of the model `fenced-lock`. */
function firstState(state: unknown): FirstState | undefined {
  if (!isJsonObject(state)) return undefined;
  const { held, token = null } = state;
  if (typeof held !== 'boolean' || !(token === null || typeof token === 'number')) return undefined;
  return { permits: { held: held ? 1 : 0, total: 1 }, token: token ?? -Infinity };
}

/** Completed acquires by ascending token, and the tokens. */
interface Tokens {
  readonly byToken: Int32Array;
  readonly tokens: Float64Array;
}

/** Undefined if some token is not a number. */
function tokensOf(calls: Calls, acquires: Uint8Array): Tokens | undefined {
  const tokens = new Float64Array(calls.length);
  const completed = new Int32Array(calls.length);
  let count = 0;
  for (let call = 0; call < calls.length; call++) {
    if (acquires[call] === 0 || calls.hasCrashed(call)) continue;
    const token: Json = calls.values.at(calls.columns.result[call] ?? 0);
    if (typeof token !== 'number') return undefined;
    tokens[call] = token;
    completed[count++] = call;
  }
  return {
    byToken: completed.subarray(0, count).sort((a, b) => (tokens[a] ?? 0) - (tokens[b] ?? 0)),
    tokens,
  };
}

const invalid = (conflict: number[], reason: string): MonitorVerdict => ({
  valid: false,
  conflict: conflict.sort((a, b) => a - b),
  reason,
});

/** A token that is not greater than one before it, without looking at times. */
function repeated({ byToken, tokens }: Tokens, last: number): MonitorVerdict | undefined {
  const [lowest] = byToken;
  if (lowest !== undefined && (tokens[lowest] ?? 0) <= last) {
    return invalid([lowest], `the token ${tokens[lowest] ?? 0} is not above the last one before, ${last}`);
  }
  for (let at = 1; at < byToken.length; at++) {
    const a = byToken[at - 1] ?? 0;
    const b = byToken[at] ?? 0;
    if (tokens[a] === tokens[b]) return invalid([a, b], `the token ${tokens[a] ?? 0} was given twice`);
  }
  return undefined;
}

/** The operations as the schedule takes them: acquires first, by token and within their bounds, then all others. */
interface Bounded {
  /** Which call each operation is. */
  readonly calls: Int32Array;
  readonly acquires: Uint8Array;
  readonly earliest: Int32Array;
  readonly latest: Int32Array;
}

function bounded(calls: Calls, acquires: Uint8Array, byToken: Int32Array): Bounded {
  const { invoked, returned } = calls.columns;
  const order = new Int32Array(calls.length);
  order.set(byToken);
  let place = byToken.length;
  for (let call = 0; call < calls.length; call++) {
    if (acquires[call] === 0 || calls.hasCrashed(call)) order[place++] = call;
  }
  const kinds = new Uint8Array(order.length);
  const earliest = new Int32Array(order.length);
  const latest = new Int32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    const call = order[at] ?? 0;
    earliest[at] = invoked[call] ?? 0;
    latest[at] = returned[call] ?? 0;
    kinds[at] = acquires[call] ?? 0;
  }
  for (let at = 1; at < byToken.length; at++) {
    earliest[at] = Math.max(earliest[at] ?? 0, earliest[at - 1] ?? 0);
  }
  for (let at = byToken.length - 2; at >= 0; at--) {
    latest[at] = Math.min(latest[at] ?? 0, latest[at + 1] ?? 0);
  }
  return { calls: order, acquires: kinds, earliest, latest };
}

/** An acquire that began after a higher token had been given. */
function outOfOrder({ columns }: Calls, tokens: Tokens, operations: Bounded): MonitorVerdict | undefined {
  const { earliest, latest } = operations;
  const { byToken } = tokens;
  const late = byToken.findIndex((_, at) => (earliest[at] ?? 0) > (latest[at] ?? 0));
  if (late === -1) return undefined;
  const lower = byToken.find((call) => columns.invoked[call] === earliest[late]) ?? 0;
  const higher = byToken.find((call) => columns.returned[call] === latest[late]) ?? 0;
  const [low = 0, high = 0] = [tokens.tokens[lower], tokens.tokens[higher]];
  return invalid(
    [lower, higher],
    `the token ${low} was given to an acquire that began after ${high} was given`,
  );
}

function check(calls: Calls, initial: unknown, functions: LockFunctions): MonitorVerdict {
  const first = firstState(initial);
  if (first === undefined)
    return { valid: 'inapplicable', why: 'the first state is not that of a fenced lock' };
  const acquires = acquiresOf(calls, functions);
  if (typeof acquires === 'string') return { valid: 'inapplicable', why: `${acquires} is not a lock's` };
  const tokens = tokensOf(calls, acquires);
  if (tokens === undefined) return { valid: 'inapplicable', why: 'a token is not a number' };
  const operations = bounded(calls, acquires, tokens.byToken);
  const misplaced = repeated(tokens, first.token) ?? outOfOrder(calls, tokens, operations);
  if (misplaced !== undefined) return misplaced;
  const { done, stuck } = scheduleLock(operations, first.permits);
  const order = (): number[] => done.map((operation) => operations.calls[operation] ?? 0);
  if (stuck === undefined) return { valid: true, order };
  return contradiction(calls, acquires, first.permits, order(), operations.calls[stuck] ?? 0);
}

/**
 * A monitor of locks whose acquires give fencing tokens. Always applicable where tokens are numbers.
 *
 * @example fencedLockMonitor({ acquire: ['acquire'], release: ['release'] })
 */
export function fencedLockMonitor(functions: LockFunctions): Monitor {
  return { name: 'fenced-lock-deadlines', check: (calls, initial) => check(calls, initial, functions) };
}
