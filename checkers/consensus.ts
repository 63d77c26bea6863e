/**
 * Consensus: each instance (the operations' key) is an object that decides once. `propose` gives the decision, `read` gives
 * it or null while there is none. What must hold, in Lamport's words ("Paxos Made Simple", section 1): only a value that has
 * been proposed may be chosen, only a single value is chosen, and nobody learns that a value has been chosen unless it has.
 *
 * The history shows it as a linearizable object that sticks to its first value. No search is needed to decide that. If all
 * who saw a decision saw the same one, d, then an order exists if and only if there is a moment for the first proposal of d:
 * after some proposal of d began and after every read of null began (each such read comes before the moment), and before
 * the first who saw d was answered. Every other operation fits in: reads of null before, all others after.
 *
 * The nodes' logs show it where no client looked: each entry `chosen` with an `instance` and a `value`, of every node and
 * every life, must have the same value as all others of its instance, a proposed one, and the one that clients saw.
 */
import { canonical, type Json } from '../harness/json.ts';
import type { Checker, LogEntry, Problem } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History, type Operation } from '../harness/history/operation.ts';

const EVENT = 'chosen';
/** Problems that are told one by one; all are counted. */
const PROBLEMS_MAX = 20;

/** Who learned a value: a client by an operation, or a node by its log. */
interface Sighting {
  readonly who: string;
  /** Absent if a node's log tells it. */
  readonly call?: Call & { readonly completion: Operation };
}

/** What happened to one instance. */
interface Instance {
  readonly key: Json;
  /** Proposals of each value, by its canonical text, in order of invocation. */
  readonly proposals: Map<string, Call[]>;
  /** Who learned which value, in order: clients by completion, then nodes. */
  readonly sightings: Map<string, Sighting[]>;
  /** Reads that found nothing decided. */
  readonly undecided: Call[];
}

const decisionOf = ({ completion }: Call): Json => (completion?.type === 'ok' ? completion.value : null);

function addTo<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

/** All instances that clients or nodes speak of, by the canonical text of their key. */
class Instances extends Map<string, Instance> {
  at(key: Json): Instance {
    const name = canonical(key);
    let instance = this.get(name);
    if (instance === undefined) {
      instance = { key, proposals: new Map(), sightings: new Map(), undecided: [] };
      this.set(name, instance);
    }
    return instance;
  }

  addCall(call: Call): void {
    const { invoke, completion } = call;
    const instance = this.at(invoke.key ?? null);
    if (invoke.f === 'propose') addTo(instance.proposals, canonical(invoke.value), call);
    if (completion?.type !== 'ok') return;
    const decision = decisionOf(call);
    const who = `process ${invoke.process} (${invoke.f}, operation ${completion.index})`;
    if (decision !== null)
      addTo(instance.sightings, canonical(decision), { who, call: { invoke, completion } });
    else if (invoke.f === 'read') instance.undecided.push(call);
  }

  addEntry(node: string, { event, ['instance']: key, ['value']: value }: LogEntry): void {
    if (event !== EVENT || key === undefined || value === undefined) return;
    addTo(this.at(key).sightings, canonical(value), { who: `${node} (its log)` });
  }
}

function instancesOf(history: History, logs: Readonly<Record<string, readonly LogEntry[]>>): Instances {
  const instances = new Instances();
  const completedAt = ({ completion }: Call): number => completion?.index ?? Infinity;
  const calls = pairCalls(history).filter(({ invoke: { f } }) => f === 'propose' || f === 'read');
  for (const call of calls.toSorted((a, b) => completedAt(a) - completedAt(b))) instances.addCall(call);
  for (const [node, log] of Object.entries(logs)) for (const entry of log) instances.addEntry(node, entry);
  return instances;
}

const indicesOf = (calls: readonly (Call | undefined)[]): number[] =>
  calls.flatMap((call) =>
    call === undefined ? [] : [call.invoke.index, ...(call.completion ? [call.completion.index] : [])],
  );

/** Agreement: whoever learned a value learned the same one. */
function disagreement({ key, sightings }: Instance): Problem[] {
  if (sightings.size < 2) return [];
  const told = [...sightings].map(([value, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${value} was learned by ${first?.who ?? 'nobody'}${more}`;
  });
  return [
    {
      title: `Instance ${canonical(key)} decided ${sightings.size} values`,
      explanation: `Of instance ${canonical(key)}, ${told.join('; ')}. An instance decides once, and all learn the same.`,
      operations: indicesOf([...sightings.values()].map((all) => all.find(({ call }) => call)?.call)),
    },
  ];
}

/** Validity: what was learned had been proposed, by a proposal that did not fail and began before. */
function invalidity({ key, proposals, sightings }: Instance, value: string): Problem[] {
  const seen = sightings.get(value)?.find(({ call }) => call !== undefined)?.call;
  const who = sightings.get(value)?.[0]?.who ?? 'nobody';
  const all = proposals.get(value) ?? [];
  const open = all.filter(({ completion }) => completion?.type !== 'fail');
  const begun = open.some(({ invoke }) => seen === undefined || invoke.index < seen.completion.index);
  if (begun) return [];
  const why =
    all.length === 0
      ? 'nobody ever proposed it'
      : open.length === 0
        ? 'its proposal failed, so it certainly was not and will not be offered'
        : 'its proposal began only afterwards';
  return [
    {
      title: `Instance ${canonical(key)} decided ${value}, which was not proposed`,
      explanation: `Of instance ${canonical(key)}, ${who} learned ${value}, but ${why}.`,
      operations: indicesOf([seen, ...all]),
    },
  ];
}

/** A decision stays: no read that began after somebody was told it finds nothing. */
function forgetting({ key, undecided, sightings }: Instance, value: string): Problem[] {
  const seen = sightings.get(value)?.find(({ call }) => call !== undefined)?.call;
  const late = undecided.find(({ invoke }) => seen !== undefined && invoke.index > seen.completion.index);
  if (seen === undefined || late === undefined) return [];
  return [
    {
      title: `Instance ${canonical(key)} was decided, and then it was not`,
      explanation:
        `Process ${seen.invoke.process} was told at operation ${seen.completion.index} that instance ${canonical(key)} ` +
        `decided ${value}. Process ${late.invoke.process} began to read later, at operation ${late.invoke.index}, and found nothing decided.`,
      operations: indicesOf([seen, late]),
      window: [seen.completion.time, late.completion?.time ?? late.invoke.time],
    },
  ];
}

function problemsOf(instance: Instance): Problem[] {
  return [
    ...disagreement(instance),
    ...[...instance.sightings.keys()].flatMap((value) => [
      ...invalidity(instance, value),
      ...forgetting(instance, value),
    ]),
  ];
}

/** False if an instance decided two values, one that was not proposed, or took its decision back; `unknown` if none decided. */
export const consensus: Checker = {
  name: 'consensus',
  check(history, { logs }) {
    const instances = instancesOf(history, logs);
    const decided = [...instances.values()].filter(({ sightings }) => sightings.size > 0);
    if (decided.length === 0) {
      const explanation =
        'No proposal and no read gave a value, and no node logged one, so there was nothing to look at.';
      return {
        valid: 'unknown',
        summary: 'Nothing was decided.',
        problems: [{ title: 'No decision', explanation }],
      };
    }
    const problems = decided.flatMap(problemsOf);
    const outcome =
      problems.length === 0 ? 'one proposed value each, for good' : `${problems.length} problems`;
    return {
      valid: problems.length === 0,
      summary: `${decided.length} of ${instances.size} instances decided: ${outcome}.`,
      problems: problems.slice(0, PROBLEMS_MAX),
    };
  },
};
