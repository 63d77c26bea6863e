/**
 * Sessions and ephemeral nodes (Burrows, "The Chubby lock service for loosely-coupled distributed systems", 2006, section 2.8; Hunt and others,
 * "ZooKeeper", 2010, section 2.1): a client's session lives as long as the client gives signs of life, and a node that it registered lives as
 * long as the session. Operations that succeed in a session give `{ session, untilMs }`: which one, and for how long it lives at least,
 * counted from when the operation was invoked. What must be true:
 *
 * - a session is not found expired before what its client was promised is over;
 * - nothing succeeds in it after it was told to be over: closed, or found expired;
 * - a node is listed by every `list` that lies wholly between its registration's end and the session's, as far as that was promised and
 *   nobody asked to close it, or a later list shows that it was still alive;
 * - it is not listed by one that begins after the session was told to be over;
 * - nor by one that begins when the session must be over: some time after the last fault and the last sign of life;
 * - a name belongs to one session at a time, and a node that is listed was registered by its session's client.
 *
 * How a session that nobody closed and whose client does not come back ends is not told to anybody. So the bound in the last but one is
 * the longest time that a session lasts, and what a new leader may take beside.
 */
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import type { Call, History } from '../harness/history/operation.ts';
import { entriesOf, nameOf } from './holds.ts';
import {
  sessionFactsOf,
  type Directory,
  type Listed,
  type Listing,
  type Registration,
  type Session,
  type SessionFacts,
} from './session-facts.ts';

const NANOS_PER_MS = 1e6;
const PROBLEMS_MAX = 20;

const ms = (nanos: number): string => `${(nanos / NANOS_PER_MS).toFixed(3)} ms`;
const indexOf = ({ over }: Session): number => over?.call.completion?.index ?? Infinity;

/** When a node is certainly there. */
const from = ({ call }: Registration): number => call.completion?.time ?? Infinity;
const to = ({ session: { until, closing, seen } }: Registration): number =>
  Math.max(Math.min(until, closing), seen);

function endsTooSoon(session: Session): Problem[] {
  const { early, over, name, process } = session;
  if (early === undefined || over === undefined) return [];
  const at = over.call.completion?.time ?? 0;
  return [
    {
      title: `Session ${name} expired before its time`,
      explanation:
        `Process ${process} was promised that session ${name} lives until ${ms(early.until)} at least, and at ${ms(at)} it was told that ` +
        `it had expired.`,
      operations: entriesOf([early.promise, over.call]),
      window: [at, early.until],
    },
  ];
}

function livesOn(session: Session): Problem[] {
  const { after, over, name, process } = session;
  const [first] = after;
  if (over === undefined || first === undefined) return [];
  const how = over.closed ? 'was closed' : 'had expired';
  return [
    {
      title: `Session ${name} was over, and something succeeded in it`,
      explanation: `Process ${process} was told that session ${name} ${how}, and after that ${first.invoke.f} succeeded in it.`,
      operations: entriesOf([over.call, ...after]),
    },
  ];
}

/** Nodes that are listed though their session is over, or though nobody can have registered them. */
function wronglyListed(directory: Directory, sessions: SessionFacts['sessions']): Problem[] {
  return directory.lists.flatMap((list) =>
    list.nodes.flatMap((node) => {
      const session = sessions.get(node.session);
      if (session !== undefined && indexOf(session) < list.invoked.index)
        return [leftOver(node, session, list)];
      if (session !== undefined && session.gone < list.invoked.time) return [forgotten(node, session, list)];
      return mayBeRegistered(node, session, list, directory) ? [] : [stranger(node, list)];
    }),
  );
}

/** Whether the client of this session, or any client if it is not known whose it is, may have registered this node before the list was made. */
function mayBeRegistered(
  { name }: Listed,
  session: Session | undefined,
  { completed }: Listing,
  { asked }: Directory,
): boolean {
  return (asked.get(name) ?? []).some(
    ({ invoke }) =>
      invoke.index < completed.index && (session === undefined || session.process === invoke.process),
  );
}

function leftOver({ name }: Listed, session: Session, list: Listing): Problem {
  const how = session.over?.closed === true ? 'closed' : 'found expired';
  const { process } = list.invoked;
  return {
    title: `${name} of session ${session.name} was listed when the session was over`,
    explanation:
      `Session ${session.name} of process ${session.process} was ${how}; after that process ${process} listed ` +
      `${nameOf('directory', list.invoked)}, and ${name} of that session was there.`,
    operations: entriesOf([...(session.over === undefined ? [] : [session.over.call]), list.call]),
  };
}

function forgotten({ name }: Listed, session: Session, list: Listing): Problem {
  return {
    title: `${name} of session ${session.name} was listed long after the last sign of life`,
    explanation:
      `Process ${session.process}, whose session ${session.name} is, gave its last sign of life so long ago that the session had to be over ` +
      `at ${ms(session.gone)}; at ${ms(list.invoked.time)} process ${list.invoked.process} listed ${nameOf('directory', list.invoked)}, and ${name} was there.`,
    operations: entriesOf([session.promisedTo, list.call]),
  };
}

function stranger({ name, session }: Listed, list: Listing): Problem {
  const directory = nameOf('directory', list.invoked);
  return {
    title: `${name} of session ${session} was listed, and nobody registered it`,
    explanation: `Process ${list.invoked.process} found ${name} of session ${session} in ${directory}; no client of that session can have registered it by then.`,
    operations: entriesOf([list.call]),
  };
}

/** Nodes that are missing from a list. At any time only those are looked at that are there. */
function missing({ registrations, lists }: Directory): Problem[] {
  const coming = registrations.toSorted((a, b) => from(a) - from(b));
  let position = 0;
  let there: Registration[] = [];
  return lists.flatMap((list) => {
    const { invoked, completed, nodes } = list;
    for (let next = coming[position]; next !== undefined && from(next) <= invoked.time;) {
      there.push(next);
      next = coming[++position];
    }
    there = there.filter((registration) => to(registration) >= invoked.time);
    const shown = new Set(nodes.map(({ name, session }) => `${session} ${name}`));
    return there
      .filter((registration) => to(registration) >= completed.time)
      .filter(({ session, name }) => !shown.has(`${session.name} ${name}`))
      .map((registration) => missingProblem(registration, list));
  });
}

function missingProblem(registration: Registration, list: Listing): Problem {
  const { name, session, call } = registration;
  const directory = nameOf('directory', list.invoked);
  return {
    title: `${name} of session ${session.name} is missing from a list`,
    explanation:
      `Process ${session.process} had registered ${name} in ${directory}, and its session ${session.name} lived until ${ms(to(registration))} at least. Process ` +
      `${list.invoked.process} listed ${directory} from ${ms(list.invoked.time)} to ${ms(list.completed.time)}, and did not find it.`,
    operations: entriesOf([...new Set([call, session.promisedTo, list.call])]),
    window: [from(registration), to(registration)],
  };
}

/** Names that two sessions had at once. */
function shared({ registrations }: Directory): Problem[] {
  return [...Map.groupBy(registrations, ({ name }) => name).values()].flatMap((own) => {
    let longest: Registration | undefined;
    return own
      .toSorted((a, b) => from(a) - from(b))
      .flatMap((registration) => {
        const other = longest;
        if (other === undefined || to(registration) > to(other)) longest = registration;
        const both =
          other !== undefined &&
          other.session !== registration.session &&
          Math.min(to(other), to(registration)) > from(registration);
        return both ? [sharedProblem(other, registration)] : [];
      });
  });
}

function sharedProblem(first: Registration, second: Registration): Problem {
  const directory = nameOf('directory', second.call.invoke);
  const window = [from(second), Math.min(to(first), to(second))] as const;
  return {
    title: `${second.name} was registered by two sessions at once`,
    explanation: `In ${directory}, ${second.name} belonged to session ${first.session.name}, which lived until ${ms(to(first))} at least, when session ${second.session.name} registered it as well.`,
    operations: entriesOf([...new Set<Call>([first.call, first.session.promisedTo, second.call])]),
    window,
  };
}

function check(history: History, goneWithinMs: number): Verdict {
  const { sessions, directories } = sessionFactsOf(history, goneWithinMs);
  const all = [...sessions.values()];
  const lists = directories.reduce((sum, directory) => sum + directory.lists.length, 0);
  const registered = directories.reduce((sum, { registrations }) => sum + registrations.length, 0);
  const over = all.filter((session) => session.over !== undefined).length;
  const problems = [
    ...all.flatMap(endsTooSoon),
    ...all.flatMap(livesOn),
    ...directories.flatMap((directory) => [
      ...wronglyListed(directory, sessions),
      ...missing(directory),
      ...shared(directory),
    ]),
  ];
  const details = { sessions: all.length, over, registered, lists, problems: problems.length };
  if (problems.length === 0 && (registered === 0 || lists === 0)) {
    const summary = `${registered} nodes were registered, and ${lists} lists made.`;
    const explanation = 'Without a node and a list there was nothing to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'No lists of nodes', explanation }], details };
  }
  const outcome = problems.length === 0 ? 'nodes lived as long as they' : `${problems.length} problems`;
  return {
    valid: problems.length === 0,
    summary: `${all.length} sessions, ${over} of them known to be over, ${registered} nodes, ${lists} lists: ${outcome}.`,
    problems: problems.slice(0, PROBLEMS_MAX),
    details,
  };
}

/**
 * A checker of sessions: false if a session, or what is registered in it, ended before it might or lived on when it was over; `unknown` if
 * nothing was registered or nobody looked.
 *
 * @param goneWithinMs the longest session, and what a new leader may take to end it beside that
 */
export function sessions(goneWithinMs: number): Checker {
  return { name: 'sessions', check: (history) => check(history, goneWithinMs) };
}
