/**
 * What a node remembers of the probes that reached it. The harness sends one over a link and asks the receiver
 * whether it came (harness/cluster/probe.ts); the program sees nothing of it.
 */
import type { NodeId } from './program.ts';

/** Probes that are remembered; the harness asks for each within seconds. */
const PROBES_MAX = 4096;

/** A probe that arrived. */
export interface HeardProbe {
  readonly from: NodeId;
  /** How often: more than once where messages are doubled. */
  readonly times: number;
}

/** The probes that one life of a node has heard. */
export class HeardProbes {
  /** By nonce; the oldest first. */
  readonly #heard = new Map<string, HeardProbe>();

  remember(nonce: string, from: NodeId): void {
    this.#heard.set(nonce, { from, times: 1 + (this.#heard.get(nonce)?.times ?? 0) });
    for (const oldest of this.#heard.keys()) {
      if (this.#heard.size <= PROBES_MAX) break;
      this.#heard.delete(oldest);
    }
  }

  /** What is known of the probe with this nonce; undefined if it did not arrive. */
  find(nonce: string): HeardProbe | undefined {
    return this.#heard.get(nonce);
  }
}
