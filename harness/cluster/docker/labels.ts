/**
 * How what belongs to a run is marked in the engine. Everything that splitbrain makes there carries its
 * owner's mark, so that removal goes by label - never by name or pattern, never by a prune.
 */
import { hostname } from 'node:os';
import type { NodeId } from '../../node/program.ts';
import { ownMark } from '../owner.ts';

/** Label names. */
export const LABEL = {
  /** The run's id. */
  run: 'splitbrain.run',
  /** The mark of the harness process (owner.ts). */
  owner: 'splitbrain.owner',
  /** The machine that the owner's mark is valid on: several may share one engine. */
  host: 'splitbrain.host',
  /** The node's name, on containers of nodes. */
  node: 'splitbrain.node',
  /** On base images: the hash of their recipe. */
  image: 'splitbrain.image',
} as const;

/** Labels of something that this process makes for a run, and for a node of it. */
export function labelsFor(runId: string, node?: NodeId): Record<string, string> {
  const labels = { [LABEL.run]: runId, [LABEL.owner]: ownMark(), [LABEL.host]: hostname() };
  return node === undefined ? labels : { ...labels, [LABEL.node]: node };
}
