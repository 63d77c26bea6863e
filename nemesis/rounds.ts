/**
 * Rounds of restarts: some nodes die, and come back after a while; then the next, or the same again. Restart storms
 * and rolling restarts are made of them. Confirmed by each fall and each return: nothing answers, and then something does.
 */
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { confirmHealed, eventually, maskedBecause, sightOf, type Sight } from './confirm.ts';
import { isDown } from './deaths.ts';
import type { Beat } from './flapping.ts';
import { Ongoing } from './ongoing.ts';
import { ALIVE, createOutage, isInOutage, type Outage } from './outage.ts';

const ANSWER_MS = 1000;
const RECOVERY_MS = 3000;
/** So many rounds are waited for until the fault counts, and for so long. */
const ROUNDS = 2;
const ROUNDS_MS = 20_000;

/** What rounds are made of. */
export interface RoundsPlan {
  /** Who falls in each round; the first again after the last. */
  readonly groups: readonly (readonly NodeId[])[];
  /** Of each round: how long its nodes are down, and how long all are up before the next. */
  readonly beats: readonly Beat[];
  readonly ledger: FaultLedger;
  /** Starts a node again; on its old disk, unless told otherwise. */
  readonly restart?: (node: NodeId) => Promise<void>;
}

/** Rounds of restarts, from when they are started until they are stopped. */
export class Rounds {
  readonly #plan: RoundsPlan;
  readonly #ongoing: Ongoing;
  readonly #outage: Outage;
  #begun = 0;
  /** Rounds whose nodes were seen to be down, and to answer afterwards. */
  #seen = 0;
  /** Rounds in which there was somebody to fall. */
  #tried = 0;

  constructor(plan: RoundsPlan) {
    this.#plan = plan;
    this.#outage = createOutage(plan.ledger);
    this.#ongoing = new Ongoing(plan.ledger.cluster.time, ({ pause }) => this.#round(pause));
  }

  start(): void {
    this.#ongoing.start();
  }

  /** Ends after the round that is under way; nodes that could not be brought back in it are now. */
  async stop(): Promise<void> {
    await this.#ongoing.stop();
    await this.#outage.end(this.#plan.groups.flat(), this.#plan.restart);
  }

  /** Waits for the first rounds. */
  async confirm(): Promise<Confirmation> {
    const { time } = this.#plan.ledger.cluster;
    const { failure } = this.#ongoing;
    await eventually(time, ROUNDS_MS, () =>
      Promise.resolve(this.#seen >= ROUNDS || this.#ongoing.failure !== undefined),
    );
    if (failure !== undefined) return { confirmed: false, evidence: failure };
    const evidence = `${this.#seen} times down and back`;
    if (this.#tried === 0) return maskedBecause(`${evidence}: other faults have the nodes`);
    return { confirmed: this.#seen > 0, evidence };
  }

  /** Whether all nodes answer that no other fault has. */
  confirmAllBack(): Promise<Confirmation> {
    const { ledger, groups } = this.#plan;
    return confirmHealed([...new Set(groups.flat())], 'answering again', ledger, (node) =>
      probeHealth(ledger.cluster, node, RECOVERY_MS),
    );
  }

  /** Whether it answers. One that does not start from a disk that another fault broke cannot. */
  #isBack(node: NodeId): Promise<Sight> {
    const { ledger } = this.#plan;
    const { cluster } = ledger;
    const answers = (): Promise<boolean> => probeHealth(cluster, node, ANSWER_MS);
    return sightOf(node, ledger, () => eventually(cluster.time, RECOVERY_MS, answers));
  }

  /** Nodes that another fault has stay as they are. */
  async #round(pause: (ms: number) => Promise<void>): Promise<void> {
    const { groups, beats, ledger, restart } = this.#plan;
    const { cluster } = ledger;
    const round = this.#begun++;
    const { onMs = 0, offMs = 0 } = beats[round % beats.length] ?? {};
    const free = (groups[round % groups.length] ?? []).filter((node) => !isInOutage(node, ledger));
    await this.#outage.begin(free, ALIVE, (node) => cluster.kill(node));
    const down = await Promise.all(free.map((node) => isDown(node, cluster)));
    await pause(onMs);
    await this.#outage.end(free, restart);
    const back = await Promise.all(free.map((node) => this.#isBack(node)));
    const told = back.filter((sight) => sight !== undefined);
    if (told.length > 0) this.#tried++;
    if (told.length > 0 && [...down, ...told].every(Boolean)) this.#seen++;
    await pause(offMs);
  }
}
