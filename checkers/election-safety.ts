/**
 * Election safety: at most one leader can be elected in a term (Ongaro and Ousterhout 2014, figure 3). Told by the
 * nodes' own logs, where each notes `became-leader` with its `term`. A node that wins a term twice breaks it
 * as two nodes do: a candidate begins a new term, so it had forgotten the old one, and whoever voted for it again
 * may as well have voted for another.
 */
import { canonical, type Json } from '../harness/json.ts';
import type { Checker, LogEntry, Problem } from '../harness/history/checker.ts';

const EVENT = 'became-leader';

interface Leadership {
  readonly node: string;
  readonly term: Json;
  /** Milliseconds since the epoch, by the node's own clock. */
  readonly time: number;
}

function leaderships(logs: Readonly<Record<string, readonly LogEntry[]>>): Leadership[] {
  return Object.entries(logs).flatMap(([node, log]) =>
    log.flatMap(({ event, time, ['term']: term }) =>
      event === EVENT && term !== undefined ? [{ node, term, time }] : [],
    ),
  );
}

function contested(term: Json, leaders: readonly Leadership[]): Problem {
  const told = [...leaders]
    .sort((a, b) => a.time - b.time)
    .map(({ node, time }) => `${node} at ${new Date(time).toISOString()}`)
    .join(', ');
  const nodes = [...new Set(leaders.map(({ node }) => node))].sort();
  const [only = ''] = nodes;
  const title =
    nodes.length === 1
      ? `${only} was elected ${leaders.length} times in term ${canonical(term)}`
      : `${nodes.length} leaders in term ${canonical(term)}: ${nodes.join(' and ')}`;
  return {
    title,
    explanation: `In term ${canonical(term)} ${told} became leader, each by its own clock. A node votes once in a term and a leader needs a majority, so two majorities voted: some node voted twice, or forgot its term and vote.`,
  };
}

/** False if there were two elections in one term; `unknown` if no node ever led. */
export const electionSafety: Checker = {
  name: 'election-safety',
  check(_history, { logs }) {
    const all = leaderships(logs);
    const terms = Map.groupBy(all, ({ term }) => canonical(term));
    if (all.length === 0) {
      const explanation = `No node's log has an entry "${EVENT}" with a term, so there was no election to look at.`;
      return {
        valid: 'unknown',
        summary: 'No leader was seen.',
        problems: [{ title: 'No leader', explanation }],
      };
    }
    const problems = [...terms.values()].flatMap((leaders) => {
      const [first, second] = leaders;
      return first === undefined || second === undefined ? [] : [contested(first.term, leaders)];
    });
    const outcome =
      problems.length === 0
        ? 'one leader in each'
        : `more than one election won in ${problems.length} of them`;
    return {
      valid: problems.length === 0,
      summary: `${terms.size} terms with a leader: ${outcome}.`,
      problems,
    };
  },
};
