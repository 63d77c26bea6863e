/**
 * The nemesis process: performs the fault operations of the schedule, keeps account of what is in force,
 * has every fault and every healing confirmed by a probe, and heals all at the end.
 */
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../cluster/fault.ts';
import { messageOf } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Time } from '../time.ts';
import type { FaultRecord } from './results.ts';
import type { ScheduledFault } from './schedule.ts';

/** What a nemesis operation came to; goes into the history. */
export interface NemesisOutcome {
  readonly value: Json;
  readonly error?: Json;
}

/** What the nemesis needs of a family. */
export type Aimed = Pick<FaultFamily, 'name' | 'aim'>;
/** What it needs of a fault; when to begin and to end it says whoever asks. */
export type Planned = Pick<ScheduledFault, 'id' | 'plan'>;

type MutableRecord = { -readonly [Field in keyof FaultRecord]: FaultRecord[Field] };

interface InForce {
  readonly fault: Fault;
  readonly record: MutableRecord;
}

/** One run's nemesis. */
export class Nemesis {
  readonly #families: ReadonlyMap<string, Aimed>;
  readonly #schedule: ReadonlyMap<number, Planned>;
  readonly #ledger: FaultLedger;
  readonly #time: Time;
  readonly #inForce = new Map<number, InForce>();
  readonly #records: MutableRecord[] = [];
  readonly #failures: string[] = [];

  constructor(families: readonly Aimed[], schedule: readonly Planned[], ledger: FaultLedger, time: Time) {
    this.#families = new Map(families.map((family) => [family.name, family]));
    this.#schedule = new Map(schedule.map((fault) => [fault.id, fault]));
    this.#ledger = ledger;
    this.#time = time;
  }

  /** Every fault that was injected, in order. */
  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  /** Faults that could not be injected or healed because something broke, in sentences. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** What is in force now, in words. */
  get inForce(): string[] {
    return [...this.#inForce.values()].map(({ fault }) => fault.description);
  }

  /** Whether a probe saw that the fault with this id, which is in force, holds. */
  isConfirmed(id: number): boolean {
    return this.#inForce.get(id)?.record.confirmed === true;
  }

  /** The operations that heal what is in force now, the newest fault first. */
  get healing(): { readonly f: string; readonly id: number }[] {
    return [...this.#inForce].map(([id, { record }]) => ({ f: `stop-${record.family}`, id })).reverse();
  }

  /** Performs `start-…` or `stop-…` of the scheduled fault with this id. Never rejects. */
  async perform(f: string, id: number): Promise<NemesisOutcome> {
    try {
      return f.startsWith('start-') ? await this.#start(id) : await this.#stop(id);
    } catch (error) {
      this.#failures.push(`${f} failed: ${messageOf(error)}`);
      return { value: null, error: messageOf(error) };
    }
  }

  /** The cluster was seen to be whole: so every fault that was taken back is gone, also one whose end no probe could see then. */
  sawAllGone(): void {
    for (const record of this.#records) {
      if (record.healed || record.end === undefined) continue;
      record.healed = true;
      record.healEvidence += '; at the end of the test every node answered and every link carried';
    }
  }

  async #start(id: number): Promise<NemesisOutcome> {
    const scheduled = this.#schedule.get(id);
    const family = this.#families.get(scheduled?.plan.family ?? '');
    if (scheduled === undefined || family === undefined)
      return { value: `skipped: no fault ${id} in the schedule` };
    const fault = await family.aim(scheduled.plan, this.#ledger);
    if (typeof fault === 'string') return { value: `skipped: ${fault}` };
    const record: MutableRecord = {
      family: family.name,
      kind: scheduled.plan.kind,
      description: fault.description,
      nodes: fault.nodes,
      start: this.#time.now(),
      confirmed: false,
      evidence: 'not probed',
      healed: false,
      healEvidence: 'never healed',
    };
    // In the books before it is injected: one that fails half-way is in force in part, and must be healed.
    this.#inForce.set(id, { fault, record });
    this.#records.push(record);
    await fault.inject();
    const { confirmed, evidence } = await fault.confirm();
    Object.assign(record, { confirmed, evidence });
    return { value: `${fault.description} (${told(confirmed, evidence)})` };
  }

  async #stop(id: number): Promise<NemesisOutcome> {
    const held = this.#inForce.get(id);
    if (held === undefined) return { value: 'nothing to heal' };
    const { confirmed, evidence } = await this.#heal(held);
    Object.assign(held.record, { end: this.#time.now(), healed: confirmed, healEvidence: evidence });
    this.#inForce.delete(id);
    return { value: `healed: ${held.fault.description} (${told(confirmed, evidence)})` };
  }

  /** A second try, since healing is what must not be left undone. */
  async #heal({ fault }: InForce): Promise<Confirmation> {
    try {
      return await fault.heal();
    } catch (error) {
      const { confirmed, evidence } = await fault.heal();
      return { confirmed, evidence: `${evidence}, at the second try, after: ${messageOf(error)}` };
    }
  }
}

const told = (confirmed: boolean, evidence: string): string =>
  `${confirmed ? 'confirmed' : 'NOT confirmed'}: ${evidence}`;
