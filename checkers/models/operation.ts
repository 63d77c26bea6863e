/**
 * An operation as a model sees it, without times. A file of its own, because models, their monitors and the calls of a history
 * all speak of it.
 */
import type { Json } from '../../harness/json.ts';

/** An operation as a model sees it: what was asked and what was answered. */
export interface ModelOperation {
  readonly f: string;
  /** Value of the invocation. */
  readonly argument: Json;
  /** Value of the completion; undefined where the operation crashed, so that nobody knows what it answered. */
  readonly result: Json | undefined;
  /** The part of the object that is meant, where the history names one. */
  readonly key?: Json;
}
