/**
 * What a node remembers of the probes that reached it. The harness sends one over a link and asks the receiver
 * whether it came (harness/cluster/probe.ts); the program sees nothing of it.
 */
import type { NodeId } from './program.ts';

/** Probes that are remembered; the harness asks for each within seconds. */
const PROBES_MAX = 4096;

/** The probes that one life of a node has heard. */
export class HeardProbes {
  /** Who was heard, by nonce; the oldest first. */
  readonly #from = new Map<string, NodeId>();

  remember(nonce: string, from: NodeId): void {
    this.#from.set(nonce, from);
    for (const oldest of this.#from.keys()) {
      if (this.#from.size <= PROBES_MAX) break;
      this.#from.delete(oldest);
    }
  }

  /** From whom the probe with this nonce arrived; undefined if it did not. */
  from(nonce: string): NodeId | undefined {
    return this.#from.get(nonce);
  }
}
