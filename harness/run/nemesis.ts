/**
 * The nemesis process: performs the fault operations of the schedule, keeps account of what is in force,
 * has every fault and every healing confirmed by a probe, and heals all at the end.
 */
import type { Abilities } from '../cluster/cluster.ts';
import {
  wayOf,
  type Confirmation,
  type Fault,
  type FaultFamily,
  type FaultLedger,
  type FaultPlan,
} from '../cluster/fault.ts';
import { messageOf } from '../errors.ts';
import { PROGRESS } from '../history/progress.ts';
import type { Json } from '../json.ts';
import { NANOS_PER_MS, type Time } from '../time.ts';
import type { GivenFault } from './given-faults.ts';
import type { FaultRecord } from './results.ts';
import type { ScheduledFault } from './schedule.ts';
import { triggerWords } from './triggers.ts';

/** What a nemesis operation came to; goes into the history. */
export interface NemesisOutcome {
  readonly value: Json;
  readonly error?: Json;
}

/** What the nemesis needs of a family. */
export type Aimed = Pick<FaultFamily, 'name' | 'aim'> &
  Partial<Pick<FaultFamily, 'needs' | 'explicit' | 'aimed'>>;
/** What it needs of a fault; when to begin and to end it says whoever asks. */
export type Planned = Pick<ScheduledFault, 'id' | 'plan'> &
  Partial<Pick<ScheduledFault, 'start' | 'end' | 'trigger'>>;

type MutableRecord = { -readonly [Field in keyof FaultRecord]: FaultRecord[Field] };

interface InForce {
  readonly fault: Fault;
  readonly record: MutableRecord;
}

/** What a nemesis works with. */
export interface NemesisOptions {
  readonly families: readonly Aimed[];
  readonly schedule: readonly Planned[];
  readonly ledger: FaultLedger;
  /** The test's clock. */
  readonly time: Time;
  /** What the runtime can do, and how. */
  readonly abilities: Abilities;
}

/** One run's nemesis. */
export class Nemesis {
  readonly #families: ReadonlyMap<string, Aimed>;
  readonly #schedule: ReadonlyMap<number, Planned>;
  readonly #options: NemesisOptions;
  readonly #inForce = new Map<number, InForce>();
  readonly #records: MutableRecord[] = [];
  /** The plan of each record, as it met the cluster. */
  readonly #plans: FaultPlan[] = [];
  readonly #failures: string[] = [];

  constructor(options: NemesisOptions) {
    this.#families = new Map(options.families.map((family) => [family.name, family]));
    this.#schedule = new Map(options.schedule.map((fault) => [fault.id, fault]));
    this.#options = options;
  }

  /** Every fault that was injected, in order. */
  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  /** The same as a schedule: with the nodes that were struck, at the times at which it happened. */
  get happened(): readonly GivenFault[] {
    return this.#records.flatMap(({ start, end }, index) => {
      const plan = this.#plans[index];
      // What was done afterwards to leave a majority alone is not of the schedule.
      if (plan === undefined || plan.family === PROGRESS) return [];
      const until = end === undefined ? {} : { end: msOf(end) };
      return [{ ...plan, start: msOf(start), ...until }];
    });
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
    const { ledger, time } = this.#options;
    const fault = await family.aim(scheduled.plan, ledger);
    if (typeof fault === 'string') return { value: `skipped: ${fault}` };
    const record = this.#recordOf(scheduled, family, fault);
    // In the books before it is injected: one that fails half-way is in force in part, and must be healed.
    this.#inForce.set(id, { fault, record });
    this.#records.push(record);
    this.#plans.push(fault.named ?? scheduled.plan);
    await fault.inject();
    const lasts =
      (scheduled.end ?? Infinity) - (scheduled.trigger === undefined ? 0 : (scheduled.start ?? 0));
    const over = (scheduled.trigger === undefined ? 0 : record.start) + lasts * NANOS_PER_MS;
    const { confirmed, masked, evidence } = await confirmTwice(fault, () => time.now() < over);
    Object.assign(record, { confirmed, evidence, ...(masked === true ? { masked } : {}) });
    return { value: `${fault.description} (${told(record)})` };
  }

  #recordOf({ plan, trigger }: Planned, family: Aimed, { description, nodes }: Fault): MutableRecord {
    const { needs = [], ...rest } = family;
    const way = wayOf({ needs, ...rest }, plan.kind, this.#options.abilities);
    return {
      family: family.name,
      kind: plan.kind,
      description,
      nodes,
      ...(way === undefined ? {} : { way }),
      ...(trigger === undefined ? {} : { trigger: triggerWords(trigger) }),
      start: this.#options.time.now(),
      confirmed: false,
      evidence: 'not probed',
      healed: false,
      healEvidence: 'never healed',
    };
  }

  async #stop(id: number): Promise<NemesisOutcome> {
    const held = this.#inForce.get(id);
    if (held === undefined) return { value: 'nothing to heal' };
    if (!held.record.confirmed) await this.#lookOnce(held);
    const { confirmed, evidence } = await healTwice(held.fault);
    Object.assign(held.record, { end: this.#options.time.now(), healed: confirmed, healEvidence: evidence });
    this.#inForce.delete(id);
    return { value: `healed: ${held.fault.description} (${told({ confirmed, evidence })})` };
  }

  /** A last look before it is healed: some take their time, and who could not tell before may be able to now. */
  async #lookOnce({ fault, record }: InForce): Promise<void> {
    const { confirmed, evidence } = await fault
      .confirm()
      .catch((error: unknown): Confirmation => ({ confirmed: false, evidence: messageOf(error) }));
    if (!confirmed) return;
    delete record.masked;
    Object.assign(record, {
      confirmed,
      evidence: `${evidence}, before it was healed; at first: ${record.evidence}`,
    });
  }
}

/** Takes the fault back, and again if that fails or nobody saw it gone, since healing is what must not be left undone. */
export async function healTwice(fault: Fault): Promise<Confirmation> {
  let first: string;
  try {
    const healed = await fault.heal();
    if (healed.confirmed || healed.masked === true) return healed;
    first = healed.evidence;
  } catch (error) {
    first = messageOf(error);
  }
  const second = await fault.heal();
  return { ...second, evidence: `${second.evidence}, at the second try, after: ${first}` };
}

/** Whether the fault holds, with a second look while it is to last: a machine that is busy may miss a probe. */
export async function confirmTwice(fault: Fault, lasts: () => boolean): Promise<Confirmation> {
  const first = await fault.confirm();
  if (first.confirmed || first.masked === true || !lasts()) return first;
  const second = await fault.confirm();
  return { ...second, evidence: `${second.evidence}, at the second look, after: ${first.evidence}` };
}

const msOf = (ns: number): number => Math.round(ns / NANOS_PER_MS);

const told = ({ confirmed, masked, evidence }: Confirmation): string =>
  `${confirmed ? 'confirmed' : masked === true ? 'masked' : 'NOT confirmed'}: ${evidence}`;
