/**
 * The contract of a scenario: a story of an outage, as people tell it, with its own draws.
 */
import type { Ability } from '../../harness/cluster/cluster.ts';
import type { Fault, FaultLedger } from '../../harness/cluster/fault.ts';
import type { Json } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';
import type { Random } from '../../harness/random.ts';

/** A scenario. */
export interface Scenario {
  /** For `splitbrain list`. */
  readonly summary: string;
  readonly needs: readonly Ability[];
  /** All that is drawn; `detail` is what follows the kind's name, for scenarios that take something. */
  draw(nodes: readonly NodeId[], random: Random, detail?: string): Json;
  /** As `FaultFamily.aim`. */
  begin(drawn: Json, ledger: FaultLedger): Promise<Fault | string>;
}
