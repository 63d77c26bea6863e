/** Queues, stacks, sets, locks and counters, as clients of a benchmark use them. */
import type { Json } from '../../harness/json.ts';
import type { Request, Subject } from './histories.ts';
import { STALE } from './registers.ts';

/** A little more comes in than goes out, so that it grows, and is still empty now and then in the beginning. */
const INSERTS = 0.55;
/** Elements for each client whose turn must be before that of the wrong one: more than clients can take at once. */
const BEFORE_A_CLIENT = 4;

/** Where elements wait. */
interface Store {
  readonly length: number;
  put(element: number): void;
  take(): number | undefined;
  /** Takes an element whose turn is after that of so many others. */
  takeWrong(depth: number): number | undefined;
}

/** Elements that are put in, each once, and taken out. */
function storeSubject(
  [insert, remove]: readonly [string, string],
  store: Store,
  clients: number,
  element: (count: number, draw: number) => number = (count) => count,
): Subject {
  const depth = BEFORE_A_CLIENT * clients;
  let inserted = 0;
  let isWrong = false;
  return {
    request(random) {
      if (!random.chance(INSERTS)) return { f: remove, argument: null };
      return { f: insert, argument: element(inserted++, random.int(PRIORITIES)) };
    },
    apply({ f, argument }) {
      if (f === insert) {
        store.put(argument as number);
        return argument;
      }
      if (!isWrong) return store.take() ?? null;
      isWrong = false;
      return store.takeWrong(depth) ?? null;
    },
    misbehave() {
      isWrong = store.length > depth;
      return isWrong;
    },
  };
}

/** First in, first out. */
export function queueSubject(clients: number): Subject {
  const items: number[] = [];
  let head = 0;
  const store: Store = {
    get length() {
      return items.length - head;
    },
    put: (element) => void items.push(element),
    take: () => (head < items.length ? items[head++] : undefined),
    takeWrong: (depth) => items.splice(head + depth, 1)[0],
  };
  return storeSubject(['enqueue', 'dequeue'], store, clients);
}

/** Last in, first out. */
export function stackSubject(clients: number): Subject {
  const items: number[] = [];
  const store: Store = {
    get length() {
      return items.length;
    },
    put: (element) => void items.push(element),
    take: () => items.pop(),
    takeWrong: () => items.shift(),
  };
  return storeSubject(['push', 'pop'], store, clients);
}

const PRIORITIES = 1000;
/** More than any history here has elements. */
const ELEMENTS = 1e7;

/** The greatest first. */
export function priorityQueueSubject(clients: number): Subject {
  const ascending: number[] = [];
  const store: Store = {
    get length() {
      return ascending.length;
    },
    put(element) {
      let [low, high] = [0, ascending.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((ascending[middle] ?? 0) < element) low = middle + 1;
        else high = middle;
      }
      ascending.splice(low, 0, element);
    },
    take: () => ascending.pop(),
    takeWrong: () => ascending.shift(),
  };
  return storeSubject(['insert', 'poll'], store, clients, (count, draw) => draw * ELEMENTS + count);
}

/** Elements that come and go, asked for one by one; so many that few are asked for by two clients at once. */
export function setSubject(elements: number): Subject {
  const present = new Set<Json>();
  return {
    request: (random) => ({
      f: random.chance(0.5) ? 'contains' : random.chance(0.5) ? 'add' : 'remove',
      argument: random.int(elements),
    }),
    apply({ f, argument }) {
      if (f === 'contains') return present.has(argument);
      if (f === 'add') present.add(argument);
      else present.delete(argument);
      return argument;
    },
    lie: ({ f }, result) => (f === 'contains' ? result !== true : undefined),
  };
}

/** A set that only grows, and is read as a whole now and then; the wrong read lacks what was added first. */
export function growingSetSubject(reads: number): Subject {
  const elements: number[] = [];
  let added = 0;
  return {
    request: (random) =>
      random.chance(reads) ? { f: 'read', argument: null } : { f: 'add', argument: added++ },
    apply({ f, argument }) {
      if (f === 'read') return [...elements];
      elements.push(argument as number);
      return argument;
    },
    lie: ({ f }, result) => (f === 'read' ? (result as readonly Json[]).slice(1) : undefined),
  };
}

/** How often a lock that misbehaves lets a second one in; not every time do the two holds really overlap. */
const GENEROUS = 20;

/** A lock; whoever wants it waits. */
export function mutexSubject(): Subject {
  const holders = new Set<number>();
  const isWaitingFor = new Map<Request, number>();
  let isLocked = false;
  let generous = 0;
  return {
    request(_random, client) {
      const request = { f: holders.has(client) ? 'release' : 'acquire', argument: null };
      isWaitingFor.set(request, client);
      return request;
    },
    apply(request) {
      const client = isWaitingFor.get(request) ?? 0;
      if (request.f === 'release') {
        isLocked = false;
        holders.delete(client);
      } else {
        if (isLocked && generous === 0) return undefined;
        if (isLocked) generous--;
        isLocked = true;
        holders.add(client);
      }
      isWaitingFor.delete(request);
      return null;
    },
    misbehave() {
      generous = GENEROUS;
      return true;
    },
  };
}

/** Counted up by one at a time; the wrong read is an old one. */
export function counterSubject(): Subject {
  let sum = 0;
  return {
    request: (random) => (random.chance(0.5) ? { f: 'add', argument: 1 } : { f: 'read', argument: null }),
    apply({ f }) {
      if (f === 'read') return sum;
      return ++sum;
    },
    lie: ({ f }, result) => (f === 'read' && sum > STALE ? (result as number) - STALE : undefined),
  };
}
