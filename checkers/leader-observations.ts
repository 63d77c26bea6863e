/**
 * What observers see of an election: a `leader` gives `{ leader, token }`, who leads and the fencing token of its leadership, or nulls where
 * nobody does. Tokens increase from leader to leader, so what is seen never goes back:
 *
 * - an observation that begins after another one, or a `campaign`, has ended shows no lower token than that;
 * - a campaign that begins after an observation has ended gets a greater token than that showed;
 * - one token is the token of one leader;
 * - while somebody leads for certain, by what it knows itself (mutual-exclusion.ts), every observation shows its token.
 *
 * An observation of nobody says nothing but the last: the leader may have resigned, and the next not be elected yet.
 */
import { canonical, type Json } from '../harness/json.ts';
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History } from '../harness/history/operation.ts';
import { answerOf, byKey, endOfLease, entriesOf, holdsOf, nameOf, type Hold } from './holds.ts';

const PROBLEMS_MAX = 20;

/** A completed campaign or observation. */
interface Sight {
  readonly call: Call;
  readonly invoked: number;
  readonly returned: number;
  /** Null where nobody led. */
  readonly token: number | null;
  readonly observed: boolean;
}

function sightsOf(calls: readonly Call[]): Sight[] {
  return calls.flatMap((call) => {
    const { invoke, completion } = call;
    const observed = invoke.f === 'leader';
    const { token = null } = answerOf(call);
    if (completion?.type !== 'ok' || !(observed || invoke.f === 'campaign')) return [];
    if (token !== null && typeof token !== 'number') return [];
    return [{ call, invoked: invoke.index, returned: completion.index, token, observed }];
  });
}

const greater = (one: Sight | undefined, other: Sight): Sight =>
  one === undefined || (other.token ?? -1) > (one.token ?? -1) ? other : one;

/** What was seen after something with a greater token, each with that. */
function goingBack(sights: readonly Sight[]): (readonly [Sight, Sight])[] {
  const found: (readonly [Sight, Sight])[] = [];
  const returning = sights.filter(({ token }) => token !== null).sort((a, b) => a.returned - b.returned);
  let position = 0;
  /** Of what had returned, that with the greatest token; and of the observations among it. */
  let any: Sight | undefined;
  let observed: Sight | undefined;
  for (const sight of sights.toSorted((a, b) => a.invoked - b.invoked)) {
    for (let next = returning[position]; next !== undefined && next.returned < sight.invoked;) {
      any = greater(any, next);
      if (next.observed) observed = greater(observed, next);
      next = returning[++position];
    }
    if (sight.token === null) continue;
    // That tokens of campaigns increase is for the check of fencing tokens.
    const before = sight.observed ? any : observed;
    const least = (before?.token ?? -1) + (sight.observed ? 0 : 1);
    if (before !== undefined && sight.token < least) found.push([before, sight]);
  }
  return found;
}

function backProblem([earlier, later]: readonly [Sight, Sight]): Problem {
  const election = nameOf('election', later.call.invoke);
  const told = ({ call, token, observed }: Sight): string =>
    observed
      ? `process ${call.invoke.process} saw token ${token}`
      : `process ${call.invoke.process} was elected with token ${token}`;
  return {
    title: `The leader of ${election} goes back: token ${later.token} after ${earlier.token}`,
    explanation: `In ${election}, ${told(earlier)}; afterwards, ${told(later)}. Who leads later has a greater token.`,
    operations: entriesOf([earlier.call, later.call]),
  };
}

/** Observations that show another leader than an earlier one with the same token. */
function twoNames(sights: readonly Sight[]): Problem[] {
  const leaders = new Map<number, readonly [Json, Call]>();
  return sights.flatMap(({ call, token, observed }) => {
    if (token === null || !observed) return [];
    const { leader = null } = answerOf(call);
    const [name, first] = leaders.get(token) ?? [leader, call];
    leaders.set(token, [name, first]);
    if (canonical(name) === canonical(leader)) return [];
    const election = nameOf('election', call.invoke);
    return [
      {
        title: `Two leaders of ${election} with token ${token}`,
        explanation: `In ${election}, token ${token} was seen as that of ${canonical(name)} and as that of ${canonical(leader)}.`,
        operations: entriesOf([first, call]),
      },
    ];
  });
}

/** Observations that lie wholly within the time in which somebody led for certain, and do not show it. */
function overlooked(sights: readonly Sight[], holds: readonly Hold[]): Problem[] {
  let position = 0;
  /** Of the holds that have begun, the one that ends last. */
  let longest: Hold | undefined;
  return sights.flatMap(({ call, token, observed }) => {
    const { invoke, completion } = call;
    for (let next = holds[position]; next !== undefined && next.from <= invoke.time;) {
      if (longest === undefined || next.to > longest.to) longest = next;
      next = holds[++position];
    }
    if (!observed || longest === undefined || (completion?.time ?? Infinity) > longest.to) return [];
    const held = answerOf(longest.call)['token'] ?? null;
    return held === token ? [] : [overlookedProblem(longest, call, token)];
  });
}

function overlookedProblem(hold: Hold, call: Call, token: number | null): Problem {
  const { invoke } = call;
  const election = nameOf('election', invoke);
  const { token: held = null } = answerOf(hold.call);
  const seen = token === null ? 'that nobody does' : `token ${token}`;
  return {
    title: `An observer of ${election} saw ${seen} while process ${hold.call.invoke.process} led`,
    explanation:
      `Process ${hold.call.invoke.process} led for certain, with token ${canonical(held)}, when process ${invoke.process} looked ` +
      `who leads in ${election}, and saw ${seen}.`,
    operations: entriesOf([hold.call, call]),
    window: [hold.from, hold.to],
  };
}

function problemsOf(calls: readonly Call[]): Problem[] {
  const sights = sightsOf(calls);
  return [
    ...goingBack(sights).map(backProblem),
    ...twoNames(sights),
    ...overlooked(sights, holdsOf(calls, endOfLease)),
  ];
}

function check(history: History): Verdict {
  const elections = byKey(pairCalls(history));
  const observations = elections.flatMap(sightsOf).filter(({ observed }) => observed);
  if (!observations.some(({ token }) => token !== null)) {
    const summary = 'Nobody was ever seen to lead.';
    const explanation = 'No look at who leads showed anybody, so there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'No leader', explanation }] };
  }
  const problems = elections.flatMap(problemsOf);
  const outcome = problems.length === 0 ? 'none goes back' : `${problems.length} problems`;
  return {
    valid: problems.length === 0,
    summary: `${observations.length} observations of who leads: ${outcome}.`,
    problems: problems.slice(0, PROBLEMS_MAX),
    details: { observations: observations.length, problems: problems.length },
  };
}

/** False if observers saw leaders in an order in which they cannot have led; `unknown` if nobody was seen to lead. */
export const leaderObservations: Checker = { name: 'leader-observations', check };
