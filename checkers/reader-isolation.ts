/**
 * Isolation of readers: nobody writes while a reader holds a read-write lock. It is mutual exclusion where it matters, at the
 * resource: a writer that sleeps through the end of its lease and then writes holds nothing any more by what it knows, so no two
 * holds overlap; but a reader that holds the lock now sees the value change under its eyes.
 *
 * An `examine` reads the resource twice, with some thinking between, and gives the versions `{ before, after }`. If it was over before the
 * lease of its process was, by what its last `acquire` or `renew` said (see mutual-exclusion.ts), both must be the same. What somebody
 * finds who examines the resource for longer than his lease lasts is not looked at.
 */
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History, type Operation } from '../harness/history/operation.ts';
import { resourcesOf, type Effect } from './effects.ts';
import { answerOf, byKey, endOfLease, entriesOf, nameOf } from './holds.ts';

const NANOS_PER_MS = 1e6;
const PROBLEMS_MAX = 20;
const GRANTS: readonly string[] = ['acquire', 'renew'];

/** Two reads of a resource by one who held the lock from before the first until after the second. */
interface Examination {
  readonly call: Call;
  readonly before: number;
  readonly after: number;
}

/** The examinations of one resource that were over when the lease was still good. Takes its calls by their beginning. */
function examinationsOf(calls: readonly Call[]): Examination[] {
  const leases = new Map<Operation['process'], number>();
  return calls.flatMap((call) => {
    const { invoke, completion } = call;
    if (invoke.f === 'release') leases.delete(invoke.process);
    if (completion?.type !== 'ok') return [];
    if (GRANTS.includes(invoke.f)) leases.set(invoke.process, endOfLease(call));
    const { before, after } = answerOf(call);
    if (invoke.f !== 'examine' || typeof before !== 'number' || typeof after !== 'number') return [];
    return completion.time <= (leases.get(invoke.process) ?? 0) ? [{ call, before, after }] : [];
  });
}

function disturbance({ call, before, after }: Examination, effects: readonly Effect[]): Problem {
  const { invoke, completion } = call;
  const resource = nameOf('resource', invoke);
  const between = effects.filter(({ version }) => version > before && version <= after);
  const names = between.map(({ id, token }) => `${id} with token ${token ?? 'none'}`).join(', ');
  const tookMs = ((completion?.time ?? invoke.time) - invoke.time) / NANOS_PER_MS;
  return {
    title: `Somebody wrote to ${resource} while process ${invoke.process} held the lock to read`,
    explanation:
      `Process ${invoke.process} read version ${before} and, within ${tookMs.toFixed(3)} ms, version ${after} of ${resource}, and its lease ` +
      `was good all the time. ${names === '' ? 'Nobody knows who wrote between.' : `Written between was ${names}.`}`,
    operations: entriesOf([...new Set(between.map((effect) => effect.call)), call]),
    window: [invoke.time, completion?.time ?? invoke.time],
  };
}

function check(history: History): Verdict {
  const resources = resourcesOf(history);
  const found = byKey(pairCalls(history)).map(examinationsOf);
  const examinations = found.reduce((sum, { length }) => sum + length, 0);
  if (examinations === 0) {
    const summary = 'Nobody examined the resource while it certainly held the lock.';
    const explanation = 'No examine succeeded within a lease, so there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'Nothing examined', explanation }] };
  }
  const problems = found.flatMap((own, resource) =>
    own
      .filter(({ before, after }) => before !== after)
      .map((examination) => disturbance(examination, resources[resource]?.effects ?? [])),
  );
  const outcome = problems.length === 0 ? 'nobody wrote meanwhile' : `somebody wrote in ${problems.length}`;
  return {
    valid: problems.length === 0,
    summary: `${examinations} examinations under a good lease: ${outcome}.`,
    problems: problems.slice(0, PROBLEMS_MAX),
    details: { examinations, disturbed: problems.length },
  };
}

/** False if a resource changed while a reader certainly held the lock; `unknown` if none looked twice in a lease. */
export const readerIsolation: Checker = { name: 'reader-isolation', check };
