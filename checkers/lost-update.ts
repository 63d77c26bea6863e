/**
 * Lost updates at a resource (Berenson and others, "A Critique of ANSI SQL Isolation Levels", 1995, P4): somebody read the value, and somebody
 * else wrote before the first one did, who then wrote what he had computed from the old value. A lock, a fencing token or a
 * compare-and-set keeps that from happening. See effects.ts for what the operations give. Wrong is
 *
 * - an accepted write that was computed from another version than the one just before it;
 * - two writes that made the same version: the resource forgot one that it had accepted;
 * - an acknowledged update that a later read does not show.
 *
 * Right is an update that failed, and one of unknown outcome that takes effect later or never.
 */
import { canonical } from '../harness/json.ts';
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import type { History } from '../harness/history/operation.ts';
import { resourcesOf, type Effect, type ReadOfResource, type ResourceHistory } from './effects.ts';
import { entriesOf, nameOf } from './holds.ts';

const PROBLEMS_MAX = 20;

function overwritten({ effects }: ResourceHistory): Problem[] {
  return effects.flatMap((effect) => {
    const { id, base, version, call } = effect;
    if (base === version - 1) return [];
    const lost = effects.filter((other) => other.version > base && other.version < version);
    const names = lost.map((other) => other.id).join(', ');
    const resource = nameOf('resource', call.invoke);
    return [
      {
        title: `Update ${id} overwrote what it had not read`,
        explanation:
          `At ${resource}, update ${id} made version ${version} from version ${base}, and so wiped out ` +
          `${names === '' ? `versions ${base + 1} to ${version - 1}` : `${names}, accepted meanwhile`}.`,
        operations: entriesOf([...lost.map((other) => other.call), call]),
      },
    ];
  });
}

function forgotten({ effects }: ResourceHistory): Problem[] {
  return effects.flatMap((effect, position): Problem[] => {
    const before: Effect | undefined = effects[position - 1];
    if (before?.version !== effect.version) return [];
    const resource = nameOf('resource', effect.call.invoke);
    return [
      {
        title: `Updates ${before.id} and ${effect.id} both made version ${effect.version}`,
        explanation: `At ${resource} both were accepted as version ${effect.version}: it forgot one of them before the other came.`,
        operations: entriesOf([before.call, effect.call]),
      },
    ];
  });
}

/** Acknowledged updates that the first read after them, or the last one, does not show. */
function missing({ acknowledged, reads }: ResourceHistory): Problem[] {
  const asked = reads.toSorted((a, b) => askedAt(a) - askedAt(b));
  const last = asked.slice(-1);
  let position = 0;
  return acknowledged
    .toSorted((a, b) => doneAt(a) - doneAt(b))
    .flatMap((effect) => {
      while (askedAt(asked[position]) < doneAt(effect)) position++;
      const blind = [...asked.slice(position, position + 1), ...last].find(
        (read) => askedAt(read) > doneAt(effect) && !read.ids.has(canonical(effect.id)),
      );
      return blind === undefined ? [] : [missedProblem(effect, blind)];
    });
}

function missedProblem({ id, version, call }: Effect, read: ReadOfResource): Problem {
  const resource = nameOf('resource', call.invoke);
  return {
    title: `Update ${id} was acknowledged, and is gone`,
    explanation: `At ${resource}, update ${id} was acknowledged as version ${version}, and a read that was asked for later does not show it.`,
    operations: entriesOf([call, read.call]),
  };
}

const askedAt = (read: ReadOfResource | undefined): number => read?.call.invoke.index ?? Infinity;
const doneAt = ({ call }: Effect): number => call.completion?.index ?? Infinity;

function check(history: History): Verdict {
  const resources = resourcesOf(history);
  const effects = resources.reduce((sum, resource) => sum + resource.effects.length, 0);
  if (effects === 0) {
    const summary = 'No update took effect.';
    const explanation = 'Nothing was written to the resource, so nothing could be lost.';
    return { valid: 'unknown', summary, problems: [{ title: 'No updates', explanation }] };
  }
  const problems = resources.flatMap((resource) => [
    ...overwritten(resource),
    ...forgotten(resource),
    ...missing(resource),
  ]);
  const outcome = problems.length === 0 ? 'none was lost' : `${problems.length} times something was lost`;
  return {
    valid: problems.length === 0,
    summary: `${effects} updates took effect: ${outcome}.`,
    problems: problems.slice(0, PROBLEMS_MAX),
    details: { effects, lost: problems.length },
  };
}

/** False if an accepted update was wiped out unseen; `unknown` if there was none. */
export const lostUpdate: Checker = { name: 'lost-update', check };
