/**
 * Histories of objects that behave, and of objects that answer wrongly once, made from a seed: what the checkers are measured on.
 *
 * Clients never rest, unless the shape says so: whoever has an answer asks again at once. Each operation takes effect at some moment
 * between its invocation and its return. A crashed operation may or may not take effect, and never returns; its client goes on as
 * another process.
 */
import type { History, Operation } from '../../harness/history/operation.ts';
import type { Json } from '../../harness/json.ts';
import { createRandom, type Random } from '../../harness/random.ts';

/** What a client asks for. */
export interface Request {
  readonly f: string;
  readonly argument: Json;
  readonly key?: Json;
}

/** An object with its state, as clients use it. */
export interface Subject {
  /** What this client asks next. */
  request(random: Random, client: number): Request;
  /** The operation takes effect; the answer is its result. Undefined: not yet, as an acquire waits for the release. */
  apply(request: Request): Json | undefined;
  /** Whether that result is told as a failure, which says nothing more. */
  readonly isFailure?: (request: Request, result: Json) => boolean;
  /** A wrong answer in place of this one; undefined where it has none. Asked until there is one. */
  readonly lie?: (request: Request, result: Json) => Json | undefined;
  /** From now on the object does the wrong thing once, and answers what it did; false where it cannot yet. */
  readonly misbehave?: () => boolean;
}

/** What kind of history is wanted. */
export interface HistoryShape {
  readonly operations: number;
  readonly clients: number;
  readonly seed: string;
  /** Share of the time that a client rests. Default 0. */
  readonly idle?: number;
  /** How many operations crash, spread over the first half; `crashes` says which may. Default none. */
  readonly crashed?: number;
  readonly crashes?: (request: Request) => boolean;
  /** Where in the history something is wrong, as a share of it. Default nowhere. */
  readonly wrongAt?: number;
}

interface Open {
  readonly request: Request;
  result: Json | undefined;
}

/** One history in the making. */
class Play {
  readonly #subject: Subject;
  readonly #shape: HistoryShape;
  readonly #take: (entry: Operation) => void;
  readonly #random: Random;
  readonly #open: (Open | undefined)[];
  readonly #processes: number[];
  #entries = 0;
  #crashesLeft: number;
  #wrong: boolean;

  constructor(subject: Subject, shape: HistoryShape, take: (entry: Operation) => void) {
    this.#subject = subject;
    this.#shape = shape;
    this.#take = take;
    this.#random = createRandom(shape.seed);
    this.#open = Array.from({ length: shape.clients }, () => undefined);
    this.#processes = Array.from({ length: shape.clients }, (_, client) => client);
    this.#crashesLeft = shape.crashed ?? 0;
    this.#wrong = shape.wrongAt === undefined;
  }

  run(): void {
    const { operations, clients, idle = 0 } = this.#shape;
    for (let client = 0; client < clients && idle === 0; client++) this.#ask(client);
    for (let done = 0; done < operations;) {
      const client = this.#random.int(clients);
      const open = this.#open[client];
      if (open === undefined) {
        if (this.#random.chance(1 - idle)) this.#ask(client);
      } else if (open.result === undefined) {
        this.#happen(client, open);
      } else {
        done++;
        this.#answer(client, open.request, open.result);
        if (idle === 0) this.#ask(client);
      }
    }
  }

  #ask(client: number): void {
    const request = this.#subject.request(this.#random, client);
    this.#open[client] = { request, result: undefined };
    this.#record(client, 'invoke', request, request.argument);
  }

  #happen(client: number, open: Open): void {
    const crashes = this.#mayCrash(open.request);
    if (!crashes || this.#random.chance(0.5)) open.result = this.#subject.apply(open.request);
    if (crashes) this.#crash(client);
  }

  #answer(client: number, request: Request, result: Json): void {
    this.#open[client] = undefined;
    const { isFailure } = this.#subject;
    const told = this.#possiblyWrong(request, result);
    if (isFailure?.(request, told) === true) this.#record(client, 'fail', request, request.argument);
    else this.#record(client, 'ok', request, told);
  }

  #possiblyWrong(request: Request, result: Json): Json {
    const { operations, wrongAt = 0 } = this.#shape;
    if (this.#wrong || this.#entries < 2 * operations * wrongAt) return result;
    const { lie, misbehave } = this.#subject;
    this.#wrong = misbehave?.() === true;
    const lied = lie?.(request, result);
    if (lied === undefined) return result;
    this.#wrong = true;
    return lied;
  }

  #mayCrash(request: Request): boolean {
    const { crashed = 0, operations, crashes = () => true } = this.#shape;
    const due = (crashed - this.#crashesLeft) * (operations / Math.max(1, crashed));
    return this.#crashesLeft > 0 && this.#entries >= due && crashes(request);
  }

  /** The operation stays open for ever, and its client goes on as another process. */
  #crash(client: number): void {
    this.#crashesLeft--;
    this.#open[client] = undefined;
    this.#processes[client] = (this.#processes[client] ?? 0) + this.#shape.clients;
    if ((this.#shape.idle ?? 0) === 0) this.#ask(client);
  }

  #record(client: number, type: Operation['type'], { f, key }: Request, value: Json): void {
    const index = this.#entries++;
    const process = this.#processes[client] ?? client;
    const entry = { index, time: index * 1000, process, type, f, value };
    this.#take(key === undefined ? entry : { ...entry, key });
  }
}

/** A history of that shape. */
export function makeHistory(subject: Subject, shape: HistoryShape): History {
  const history: Operation[] = [];
  playHistory(subject, shape, (entry) => history.push(entry));
  return history;
}

/** A history of that shape, entry by entry: for those that are too long to be held as objects. */
export function playHistory(subject: Subject, shape: HistoryShape, take: (entry: Operation) => void): void {
  new Play(subject, shape, take).run();
}
