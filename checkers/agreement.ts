/**
 * Agreement on a replicated log: in each slot one command, on all nodes and for ever; commands applied in order, each slot
 * once; and nothing read that no client had asked to be written. (Agreement, integrity and validity of consensus, in every slot:
 * Lamport, "Paxos Made Simple", section 2.1; the same is Raft's state-machine safety, Ongaro and Ousterhout 2014, figure 3.)
 *
 * Told by the nodes' own logs, where each notes now and then `applied`: the `index` up to which it has applied entries, and a
 * `digest` of all of them. Digests at the same index must be equal, whichever node noted them and in whichever life. A node that
 * finds itself applying out of order notes `applied-out-of-order`. What was read is in the history: it must consist of
 * values that were asked for under that key before. That is linear in the history, where linearizability is not, and it
 * names the value.
 */
import { canonical, type Json } from '../harness/json.ts';
import type { Checker, LogEntry, Problem } from '../harness/history/checker.ts';
import { isClient, type History, type Operation } from '../harness/history/operation.ts';

const APPLIED = 'applied';
const OUT_OF_ORDER = 'applied-out-of-order';
/** Problems of one kind that are told one by one; all are counted. */
const PROBLEMS_MAX = 10;

type Logs = Readonly<Record<string, readonly LogEntry[]>>;

/** What a node noted. */
interface Note {
  readonly node: string;
  readonly index: number;
  readonly digest: string;
  /** Milliseconds since the epoch, by the node's own clock. */
  readonly time: number;
}

function notesIn(logs: Logs): Note[] {
  return Object.entries(logs).flatMap(([node, log]) =>
    log.flatMap((entry): Note[] => {
      const { event, time, ['index']: index, ['digest']: digest } = entry;
      if (event !== APPLIED || typeof index !== 'number' || typeof digest !== 'string') return [];
      return [{ node, index, digest, time }];
    }),
  );
}

/** The first index at which two digests differ, and all notes of it. What comes later follows from it. */
function disagreement(notes: readonly Note[]): readonly Note[] | undefined {
  const differing = [...Map.groupBy(notes, ({ index }) => index).values()].filter(
    (own) => new Set(own.map(({ digest }) => digest)).size > 1,
  );
  return differing.sort(([a], [b]) => (a?.index ?? 0) - (b?.index ?? 0))[0];
}

function disagreementProblem(notes: readonly Note[], all: readonly Note[]): Problem {
  const [{ index } = { index: 0 }] = notes;
  const before = Math.max(0, ...all.filter((note) => note.index < index).map((note) => note.index));
  const sides = [...Map.groupBy(notes, ({ digest }) => digest).values()]
    .map((side) => side.map(({ node, time }) => `${node} at ${new Date(time).toISOString()}`).join(', '))
    .join(' - and another of ');
  return {
    title: `Replicas disagree on what is in slots up to ${index}`,
    explanation:
      `One digest of the entries up to ${index} was noted by ${sides}; each time by its own clock. So in some slot, after ` +
      `${before} if the notes before agree, two commands were chosen.`,
  };
}

function orderProblems(logs: Logs): Problem[] {
  return Object.entries(logs).flatMap(([node, log]) =>
    log
      .filter(({ event }) => event === OUT_OF_ORDER)
      .map(({ ['index']: index = null, ['before']: before = null }) => ({
        title: `${node} applied slot ${canonical(index)} after slot ${canonical(before)}`,
        explanation: `Slots are applied in order and each once; ${node} noted by itself that it applied ${canonical(index)} when it had got to ${canonical(before)}.`,
      })),
  );
}

/** A step of an operation: of a transaction each of its own, any other operation is one. */
interface Step {
  readonly f: string;
  readonly key: Json;
  readonly value: Json;
}

function stepsOf({ f, key = null, value }: Operation): readonly Step[] {
  if (f !== 'txn' || !Array.isArray(value)) return [{ f, key, value }];
  return (value as readonly Json[]).map((step) => {
    const [name = null, of = null, what = null] = Array.isArray(step) ? (step as readonly Json[]) : [];
    return { f: typeof name === 'string' ? name : '', key: of, value: what };
  });
}

const isRead = ({ f }: Step): boolean => f === 'read' || f === 'r';
const itemsOf = (value: Json): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [value];

/** A value that was read though nobody had asked for it. */
interface Invention extends Step {
  readonly operation: Operation;
}

/**
 * Reads of what was never asked for under their key. A value may be asked for whole (a write) or item by item (an append), and
 * is read so. What is no list is looked at under keys that are written to: elsewhere it may be a sum.
 */
function inventionsIn(history: History): Invention[] {
  const asked = new Set<string>();
  const inventions: Invention[] = [];
  const written = new Set(
    history.filter(({ f }) => f === 'write' || f === 'cas').map(({ key = null }) => canonical(key)),
  );
  const wasAsked = (key: Json, value: Json): boolean => asked.has(canonical([key, value]));
  for (const operation of history.filter(isClient)) {
    for (const step of stepsOf(operation)) {
      const { key, value } = step;
      if (operation.type === 'invoke' && !isRead(step)) {
        for (const each of [value, ...itemsOf(value)]) asked.add(canonical([key, each]));
      }
      if (operation.type !== 'ok' || !isRead(step) || value === null || wasAsked(key, value)) continue;
      if (!Array.isArray(value) && !written.has(canonical(key))) continue;
      const invented = itemsOf(value).find((item) => !wasAsked(key, item));
      if (invented !== undefined) inventions.push({ ...step, value: invented, operation });
    }
  }
  return inventions;
}

function inventionProblem({ operation, key, value }: Invention): Problem {
  return {
    title: `${canonical(value)} was read under ${canonical(key)} and never asked for`,
    explanation: `Process ${operation.process} read ${canonical(value)} under ${canonical(key)}, and no operation that began before that was to put it there: what is chosen must have been proposed.`,
    operations: [operation.index],
  };
}

/** False if two nodes' digests differ, a slot was applied out of order, or a value read that nobody asked for; `unknown` without notes. */
export const agreement: Checker = {
  name: 'agreement',
  check(history, { logs }) {
    const notes = notesIn(logs);
    const differing = disagreement(notes);
    const problems = [
      ...(differing === undefined ? [] : [disagreementProblem(differing, notes)]),
      ...orderProblems(logs).slice(0, PROBLEMS_MAX),
      ...inventionsIn(history).slice(0, PROBLEMS_MAX).map(inventionProblem),
    ];
    if (notes.length === 0 && problems.length === 0) {
      const explanation = `No node's log has an entry "${APPLIED}" with an index and a digest, so there was nothing to compare.`;
      return {
        valid: 'unknown',
        summary: 'No node told what it applied.',
        problems: [{ title: 'Nothing applied', explanation }],
      };
    }
    const compared = [...Map.groupBy(notes, ({ index }) => index).values()].filter((own) => own.length > 1);
    const outcome = problems.length === 0 ? 'they agree' : 'something is wrong';
    return {
      valid: problems.length === 0,
      summary: `${notes.length} notes of ${new Set(notes.map(({ node }) => node)).size} nodes, ${compared.length} places in the log that were noted more than once: ${outcome}.`,
      problems,
      details: { notes: notes.length, compared: compared.length },
    };
  },
};
