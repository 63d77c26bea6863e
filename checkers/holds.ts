/**
 * Holds: the stretches of time in which somebody holds a lock for certain, and which of them overlap. Shared by the
 * checks of locks, which differ in how they know that somebody holds one.
 *
 * Only what must have overlapped counts. That an acquire and a release of others were under way at the same time says nothing:
 * the lock may have changed hands at any moment within.
 *
 * Who was granted the lock with `mode: 'read'` holds it beside other readers. To lead is to hold a lock: an election is won by `campaign`
 * and given up by `resign`.
 */
import { canonical, isJsonObject, type JsonObject } from '../harness/json.ts';
import type { Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History, type Operation } from '../harness/history/operation.ts';

const NANOS_PER_MS = 1e6;
/** Pairs of holds that are told one by one; all are counted. */
const PROBLEMS_MAX = 20;

/** Somebody holds the lock for certain, from one time up to another, in nanoseconds since the start of the test. */
export interface Hold {
  /** The acquire or the renew that gave it. */
  readonly call: Call;
  readonly from: number;
  readonly to: number;
  /** Others may hold it too, if they share it as well. */
  readonly shared: boolean;
}

/** Two holds of different processes, not both shared, that overlap, the earlier one first. */
export type Overlap = readonly [Hold, Hold];

/** What was found. */
export interface HoldFindings {
  /** How many acquires, campaigns and renews there were. */
  readonly grants: number;
  /** For each hold that began during another's, that hold and the other. */
  readonly overlaps: readonly Overlap[];
}

const GRANTS: readonly string[] = ['acquire', 'campaign', 'renew'];
const RELEASES: readonly string[] = ['release', 'resign'];

/** Whether it asks for a lock that its process does not hold. */
export function asksForLock({ f }: Operation): boolean {
  return f === 'acquire' || f === 'campaign';
}

/** What was answered, if that is an object; else one without fields. */
export function answerOf({ completion }: Call): JsonObject {
  return completion?.type === 'ok' && isJsonObject(completion.value) ? completion.value : {};
}

/** Whether this grant lets others hold the lock too. */
export function isShared(grant: Call): boolean {
  return answerOf(grant)['mode'] === 'read';
}

/** When the lease is over by what its holder knows, in nanoseconds since the start of the test; never, where nothing is said of that. */
export function endOfLease(grant: Call): number {
  const { untilMs } = answerOf(grant);
  return typeof untilMs === 'number' ? grant.invoke.time + untilMs * NANOS_PER_MS : Infinity;
}

/** An acquire, a campaign or a renew that was granted. One whose result is `false` was refused. */
function isGrant({ invoke, completion }: Call): boolean {
  return GRANTS.includes(invoke.f) && completion?.type === 'ok' && completion.value !== false;
}

/**
 * The holds of one lock that are not empty, by their beginning. Each grant counts by itself, from when it returned until
 * `endOf` it, and not beyond the invocation of the holder's next release, however that ended: who asks to release has stopped
 * using what he held.
 */
export function holdsOf(calls: readonly Call[], endOf: (grant: Call) => number): Hold[] {
  const holds: Hold[] = [];
  /** Of each process, when its next release begins: calls are gone through from the last. */
  const releases = new Map<Operation['process'], number>();
  for (const call of calls.toReversed()) {
    const { process, f, time } = call.invoke;
    if (RELEASES.includes(f)) releases.set(process, time);
    if (!isGrant(call)) continue;
    const from = call.completion?.time ?? Infinity;
    const to = Math.min(releases.get(process) ?? Infinity, endOf(call));
    if (from < to) holds.push({ call, from, to, shared: isShared(call) });
  }
  return holds.sort((a, b) => a.from - b.from);
}

const who = ({ call }: Hold): Operation['process'] => call.invoke.process;

/** Of some holds the one that ends last, and the one that ends last of all other processes. */
class Longest {
  #first: Hold | undefined;
  #second: Hold | undefined;

  add(hold: Hold): void {
    const first = this.#first;
    if (first === undefined || hold.to > first.to) {
      if (first !== undefined && who(first) !== who(hold)) this.#second = first;
      this.#first = hold;
    } else if (who(first) !== who(hold) && hold.to > (this.#second?.to ?? 0)) this.#second = hold;
  }

  /** The longest one of another process than this one's. */
  besides(hold: Hold): Hold | undefined {
    return this.#first !== undefined && who(this.#first) === who(hold) ? this.#second : this.#first;
  }
}

/** For each hold the longest one of another process that has begun, if it is not over and both cannot be. Takes holds by their beginning. */
function overlapsOf(holds: readonly Hold[]): Overlap[] {
  const overlaps: Overlap[] = [];
  const [all, exclusive] = [new Longest(), new Longest()];
  for (const hold of holds) {
    const other = (hold.shared ? exclusive : all).besides(hold);
    if (other !== undefined && other.to > hold.from) overlaps.push([other, hold]);
    all.add(hold);
    if (!hold.shared) exclusive.add(hold);
  }
  return overlaps;
}

/** Finds holds of different processes that overlap and are not both shared, for each lock (by the operations' keys) alone; a grant holds at most until `endOf` it. */
export function findOverlaps(history: History, endOf: (grant: Call) => number): HoldFindings {
  const calls = pairCalls(history);
  return {
    grants: calls.filter(isGrant).length,
    overlaps: byKey(calls).flatMap((own) => overlapsOf(holdsOf(own, endOf))),
  };
}

/** The calls on each object, by the operations' keys. */
export function byKey(calls: readonly Call[]): Call[][] {
  const groups = Map.groupBy(calls, ({ invoke: { key } }) => (key === undefined ? '' : canonical(key)));
  return [...groups.values()];
}

/** `the lock of "a"`, or `the lock` where there is one only. */
export function nameOf(what: string, { key }: Operation): string {
  return key === undefined ? `the ${what}` : `the ${what} of ${canonical(key)}`;
}

/** Positions in the history of what is told of these calls. */
export function entriesOf(calls: readonly Call[]): number[] {
  return calls.flatMap(({ invoke, completion }) =>
    completion === undefined ? [invoke.index] : [invoke.index, completion.index],
  );
}

const ms = (nanos: number): string => `${(nanos / NANOS_PER_MS).toFixed(3)} ms`;

/** Says who held what (`lock`, `lease`) at the same time, and since when. */
function overlapProblem(what: string, [first, second]: Overlap): Problem {
  const lock = nameOf(what, second.call.invoke);
  const told = ({ call, from, to, shared }: Hold): string =>
    `process ${call.invoke.process} held it${shared ? ' as a reader' : ''} from ${ms(from)} (${call.invoke.f} returned) to at least ${ms(to)}`;
  const window = [second.from, Math.min(first.to, second.to)] as const;
  return {
    title: `Processes ${first.call.invoke.process} and ${second.call.invoke.process} held ${lock} at once`,
    explanation: `Of ${lock}, ${told(first)}, and ${told(second)}: for ${ms(window[1] - window[0])} both of them did.`,
    operations: entriesOf([first.call, second.call]),
    window,
  };
}

/** False where two processes must have held the same at once; `unknown` if nobody was granted anything. `what` is what they hold: `lock`, `lease`. */
export function overlapVerdict(what: string, { grants, overlaps }: HoldFindings): Verdict {
  const details = { grants, overlaps: overlaps.length };
  if (grants === 0) {
    const summary = `Nobody was ever granted the ${what}.`;
    const explanation = 'No acquire and no campaign succeeded, so there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: `No ${what}`, explanation }], details };
  }
  const valid = overlaps.length === 0;
  const outcome = valid
    ? 'no two processes held one at once'
    : `${overlaps.length} began while another process held it`;
  return {
    valid,
    summary: `${grants} ${what}s granted or renewed: ${outcome}.`,
    problems: overlaps.slice(0, PROBLEMS_MAX).map((overlap) => overlapProblem(what, overlap)),
    details,
  };
}
