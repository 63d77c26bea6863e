/**
 * Fencing tokens (Kleppmann, "How to do distributed locking", 2016): with each lease its holder gets a number greater than all
 * before, and the resource refuses whoever comes with a lower one than it has seen. So a holder that was asleep
 * while its lease ran out does no harm. Two things are looked at:
 *
 * - tokens increase with the grants: who is granted a lock after somebody else was (one acquire had returned before the other was
 *   invoked) has the greater token, and no token is given twice;
 * - the resource obeys them: of the writes that it accepted, in their order, none has a lower token than one before.
 *
 * That two holders overlap is neither here nor there: with fencing they may.
 */
import { isJsonObject } from '../harness/json.ts';
import type { Checker, Problem } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History } from '../harness/history/operation.ts';
import { resourcesOf, type Effect, type ResourceHistory } from './effects.ts';
import { byKey, entriesOf, nameOf } from './holds.ts';

const PROBLEMS_MAX = 20;

/** An acquire that gave a token. */
interface Grant {
  readonly call: Call;
  readonly token: number;
  readonly invoked: number;
  readonly returned: number;
}

function grantsOf(calls: readonly Call[]): Grant[] {
  return calls.flatMap((call) => {
    const { invoke, completion } = call;
    if (invoke.f !== 'acquire' || completion?.type !== 'ok' || !isJsonObject(completion.value)) return [];
    const { token } = completion.value;
    return typeof token === 'number'
      ? [{ call, token, invoked: invoke.index, returned: completion.index }]
      : [];
  });
}

/** The grants of one lock that came after a grant with a token at least as great, or have the token of another; each with the other. */
function disorder(grants: readonly Grant[]): (readonly [Grant, Grant])[] {
  const found: (readonly [Grant, Grant])[] = [];
  const returning = grants.toSorted((a, b) => a.returned - b.returned);
  const owners = new Map<number, Grant>();
  let position = 0;
  /** Of those that had returned, the one with the greatest token. */
  let greatest: Grant | undefined;
  for (const grant of grants.toSorted((a, b) => a.invoked - b.invoked)) {
    for (let next = returning[position]; next !== undefined && next.returned < grant.invoked;) {
      if (greatest === undefined || next.token > greatest.token) greatest = next;
      next = returning[++position];
    }
    const twin = owners.get(grant.token);
    if (greatest !== undefined && greatest.token >= grant.token) found.push([greatest, grant]);
    else if (twin !== undefined) found.push([twin, grant]);
    owners.set(grant.token, grant);
  }
  return found;
}

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
    const summary = 'No acquire gave a fencing token.';
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
  applies: (history) => history.some(({ f }) => f === 'acquire'),
  check,
};
