/**
 * The cuts that a strategy makes while it goes on: one after another is made and taken back, and at the end, whenever
 * that comes, all that are left.
 */
import type { Link } from '../harness/cluster/cluster.ts';
import type { FaultLedger } from '../harness/cluster/fault.ts';

/** Lists of links, each cut as a whole. */
export class Cuts {
  readonly #ledger: FaultLedger;
  readonly #made = new Set<readonly Link[]>();

  constructor(ledger: FaultLedger) {
    this.#ledger = ledger;
  }

  async make(links: readonly Link[]): Promise<void> {
    // In the books first: a cut that fails half-way must be taken back as well.
    this.#made.add(links);
    await this.#ledger.cut(links);
  }

  /** Takes back the cut of this very list. */
  async takeBack(links: readonly Link[]): Promise<void> {
    await this.#ledger.uncut(links);
    this.#made.delete(links);
  }

  async takeBackAll(): Promise<void> {
    for (const links of this.#made) await this.takeBack(links);
  }
}
