/**
 * Leases: a lock that is lost when its time is up, so that a client that died does not keep it for ever. Two clients must never
 * hold it at once. Linearizability of acquire and release cannot tell, since no operation marks that a lease ran out.
 *
 * The check says no only where two clients must have held the lease, whatever happened inside the service. Somebody who
 * acquires holds it for certain
 * - from when the acquire (or a renew) returned, since it may have been granted only then;
 * - until its time is up, counted from when that acquire or renew was invoked, since it may have been granted already then, and by a
 *   clock that runs fast by `drift`: until invocation + ttl (1 - drift);
 * - and not beyond the invocation of the holder's next release, however that ended: who asks to release has stopped
 *   using what he held.
 *
 * Each grant counts by itself. A renew that came in time makes one hold of two that overlap; whether one that came late found
 * the lease still there nobody knows, and the time between the two is not counted.
 */
import { canonical } from '../harness/json.ts';
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History, type Operation } from '../harness/history/operation.ts';

const NANOS_PER_MS = 1e6;
/** Pairs of holds that are told one by one; all are counted. */
const PROBLEMS_MAX = 20;

/** What the service promises. */
export interface LeaseTerms {
  /** How long a lease lasts, in nanoseconds by the service's clock. */
  readonly ttlNanos: number;
  /** How much faster than time the service's clock may run: 0.01 if it may be a hundredth. */
  readonly drift: number;
}

/** Somebody holds the lease for certain, from one time up to another, in nanoseconds since the start of the test. */
export interface Hold {
  /** The acquire or the renew that gave it. */
  readonly call: Call;
  readonly from: number;
  readonly to: number;
}

/** Two holds of different processes that overlap, the earlier one first. */
export type Overlap = readonly [Hold, Hold];

/** What was found. */
export interface LeaseFindings {
  /** How many acquires and renews there were. */
  readonly grants: number;
  /** For each hold that began during another's, that hold and the other. */
  readonly overlaps: readonly Overlap[];
}

/** An operation whose result is `false` was refused. */
const isGrant = ({ invoke, completion }: Call): boolean =>
  (invoke.f === 'acquire' || invoke.f === 'renew') && completion?.type === 'ok' && completion.value !== false;

/** What is certain of a grant: at most until the process' next release begins. */
function holdOf(call: Call, releasedAt: number, { ttlNanos, drift }: LeaseTerms): Hold {
  const from = call.completion?.time ?? Infinity;
  return { call, from, to: Math.min(releasedAt, call.invoke.time + ttlNanos * (1 - drift)) };
}

/** The holds of one lock that are not empty, by their beginning. */
function holdsOf(calls: readonly Call[], terms: LeaseTerms): Hold[] {
  const holds: Hold[] = [];
  /** Of each process, when its next release begins: calls are gone through from the last. */
  const releases = new Map<Operation['process'], number>();
  for (const call of calls.toReversed()) {
    const { process, f, time } = call.invoke;
    if (f === 'release') releases.set(process, time);
    if (!isGrant(call)) continue;
    const hold = holdOf(call, releases.get(process) ?? Infinity, terms);
    if (hold.from < hold.to) holds.push(hold);
  }
  return holds.sort((a, b) => a.from - b.from);
}

/** For each hold the longest one of another process that has begun, if it is not over. */
function overlapsOf(holds: readonly Hold[]): Overlap[] {
  const overlaps: Overlap[] = [];
  const who = ({ call }: Hold): Operation['process'] => call.invoke.process;
  /** The hold that ends last, and the one that ends last of all other processes. */
  let longest: Hold | undefined;
  let second: Hold | undefined;
  for (const hold of holds) {
    const other = longest !== undefined && who(longest) === who(hold) ? second : longest;
    if (other !== undefined && other.to > hold.from) overlaps.push([other, hold]);
    if (longest === undefined || hold.to > longest.to) {
      if (longest !== undefined && who(longest) !== who(hold)) second = longest;
      longest = hold;
    } else if (who(longest) !== who(hold) && hold.to > (second?.to ?? 0)) second = hold;
  }
  return overlaps;
}

/** Finds holds of different processes that overlap, for each lock (by the operations' keys) alone. */
export function checkLease(history: History, terms: LeaseTerms): LeaseFindings {
  const calls = pairCalls(history);
  const locks = Map.groupBy(calls, ({ invoke: { key } }) => (key === undefined ? '' : canonical(key)));
  return {
    grants: calls.filter(isGrant).length,
    overlaps: [...locks.values()].flatMap((own) => overlapsOf(holdsOf(own, terms))),
  };
}

const ms = (nanos: number): string => `${(nanos / NANOS_PER_MS).toFixed(3)} ms`;

function problem([first, second]: Overlap): Problem {
  const { key } = second.call.invoke;
  const lock = key === undefined ? 'the lease' : `the lease of ${canonical(key)}`;
  const told = ({ call, from, to }: Hold): string =>
    `process ${call.invoke.process} held it from ${ms(from)} (${call.invoke.f} returned) to at least ${ms(to)}`;
  const window = [second.from, Math.min(first.to, second.to)] as const;
  return {
    title: `Processes ${first.call.invoke.process} and ${second.call.invoke.process} held ${lock} at once`,
    explanation: `Of ${lock}, ${told(first)}, and ${told(second)}: for ${ms(window[1] - window[0])} both of them did.`,
    operations: [first, second].flatMap(({ call: { invoke, completion } }) =>
      completion === undefined ? [invoke.index] : [invoke.index, completion.index],
    ),
    window,
  };
}

function verdict({ grants, overlaps }: LeaseFindings): Verdict {
  const details = { grants, overlaps: overlaps.length };
  if (grants === 0) {
    const summary = 'Nobody was ever granted the lease.';
    const explanation = 'No acquire succeeded, so there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'No lease', explanation }], details };
  }
  const valid = overlaps.length === 0;
  const outcome = valid
    ? 'no two processes held one at once'
    : `${overlaps.length} began while another process held it`;
  return {
    valid,
    summary: `${grants} leases granted or renewed: ${outcome}.`,
    problems: overlaps.slice(0, PROBLEMS_MAX).map(problem),
    details,
  };
}

/**
 * A checker of leases: `acquire`, `renew` and `release`, for each key alone. False if two processes must have held one at once;
 * `unknown` if nobody was granted any. An operation that gives `false` granted nothing.
 *
 * @example lease({ ttlMs: 2000, drift: 0.01 })
 */
export function lease({ ttlMs, drift = 0 }: { readonly ttlMs: number; readonly drift?: number }): Checker {
  return {
    name: 'lease',
    check: (history) => verdict(checkLease(history, { ttlNanos: ttlMs * NANOS_PER_MS, drift })),
  };
}
