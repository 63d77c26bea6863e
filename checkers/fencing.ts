/**
 * Fencing tokens (Kleppmann, "How to do distributed locking", 2016): with each lease its holder gets a number greater than all
 * before, and the resource refuses whoever comes with a lower one than it has seen. So a holder that was asleep
 * while its lease ran out does no harm. Two things are looked at:
 *
 * - tokens increase with the grants: who is granted a lock after somebody else was (one acquire had returned before the other was
 *   invoked) has the greater token, and no token is given twice;
 * - the resource obeys them: of the writes that it accepted, in their order, none has a lower token than one before.
 *
 * Of two readers of a read-write lock neither need be refused for the other: their tokens may be the same, or in any order. An
 * election's tokens are those of its `campaign`s.
 *
 * That two holders overlap is neither here nor there: with fencing they may.
 */
import type { Checker, Problem } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History } from '../harness/history/operation.ts';
import { resourcesOf, type Effect, type ResourceHistory } from './effects.ts';
import { answerOf, asksForLock, byKey, entriesOf, isShared, nameOf } from './holds.ts';

const PROBLEMS_MAX = 20;

/** An acquire or a campaign that gave a token. */
interface Grant {
  readonly call: Call;
  readonly token: number;
  readonly invoked: number;
  readonly returned: number;
  readonly shared: boolean;
}

function grantsOf(calls: readonly Call[]): Grant[] {
  return calls.flatMap((call) => {
    const { invoke, completion } = call;
    const { token } = answerOf(call);
    if (!asksForLock(invoke) || completion === undefined || typeof token !== 'number') return [];
    return [{ call, token, invoked: invoke.index, returned: completion.index, shared: isShared(call) }];
  });
}

/** The grants of one lock that came after a grant with a token at least as great, or have the token of another; each with the other. */
function disorder(grants: readonly Grant[]): (readonly [Grant, Grant])[] {
  const found: (readonly [Grant, Grant])[] = [];
  const returning = grants.toSorted((a, b) => a.returned - b.returned);
  const owners = new Map<number, Grant>();
  let position = 0;
  /** Of those that had returned, the one with the greatest token; and of those of them that are not shared. */
  let greatest: Grant | undefined;
  let exclusive: Grant | undefined;
  for (const grant of grants.toSorted((a, b) => a.invoked - b.invoked)) {
    for (let next = returning[position]; next !== undefined && next.returned < grant.invoked;) {
      greatest = greater(greatest, next);
      if (!next.shared) exclusive = greater(exclusive, next);
      next = returning[++position];
    }
    const before = grant.shared ? exclusive : greatest;
    const twin = owners.get(grant.token);
    if (before !== undefined && before.token >= grant.token) found.push([before, grant]);
    else if (twin !== undefined && !(twin.shared && grant.shared)) found.push([twin, grant]);
    owners.set(grant.token, grant);
  }
  return found;
}

const greater = (one: Grant | undefined, other: Grant): Grant =>
  one === undefined || other.token > one.token ? other : one;

function tokenProblem([earlier, later]: readonly [Grant, Grant]): Problem {
  const lock = nameOf('lock', later.call.invoke);
  const [one, other] = [earlier.call.invoke.process, later.call.invoke.process];
  const order =
    earlier.returned < later.invoked
      ? `had been granted ${lock} with token ${earlier.token} when process ${other} asked for it, and got`
      : `was granted ${lock} with token ${earlier.token}, and process ${other}, at about the same time, with`;
  return {
    title: `Tokens of ${lock} do not increase: ${later.token} after ${earlier.token}`,
    explanation: `Process ${one} ${order} token ${later.token}. A resource cannot tell that the first holder's time is over.`,
    operations: entriesOf([earlier.call, later.call]),
  };
}

/** Accepted writes with a lower token than one before, each with that one. */
function disobedience({ effects }: ResourceHistory): (readonly [Effect, Effect])[] {
  const found: (readonly [Effect, Effect])[] = [];
  let greatest: Effect | undefined;
  for (const effect of effects) {
    if (effect.token === null) continue;
    if (greatest?.token !== undefined && (greatest.token ?? 0) > effect.token) found.push([greatest, effect]);
    else greatest = effect;
  }
  return found;
}

function obeyProblem([newer, older]: readonly [Effect, Effect]): Problem {
  const resource = nameOf('resource', older.call.invoke);
  const named = ({ id, token, version }: Effect): string =>
    `update ${id} with token ${token ?? 'none'} (version ${version})`;
  return {
    title: `An effect with token ${older.token ?? 'none'} was accepted after token ${newer.token ?? 'none'}`,
    explanation: `At ${resource}, ${named(newer)} was accepted, and after it ${named(older)}, whose holder's lease had been followed by another's.`,
    operations: entriesOf([newer.call, older.call]),
  };
}

function check(history: History): ReturnType<Checker['check']> {
  const locks = byKey(pairCalls(history)).map(grantsOf);
  const resources = resourcesOf(history);
  const grants = locks.reduce((sum, { length }) => sum + length, 0);
  const effects = resources.reduce((sum, resource) => sum + resource.effects.length, 0);
  if (grants === 0) {
    const summary = 'No acquire and no campaign gave a fencing token.';
    const explanation = 'Nobody was granted a lock with a token, so there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'No tokens', explanation }] };
  }
  const tokens = locks.flatMap(disorder);
  const accepted = resources.flatMap(disobedience);
  const wrong = tokens.length + accepted.length;
  const outcome =
    wrong === 0
      ? 'tokens increase, and the resource obeys them'
      : `${tokens.length} tokens out of order, ${accepted.length} effects of an overtaken holder`;
  return {
    valid: wrong === 0,
    summary: `${grants} grants with a token, ${effects} effects: ${outcome}.`,
    problems: [...accepted.map(obeyProblem), ...tokens.map(tokenProblem)].slice(0, PROBLEMS_MAX),
    details: { grants, effects, tokensOutOfOrder: tokens.length, effectsOutOfOrder: accepted.length },
  };
}

/** False if tokens do not increase, or a resource accepted a lower one after a greater; `unknown` without tokens. */
export const fencing: Checker = {
  name: 'fencing',
  applies: (history) => history.some(asksForLock),
  check,
};
