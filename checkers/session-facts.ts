/**
 * What a history tells of sessions and of the ephemeral nodes that live as long as they; checkers/sessions.ts says what must be true of
 * it, and what the operations give.
 *
 * A session has one client, and once it is over it stays so. So whatever succeeds in it, or shows a node of it, shows that it was alive all
 * the time before, and what its client was promised last holds from when it was opened.
 */
import { canonical, isJsonObject, type Json } from '../harness/json.ts';
import { pairCalls, type Call, type History, type Operation } from '../harness/history/operation.ts';
import { answerOf, byKey } from './holds.ts';

const NANOS_PER_MS = 1e6;
/** What an operation says that found its session over. */
const EXPIRED = 'session-expired';

/** One session. Times are nanoseconds since the start of the test. */
export interface Session {
  readonly name: string;
  readonly process: Operation['process'];
  /** When it was first heard of. */
  readonly since: number;
  /** Up to when it lives at least, by what was promised, and the operation to which that was. */
  until: number;
  promisedTo: Call;
  /** When the last list began that shows a node of it: it was alive then. */
  seen: number;
  /** When its client first asked to close it; infinite if it never did. */
  closing: number;
  /** The first operation that tells that it is over, and whether it was closed or found expired. */
  over: { readonly call: Call; readonly closed: boolean } | undefined;
  /** Operations that succeeded in it after that. */
  readonly after: Call[];
  /** What had been promised for longer than until it was found expired. */
  early: { readonly promise: Call; readonly until: number } | undefined;
  /** When it must be over, as its client was silent; infinite if that is not said. */
  gone: number;
}

/** An ephemeral node, by the registration that made it. */
export interface Registration {
  readonly call: Call;
  readonly name: string;
  readonly session: Session;
}

/** A node as a list shows it. */
export interface Listed {
  readonly name: string;
  readonly session: string;
}

/** A list of the nodes under one key. */
export interface Listing {
  readonly call: Call;
  readonly invoked: Operation;
  readonly completed: Operation;
  readonly nodes: readonly Listed[];
}

/** What happened under one key. */
export interface Directory {
  readonly registrations: readonly Registration[];
  /** By name: registrations that may have made a node of it, whatever came of them. */
  readonly asked: ReadonlyMap<string, readonly Call[]>;
  /** By when they were asked for. */
  readonly lists: readonly Listing[];
}

/** Everything that a history tells. */
export interface SessionFacts {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly directories: readonly Directory[];
}

/** The name that a registration asks for. */
function askedName({ invoke: { f, value } }: Call): string | undefined {
  const name = f === 'register' && isJsonObject(value) ? value['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** The session in which the operation succeeded, or which it closed or found expired. */
function toldSession(call: Call): string | undefined {
  const { session } = answerOf(call);
  return session === undefined ? undefined : canonical(session);
}

/** Whether the operation tells that the session is over: closed, slept through, or expired. */
function tellsEnd(call: Call): boolean {
  const { invoke, completion } = call;
  if (completion?.type === 'fail') return completion.error === EXPIRED;
  if (completion?.type !== 'ok') return false;
  return invoke.f === 'close' || (invoke.f === 'sleep' && answerOf(call)['expired'] === true);
}

/** Goes through the operations as they were invoked; those of one process come one after the other. */
class Sessions {
  readonly all = new Map<string, Session>();
  /** The session of each process that was heard of last. */
  readonly #latest = new Map<Operation['process'], Session>();

  add(call: Call): void {
    const { invoke, completion } = call;
    const name = toldSession(call);
    const ended = tellsEnd(call);
    const session = name === undefined ? this.#latest.get(invoke.process) : this.#named(name, call);
    if (session === undefined) return;
    if (invoke.f === 'close' && completion?.type !== 'fail') {
      session.closing = Math.min(session.closing, invoke.time);
    }
    if (name !== undefined && !ended && session.over !== undefined) session.after.push(call);
    if (ended) end(session, call);
    else if (name !== undefined) promise(session, call);
  }

  #named(name: string, call: Call): Session {
    const { process, time } = call.invoke;
    const found = this.all.get(name);
    const session = found ?? {
      name,
      process,
      since: call.completion?.time ?? time,
      until: 0,
      promisedTo: call,
      seen: 0,
      closing: Infinity,
      over: undefined,
      after: [],
      early: undefined,
      gone: Infinity,
    };
    this.all.set(name, session);
    this.#latest.set(process, session);
    return session;
  }
}

function promise(session: Session, call: Call): void {
  const { untilMs } = answerOf(call);
  const until = typeof untilMs === 'number' ? call.invoke.time + untilMs * NANOS_PER_MS : 0;
  if (until <= session.until) return;
  session.until = until;
  session.promisedTo = call;
}

function end(session: Session, call: Call): void {
  if (session.over !== undefined) return;
  const closed = call.invoke.f === 'close' && call.completion?.type === 'ok';
  session.over = { call, closed };
  const { until, promisedTo } = session;
  // Who asks to close it no longer relies on it.
  const early = (call.completion?.time ?? Infinity) < until && session.closing === Infinity;
  if (early) session.early = { promise: promisedTo, until };
}

/** A time in which a client did nothing, in nanoseconds. */
interface Silence {
  readonly from: number;
  readonly to: number;
}

/** The silences of each process that lasted for that long and more, in order; of what was before `from` nothing counts. */
function silencesOf(
  calls: readonly Call[],
  from: number,
  atLeast: number,
): Map<Operation['process'], Silence[]> {
  const silences = new Map<Operation['process'], Silence[]>();
  for (const [process, own] of Map.groupBy(calls, ({ invoke }) => invoke.process)) {
    const found = own.map(({ completion }, position) => ({
      from: Math.max(from, completion?.time ?? Infinity),
      to: own[position + 1]?.invoke.time ?? Infinity,
    }));
    silences.set(
      process,
      found.filter((silence) => silence.to - silence.from > atLeast),
    );
  }
  return silences;
}

function listedIn(value: Json): Listed[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item) => {
    if (!isJsonObject(item)) return [];
    const { name, session = null } = item;
    return typeof name === 'string' ? [{ name, session: canonical(session) }] : [];
  });
}

function directoryOf(calls: readonly Call[], sessions: ReadonlyMap<string, Session>): Directory {
  const asked = new Map<string, Call[]>();
  const registrations: Registration[] = [];
  const lists: Listing[] = [];
  for (const call of calls) {
    const { invoke, completion } = call;
    const name = askedName(call);
    if (name !== undefined && completion?.type !== 'fail') {
      const others = asked.get(name);
      if (others === undefined) asked.set(name, [call]);
      else others.push(call);
      const session = sessions.get(toldSession(call) ?? '');
      if (session !== undefined) registrations.push({ call, name, session });
    }
    if (invoke.f === 'list' && completion?.type === 'ok') {
      lists.push({ call, invoked: invoke, completed: completion, nodes: listedIn(completion.value) });
    }
  }
  return { registrations, asked, lists };
}

/**
 * What the history tells of sessions.
 *
 * @param goneWithinMs so long after the last fault, and after the last that its client did, a session is over
 */
export function sessionFactsOf(history: History, goneWithinMs: number): SessionFacts {
  const calls = pairCalls(history);
  const sessions = new Sessions();
  for (const call of calls) sessions.add(call);
  const goneWithin = goneWithinMs * NANOS_PER_MS;
  const faultsOver = history.findLast(({ process }) => process === 'nemesis')?.time ?? 0;
  const silences = silencesOf(calls, faultsOver, goneWithin);
  for (const session of sessions.all.values()) {
    const silence = silences.get(session.process)?.find(({ from }) => from >= session.since);
    if (silence !== undefined) session.gone = silence.from + goneWithin;
  }
  const directories = byKey(calls).map((own) => directoryOf(own, sessions.all));
  for (const { invoked, nodes } of directories.flatMap(({ lists }) => lists)) {
    for (const node of nodes) {
      const session = sessions.all.get(node.session);
      if (session !== undefined) session.seen = Math.max(session.seen, invoked.time);
    }
  }
  return { sessions: sessions.all, directories };
}
