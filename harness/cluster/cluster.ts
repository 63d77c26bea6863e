/**
 * The cluster's contract: how nodes are run, reached and hurt. Docker, local processes and the simulator
 * implement it; nothing above it knows which one it has.
 *
 * Abilities are declared, so that a test that asks for what a runtime cannot do is refused before anything
 * starts. Methods resolve when the thing is done, not when it is asked for; whether it had its effect is
 * for a probe to say (probe.ts).
 */
import type { Json, JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import type { Time } from '../time.ts';

/** What a runtime may be able to do to nodes and links. */
export type Ability =
  | 'kill'
  /** Deaths that tear what was being written. */
  | 'power'
  /** Deaths at a named point in the program. */
  | 'crash-point'
  /** Deaths by using up the memory that there is. */
  | 'memory'
  | 'pause'
  | 'cut'
  | 'reset'
  /** Connections that one end forgets and the other keeps. */
  | 'half-open'
  /** Bends of a link, as in `LinkShape`. */
  | 'delay'
  | 'rate'
  | 'loss'
  | 'duplicate'
  | 'reorder'
  | 'corrupt'
  | 'slow-close'
  | 'names'
  /** Wall clocks that are wrong; monotonic ones stay true. */
  | 'clock'
  /** Troubles of a disk, as in `DiskTrouble`. */
  | 'disk-full'
  | 'disk-failing'
  | 'disk-slow'
  /** Files that are not what was written. */
  | 'bit-flip'
  | 'truncate'
  | 'swap'
  /** Disks copied, and put back as they were. */
  | 'rollback'
  | 'slow-node'
  /** Less of the processor than a node needs. */
  | 'cpu'
  /** No file and no connection more. */
  | 'descriptors'
  /** Programs exchanged for another version at a restart. */
  | 'upgrade'
  /** Nodes beyond the first ones, and disks emptied. */
  | 'spares';

/** How a runtime comes by an ability. */
export interface Way {
  /** `native`: by what would do it in production, or in the simulator's own world; `emulated`: something of ours acts as if. */
  readonly means: 'native' | 'emulated';
  /** In a few words: "SIGSTOP and SIGCONT". */
  readonly how: string;
}

/** What a runtime can do, and how. */
export type Abilities = ReadonlyMap<Ability, Way>;

/** A directed link between two nodes: messages that `from` sends to `to`. */
export interface Link {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** One name for each link: `n1>n2`. */
export function linkName({ from, to }: Link): string {
  return `${from}>${to}`;
}

/** Every link between two of these nodes. */
export function allLinks(nodes: readonly NodeId[]): Link[] {
  return nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));
}

/** How a link is bent, as a whole: what is absent is not bent. */
export interface LinkShape {
  /** Milliseconds added to each message. */
  readonly delayMs?: number;
  /** Up to so many milliseconds more, drawn for each message. */
  readonly jitterMs?: number;
  /** Bytes a second at most. */
  readonly rate?: number;
  /** Share of the messages that never arrive. */
  readonly loss?: number;
  /** Share of the messages that arrive twice. */
  readonly duplicate?: number;
  /** A share of the messages is held back for so long, while later ones overtake them. */
  readonly reorder?: { readonly share: number; readonly byMs: number };
  /** Share of the messages that arrive damaged: the receiver finds that out, and breaks the connection. */
  readonly corrupt?: number;
  /** Milliseconds until one end learns that the other has closed a connection, or died. */
  readonly closeMs?: number;
  /** The sender cannot find out where the receiver is: connections that are open go on, no new one can be made. */
  readonly unresolved?: boolean;
}

/** How a wall clock is wrong, as a whole: what is absent is right. */
export interface ClockSkew {
  /** Milliseconds that it is ahead of true time. */
  readonly offsetMs?: number;
  /** Milliseconds that it gains in each second from now on; loses, if negative. */
  readonly driftMs?: number;
  /** Jumps ahead by `offsetMs` and back again, every `everyMs`. */
  readonly strobe?: { readonly offsetMs: number; readonly everyMs: number };
}

/** What a node may ask of its disk. A `write` comes to pass, at the latest, when it is synced. */
export type DiskOperation = 'read' | 'write' | 'sync';

/** How a disk is broken, as a whole: what is absent works. */
export interface DiskTrouble {
  /** Nothing more can be written: ENOSPC, at the latest when it is synced. */
  readonly full?: boolean;
  /** Share of the operations that fail with EIO. What a failed write or sync was to write is lost, though later ones succeed. */
  readonly failing?: number;
  /** Which operations fail, of those that may; all unless given. */
  readonly failingOn?: readonly DiskOperation[];
  /** Milliseconds that each read and each change that is made durable takes longer. */
  readonly slowMs?: number;
}

/** A bit of a node's disk that is not what was written. */
export interface FlippedBit {
  readonly file: string;
  /** Which byte of the file. */
  readonly offset: number;
  /** The byte as it was, and as it is. */
  readonly was: number;
  readonly is: number;
}

/** A file that lost its end. */
export interface TruncatedFile {
  readonly file: string;
  /** Its length in bytes as it was, and as it is. */
  readonly was: number;
  readonly is: number;
}

/** Two stretches of a node's disk that changed places. */
export interface SwappedBlocks {
  readonly bytes: number;
  readonly blocks: readonly [BlockPlace, BlockPlace];
}

/** Where a block begins. */
export interface BlockPlace {
  readonly file: string;
  readonly offset: number;
}

/** A copy of a node's disk, kept by the cluster that made it. */
export interface SavedDisk {
  readonly node: NodeId;
  readonly id: number;
}

/** Where a node is to die: at the so manyth time, from 1, that it passes the point of this name (`NodeContext.failPoint`). */
export interface CrashPoint {
  readonly name: string;
  readonly passes: number;
}

/** What the runtime itself sees of a node, whatever was asked of it. */
export type NodeState = 'running' | 'paused' | 'down';

/** The outcome of a request to a node's client port. */
export type Reply =
  /** The node answered. */
  | { readonly kind: 'answer'; readonly body: Json }
  /**
   * It certainly had and will have no effect: the node said so (`details` are its own), or nothing was sent
   * because nobody listens there (`unreachable`).
   */
  | {
      readonly kind: 'refused';
      readonly error: string;
      readonly details: JsonObject;
      readonly unreachable?: boolean;
    }
  /** Sent, and nobody knows: a time-out, a broken connection, an error of the node. */
  | { readonly kind: 'lost'; readonly error: string };

/** What a runtime needs to make a cluster. */
export interface ClusterPlan {
  /** Names everything that belongs to this run, on disk and in labels. */
  readonly runId: string;
  readonly nodes: readonly NodeId[];
  /** Nodes that are not there at first, and may be started later; everybody knows their address. */
  readonly spares?: readonly NodeId[];
  /** URL of the module that exports `node` (a NodeProgram). */
  readonly nodeModule: string;
  /** Other versions of it, by the name under which `restart` may be told to run one. */
  readonly versions?: Readonly<Record<string, string>>;
  /** What the test will ask of the cluster, where that is known: a runtime may have to prepare for it. */
  readonly abilities?: ReadonlySet<Ability>;
  /** Goes to every node as `NodeContext.options`. */
  readonly options: JsonObject;
  /** Seeds the nodes' randomness. */
  readonly seed: string;
  /** Settings of the runtime's own, as the plan has them; each runtime reads and checks its own. */
  readonly settings?: JsonObject;
  /** The run's directory; the cluster may use `nodes/<id>/` in it. */
  readonly directory: string;
  /** Progress for people, a line each: "building the base image". */
  readonly progress: (line: string) => void;
}

/** A cluster of nodes. `start` comes first; `stop` is always safe, also twice and after a failed start. */
export interface Cluster {
  readonly runtime: string;
  readonly nodes: readonly NodeId[];
  /** Nodes that are down until `restart` starts them the first time, on an empty disk. */
  readonly spares: readonly NodeId[];
  /** Names of the versions that `restart` may be told to run; absent: none. */
  readonly versions?: readonly string[];
  /** The clock of this cluster: real, or the simulator's. */
  readonly time: Time;
  /** Starts all nodes; resolves when each answers on its client port. */
  start(): Promise<void>;
  /** Where people reach the node's client port: `http://127.0.0.1:41001`. */
  endpoint(node: NodeId): string;
  /** `POST /<path>` on the node's client port. Never rejects. */
  call(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply>;
  /** What the runtime sees of the node now. */
  state(node: NodeId): Promise<NodeState>;
  /** Ends the node at once, as by SIGKILL; its unsynced writes are lost. Also on a paused node. */
  kill(node: NodeId): Promise<void>;
  /**
   * Starts a node that is down, on its old disk, with cuts and shapes as they stand; resolves when it answers. With the
   * name of a `version` of the plan it runs that from now on, in lives to come as well.
   */
  restart(node: NodeId, version?: string): Promise<void>;
  /** As `kill`, by a power failure: of what was being written, and not yet synced, a part may be on the disk, torn. */
  cutPower(node: NodeId): Promise<void>;
  /** The node dies, as by `kill`, when it next gets there, in this life or in one to come; undefined disarms. */
  armCrash(node: NodeId, crash: CrashPoint | undefined): Promise<void>;
  /** Has the node use up its memory, of which it dies; resolves when it is down. */
  exhaustMemory(node: NodeId): Promise<void>;
  /** Freezes the node, as by SIGSTOP. */
  pause(node: NodeId): Promise<void>;
  resume(node: NodeId): Promise<void>;
  /** Drops everything on these links silently. Cutting a cut link changes nothing. */
  cut(links: readonly Link[]): Promise<void>;
  heal(links: readonly Link[]): Promise<void>;
  /** Breaks the connections now open on these links, once. */
  reset(links: readonly Link[]): Promise<void>;
  /** The receivers forget the connections now open on these links, once, and the senders are not told. */
  forget(links: readonly Link[]): Promise<void>;
  /** Bends these links; an empty shape straightens them. */
  shape(links: readonly Link[], shape: LinkShape): Promise<void>;
  /** Sets the node's wall clock wrong, also for lives to come; an empty skew sets it right. Monotonic time stays true. */
  skew(node: NodeId, skew: ClockSkew): Promise<void>;
  /** Breaks the node's disk, also for lives to come; an empty trouble mends it. What is lost stays lost. */
  breakDisk(node: NodeId, trouble: DiskTrouble): Promise<void>;
  /**
   * Flips a bit in what is durable on the node's disk, at each of these places: numbers in [0, 1), which run over all
   * bits of all files. Programs see it when they read. Answers what was flipped; nothing when the disk is empty.
   */
  flip(node: NodeId, places: readonly number[]): Promise<readonly FlippedBit[]>;
  /** Flips back those of these bits that are still as `flip` left them; what was written anew since then is good. */
  unflip(node: NodeId, bits: readonly FlippedBit[]): Promise<void>;
  /** Cuts the end off a durable file, at each of these places, as in `flip`: what is behind it in its file is gone. The node should be down. */
  truncate(node: NodeId, places: readonly number[]): Promise<readonly TruncatedFile[]>;
  /** Exchanges the blocks of a durable file or two at each pair of places, as in `flip`. The node should be down. */
  swap(node: NodeId, pairs: readonly (readonly [number, number])[]): Promise<readonly SwappedBlocks[]>;
  /** Copies what is durable on the node's disk; the node may run. */
  saveDisk(node: NodeId): Promise<SavedDisk>;
  /** Puts a disk back as it was; the node must be down. */
  loadDisk(saved: SavedDisk): Promise<void>;
  /** Empties the disk of a node that is down. */
  wipe(node: NodeId): Promise<void>;
  /**
   * Everything that the node's program gets to (a message, a timer, a request, an answer of the disk) takes it so many
   * milliseconds, also in lives to come; what arrives meanwhile waits. 0 for as fast as it can.
   */
  slow(node: NodeId, busyMs: number): Promise<void>;
  /** Leaves the node this share of a processor, also in lives to come; 1 for all that it wants. */
  throttle(node: NodeId, share: number): Promise<void>;
  /** Whether the node may open files and connections beyond those that it has open now; also in lives to come, once started. */
  limitDescriptors(node: NodeId, limited: boolean): Promise<void>;
  /** Brings the nodes' logs to `nodes/<id>/node.log`, and with `disks` their files to `nodes/<id>/data/`. */
  collect(options: { readonly disks: boolean }): Promise<void>;
  /** Removes everything that belongs to this cluster. */
  stop(): Promise<void>;
}

/** Whether a runtime can be used here. */
export type Availability =
  | { readonly available: true; readonly detail: string }
  /** `remedy` says what to do about it. */
  | { readonly available: false; readonly detail: string; readonly remedy: string };

/** A way to run clusters. */
export interface Runtime {
  readonly name: string;
  /** One sentence for `splitbrain list`. */
  readonly summary: string;
  /** Faults of the cluster contract that clusters of this runtime can do here. */
  readonly abilities: Abilities;
  /** Whether time stands still while the harness works: then whatever looks on has the time it needs, and what it does is part of the run. */
  readonly simulates?: boolean;
  /** Looks, and changes nothing. Answers within a few seconds. */
  probe(): Promise<Availability>;
  create(plan: ClusterPlan): Cluster;
  /** Removes what runs whose owner is dead left behind; answers what was removed, a line each. */
  reap(): Promise<string[]>;
}
