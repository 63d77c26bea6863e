/**
 * The node program's contract. A program is written once against `NodeContext`, never against the process,
 * so the same file runs in a container, as a local process and in the simulator.
 *
 * What it may rely on: handlers and timers run one at a time (one event loop a node). What it may not:
 * messages are lost, delayed, duplicated and reordered; writes that were not synced die with the process;
 * the wall clock may be wrong and may jump.
 */
import type { Json, JsonObject } from '../json.ts';
import type { Random } from '../random.ts';

/** A node's name within its cluster: `n1`, `n2`, … */
export type NodeId = string;

/** Two clocks, both in milliseconds. Durations are measured on the monotonic one. */
export interface NodeClock {
  /** Milliseconds since the epoch; may be skewed and may jump. */
  wall(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
}

/** Timers of this node. A pause of the node makes them late, never early. */
export interface NodeTimers {
  /** Calls `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Messages between nodes: at most once, unordered, unreliable. */
export interface NodeNetwork {
  /** Sends and forgets. A message to an unknown node is an error, one to an unreachable node is lost. */
  send(to: NodeId, message: Json): void;
  /** Sets the one handler of incoming messages. Messages that arrive before it is set are lost. */
  receive(handler: (from: NodeId, message: Json) => void): void;
}

/**
 * Durable files of this node, by flat name. Appends are buffered: what was not synced when the node dies is lost, but for a
 * part of it that may be left, torn, and even end in zeros. Everything may be rejected: a disk is full, or fails. After a
 * sync that was rejected nobody knows what the file holds; later ones may resolve though the earlier bytes are lost.
 */
export interface NodeDisk {
  /** The file's synced and unsynced bytes, or undefined if there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Appends a copy of the bytes to the file, making it if need be. Not durable until `sync`. */
  append(name: string, bytes: Uint8Array): void;
  /** Resolves when everything appended to the file before this call is durable. Concurrent calls share one fsync. */
  sync(name: string): Promise<void>;
  /** Replaces the whole file, atomically and durably: after a crash it holds the old bytes or the new. Call it with no append unsynced. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes the file durably; no error if there is none. */
  remove(name: string): Promise<void>;
}

/** Structured log of the node, one JSON line an entry. */
export interface NodeLog {
  debug(event: string, fields?: JsonObject): void;
  info(event: string, fields?: JsonObject): void;
  warn(event: string, fields?: JsonObject): void;
  error(event: string, fields?: JsonObject): void;
}

/**
 * Answers one client request: the body of `POST /<name>` in, the answer's body out. Throw `Refusal` to say
 * that the request certainly had and will have no effect; anything else thrown leaves that open.
 */
export type RequestHandler = (body: JsonObject) => Json | Promise<Json>;

/** The client port: HTTP and JSON, so that `curl -d '{"key":"x"}' http://127.0.0.1:PORT/read` works. */
export interface NodeClients {
  /** Sets the handlers, by name. Requests that arrive before are refused. */
  serve(handlers: Readonly<Record<string, RequestHandler>>): void;
}

/** Everything that a node program is given. */
export interface NodeContext {
  readonly id: NodeId;
  /** All other nodes of the cluster. */
  readonly peers: readonly NodeId[];
  /** Those of all of them, this one included, that do not belong to the cluster at first, for targets that can take nodes in. */
  readonly spares: readonly NodeId[];
  readonly clock: NodeClock;
  readonly timers: NodeTimers;
  readonly random: Random;
  readonly network: NodeNetwork;
  readonly disk: NodeDisk;
  readonly log: NodeLog;
  readonly clients: NodeClients;
  /** Settings from the target, the same on every node. */
  readonly options: JsonObject;
  /**
   * Says that the program is at this point: `after-append`, `before-vote-reply`. A nemesis may have the node die there, at
   * once and as by a kill, so put one wherever a crash should be tried. Does nothing otherwise, and costs next to nothing.
   */
  readonly failPoint: (name: string) => void;
}

/** What a running node says of itself; served as `GET /_/status`, read by the nemesis to aim and by people. */
export interface NodeStatus {
  /** `leader` and `primary` are what a nemesis aims at. */
  readonly role?: string;
  /** Term, ballot or epoch of that role; of several leaders the highest epoch counts. */
  readonly epoch?: number;
  readonly [field: string]: Json | undefined;
}

/** A running program. */
export interface RunningNode {
  status(): NodeStatus;
}

/** A node program: a module that the cluster loads exports one under the name `node`. */
export interface NodeProgram {
  /** Recovers from the disk and begins to serve. The node counts as up when the answer resolves. */
  start(context: NodeContext): RunningNode | Promise<RunningNode>;
}

/** Thrown by a request handler: the request certainly had and will have no effect. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** Travels to the client, for example `{ leader: 'n2' }`. */
  readonly details: JsonObject;

  constructor(message: string, details: JsonObject = {}) {
    // An answer, not a mistake: nobody looks where it was made, and to note that would cost more than the request.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.details = details;
  }
}
