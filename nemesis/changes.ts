/**
 * Changes of membership that are asked for until they have come to pass. A request may be refused or lost, and the change
 * be pending for as long as other faults last, which must not have to wait for it: so it is looked after beside
 * everything else, and asked for again, elsewhere, until all nodes' views say that it has come to pass (Jepsen's
 * jepsen.nemesis.membership works so).
 */
import type { Reply } from '../harness/cluster/cluster.ts';
import type { FaultLedger } from '../harness/cluster/fault.ts';
import type { MembershipChange } from '../harness/cluster/membership.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import { messageOf } from '../harness/errors.ts';
import type { NodeId } from '../harness/node/program.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { Ongoing, type StepContext } from './ongoing.ts';

/** How long a change is waited for that nothing hinders. One that other faults hinder goes on by itself meanwhile. */
const PATIENCE_MS = 5000;
/** Every change is waited for so long, since who is hindered may not be so for long. */
const GRACE_MS = 500;
const POLL_MS = 50;
const ANSWER_MS = 1000;

/** A change to bring about, and what is to be done when it has come to pass. */
export interface Task {
  readonly change: MembershipChange;
  readonly then?: () => Promise<void>;
}

/** Changes, one after another, each asked for until the nodes' views say that it has come to pass. */
export class Changes {
  readonly #ledger: FaultLedger;
  readonly #tasks: Task[];
  readonly #ongoing: Ongoing;
  /** Requests sent so far, by which nodes take turns. */
  #requests = 0;
  #underWay = false;
  #hint: NodeId | undefined;
  #told = 'nobody answered yet';

  constructor(ledger: FaultLedger, tasks: readonly Task[]) {
    this.#ledger = ledger;
    this.#tasks = [...tasks];
    this.#ongoing = new Ongoing(ledger.cluster.time, (context) => this.#step(context));
    this.#ongoing.start();
  }

  /** Waits until all have come to pass, or `hindered` says that it is of no use, or patience is at its end. */
  async settled(hindered: () => Promise<boolean>): Promise<void> {
    const { time } = this.#ledger.cluster;
    const begun = time.now();
    for (;;) {
      const waitedMs = (time.now() - begun) / NANOS_PER_MS;
      if (this.#tasks.length === 0 || this.#ongoing.failure !== undefined || waitedMs > PATIENCE_MS) return;
      if (waitedMs > GRACE_MS && (await hindered())) return;
      await time.sleep(POLL_MS);
    }
  }

  /** What is still to come to pass, and what was last said to it; undefined when nothing is. */
  get open(): string | undefined {
    if (this.#ongoing.failure !== undefined) return this.#ongoing.failure;
    const [task] = this.#tasks;
    return task === undefined
      ? undefined
      : `to ${task.change.change} ${task.change.node} is open: ${this.#told}`;
  }

  stop(): Promise<void> {
    return this.#ongoing.stop();
  }

  async #step({ pause }: StepContext): Promise<void> {
    const [task] = this.#tasks;
    if (task !== undefined) {
      const view = await this.#ledger.surveyMembers();
      // A change that is pending might undo it.
      if (view !== undefined && !view.pending && isDone(task.change, view.members)) {
        await task.then?.();
        this.#tasks.shift();
        return;
      }
      if (!this.#underWay && view?.pending !== true) await this.#ask(task.change);
    }
    await pause(POLL_MS);
  }

  /** Asks whoever should know: who was named, who leads, else one after another. */
  async #ask(change: MembershipChange): Promise<void> {
    const { cluster, membership } = this.#ledger;
    const healthy = this.#ledger.healthy();
    const at = this.#hint ?? (await this.#ledger.leader()) ?? healthy[this.#requests % healthy.length];
    this.#hint = undefined;
    if (at === undefined || membership === undefined) return;
    this.#requests++;
    this.#underWay = true;
    // It may take long to be answered, and views tell sooner whether it has come to pass.
    void membership
      .request(cluster, at, change)
      .catch((error: unknown): Reply => ({ kind: 'lost', error: messageOf(error) }))
      .then((reply) => {
        this.#underWay = false;
        this.#told = `${at}: ${reply.kind === 'answer' ? 'taken up' : reply.error}`;
        const leader = reply.kind === 'refused' ? reply.details['leader'] : undefined;
        if (typeof leader === 'string' && leader !== at) this.#hint = leader;
      });
  }
}

function isDone({ change, node }: MembershipChange, members: readonly NodeId[]): boolean {
  return members.includes(node) === (change === 'add');
}

/** True when faults may be why a change does not come to pass; those apart that are to blame for the silence of these nodes. */
export async function mayBeHindered(ledger: FaultLedger, silent: readonly NodeId[] = []): Promise<boolean> {
  const { cluster } = ledger;
  const members = ledger.members().filter((node) => !silent.includes(node));
  if (ledger.cutLinks().length > 0 || ledger.conditions().length > 0) return true;
  // Who has just come back, all at once, may not know yet what was decided.
  if ((await ledger.surveyMembers()) === undefined) return true;
  const answers = await Promise.all(members.map((node) => probeHealth(cluster, node, ANSWER_MS)));
  return answers.includes(false);
}
