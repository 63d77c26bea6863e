/**
 * What an onlooker of a simulation may see of it: everything that happens between nodes and inside them, as it
 * happens. A trace is written from it, and exploration learns from it which behaviours are new. An onlooker draws
 * nothing and changes nothing, so a run is the same with one and without.
 */
import type { Json } from '../../json.ts';
import type { NodeId, NodeStatus } from '../../node/program.ts';

/** Why a message does not arrive. */
export type LossReason =
  | 'cut'
  | 'lost'
  | 'reset'
  | 'overflow'
  | 'down'
  /** Its receiver had forgotten the connection, or died unseen. */
  | 'orphaned'
  /** There was no connection, and none could be made. */
  | 'unconnected'
  | 'damaged';

/** Something that happened; `time` is in nanoseconds of the world, which is older than the test. */
export type SimEntry = { readonly time: number } &
  /** A message left; `id` is its own in the run, and each copy has one. */
  (
    | {
        readonly what: 'send';
        readonly id: number;
        readonly from: NodeId;
        readonly to: NodeId;
        readonly message: Json;
      }
    | { readonly what: 'deliver'; readonly id: number; readonly from: NodeId; readonly to: NodeId }
    | {
        readonly what: 'drop';
        readonly id: number;
        readonly from: NodeId;
        readonly to: NodeId;
        readonly why: LossReason;
      }
    /** A timer of the program fired. */
    | { readonly what: 'timer'; readonly node: NodeId }
    /** A disk operation is done; `bytes` where it has a size, `error` where it failed. `damage` is none, but a fault. */
    | {
        readonly what: 'disk';
        readonly node: NodeId;
        readonly action: 'read' | 'sync' | 'replace' | 'remove' | 'damage';
        readonly file: string;
        readonly bytes?: number;
        readonly error?: string;
      }
    /** A client's request arrived, or its answer left; `id` is the request's own at that node. */
    | {
        readonly what: 'request';
        readonly id: number;
        readonly node: NodeId;
        readonly path: string;
        readonly body: Json;
      }
    | {
        readonly what: 'reply';
        readonly id: number;
        readonly node: NodeId;
        readonly path: string;
        readonly kind: 'answer' | 'refused' | 'lost';
        /** What was answered, or why not. */
        readonly answer: Json;
      }
    /** The node's life, and what is done to it: `reason` tells what its clock, its disk, its pace or its descriptors are from now on. */
    | {
        readonly what: 'life';
        readonly node: NodeId;
        readonly change:
          'boot' | 'up' | 'down' | 'pause' | 'resume' | 'clock' | 'disk' | 'slow' | 'descriptors';
        readonly reason?: string;
      }
    /** The node says otherwise of itself than before. */
    | { readonly what: 'state'; readonly node: NodeId; readonly status: NodeStatus }
  );

/** An entry without its time: whoever notes it is in the world, which knows. */
export type SimNote = SimEntry extends infer Entry
  ? Entry extends SimEntry
    ? Omit<Entry, 'time'>
    : never
  : never;

/** Who looks on. Messages are those of the run itself: to be read and not kept, unless copied. */
export interface SimObserver {
  note(entry: SimEntry): void;
}
