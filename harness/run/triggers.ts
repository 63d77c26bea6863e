/**
 * Triggers: what a fault waits for in the place of a time - that so many operations are over, that a new leader shows itself,
 * that a program gets to a fail point. Nodes are asked how they are again and again, from when the first such fault may
 * begin until the last has begun; a run without such faults asks nobody.
 *
 * What is seen is a little late, by the time between two looks. To have a node die at the very point there is the
 * crash-point family.
 */
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.ts';
import { probePoints, probeRole, type RoleProbe } from '../cluster/probe.ts';
import type { NodeId } from '../node/program.ts';
import { NANOS_PER_MS, type Interruption, type Time } from '../time.ts';

const count = z.int().min(1);

/** The shape of a trigger, wherever one is read. */
export const triggerShape = z.union(
  [
    z.strictObject({ operations: count, afterMs: z.number().min(0).optional() }),
    z.strictObject({
      state: z.enum(['new-leader', 'no-leader']),
      nth: count.optional(),
      afterMs: z.number().min(0).optional(),
    }),
    z.strictObject({
      point: z.string().min(1),
      node: z.string().optional(),
      nth: count.optional(),
      afterMs: z.number().min(0).optional(),
    }),
  ],
  'expected { operations: n }, { state: "new-leader" | "no-leader", nth?, afterMs? } or { point: name, node?, nth? }',
);

/**
 * What a fault waits for; `afterMs` later it begins.
 * - `operations`: so many client operations are over, since the start of the test.
 * - `state`: for the `nth` time (the first unless given) there is a leader that did not lead before, or nobody who leads.
 * - `point`: nodes have passed the fail point `nth` times, all together or this `node`, which may be `leader`.
 */
export type Trigger = z.infer<typeof triggerShape>;
type StateTrigger = Extract<Trigger, { readonly state: unknown }>;
type PointTrigger = Extract<Trigger, { readonly point: unknown }>;

/** Milliseconds that a node has to say how it is, real or virtual; one that takes longer does not lead. */
const ANSWER_MS = 150;

/** A fault that waits. */
export interface Waiting {
  readonly id: number;
  /** From when on it waits, in milliseconds since the start of the test. */
  readonly start: number;
  readonly trigger?: Trigger;
}

/** A trigger in words: `at the 2nd new leader`. */
export function triggerWords(trigger: Trigger): string {
  const { afterMs = 0 } = trigger;
  const late = afterMs === 0 ? '' : `${afterMs} ms after `;
  if ('operations' in trigger) return `${late === '' ? 'after ' : late}${trigger.operations} operations`;
  const { nth = 1 } = trigger;
  const which = nth === 1 ? '' : `time ${nth} of `;
  if ('point' in trigger) {
    const where = trigger.node === undefined ? '' : ` at ${trigger.node}`;
    return `${late === '' ? 'at ' : late}${which}the point ${trigger.point}${where}`;
  }
  const what = trigger.state === 'new-leader' ? 'a new leader' : 'nobody leading';
  return `${late === '' ? 'at ' : late}${which}${what}`;
}

/** The triggers of one run, which knows which of them have come about. */
export class Triggers {
  readonly #cluster: Cluster;
  readonly #time: Time;
  readonly #lookMs: number;
  readonly #waiting: readonly Watch[];
  readonly #due = new Map<number, number>();
  readonly #listeners = new Set<() => void>();
  readonly #leaders: Leaders;
  #completed = 0;

  /** Looks at the nodes every `lookMs`. `time` is the test's. */
  constructor(faults: readonly Waiting[], cluster: Cluster, time: Time, lookMs: number) {
    this.#cluster = cluster;
    this.#time = time;
    this.#lookMs = lookMs;
    this.#waiting = faults.flatMap(({ id, start, trigger }) =>
      trigger === undefined ? [] : [{ id, since: start * NANOS_PER_MS, trigger, seen: 0, open: false }],
    );
    this.#leaders = new Leaders([...cluster.nodes, ...cluster.spares]);
  }

  /** When the fault is due, in nanoseconds since the start of the test; undefined for as long as nobody knows. */
  due(id: number): number | undefined {
    return this.#due.get(id);
  }

  /** Calls `wake` whenever a fault has become due, until the answer is called. */
  listen(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** A client operation is over, whichever way. */
  completed(): void {
    this.#completed++;
    for (const watch of this.#left())
      if ('operations' in watch.trigger && this.#completed >= watch.trigger.operations) this.#fire(watch);
  }

  /** Looks at the nodes for as long as there is something to wait for. Resolves when nothing is under way any more. */
  async watch(over: Interruption): Promise<void> {
    const looked = this.#waiting.filter(({ trigger }) => !('operations' in trigger));
    if (looked.length === 0) return;
    const firstMs = Math.min(...looked.map(({ since }) => since - this.#time.now())) / NANOS_PER_MS;
    if (firstMs > 0) await this.#time.sleep(firstMs, over);
    const nodes = [...this.#cluster.nodes, ...this.#cluster.spares];
    await Promise.all(nodes.map((node) => this.#watchNode(node, looked, over)));
  }

  async #watchNode(node: NodeId, looked: readonly Watch[], over: Interruption): Promise<void> {
    const points = new Points();
    const left = (): Watch[] => looked.filter(({ id }) => !this.#due.has(id));
    const roleMatters = ({ trigger }: Watch): boolean =>
      'state' in trigger || ('point' in trigger && trigger.node === 'leader');
    while (!over.aborted && left().length > 0) {
      if (left().some(roleMatters)) this.#sawRole(node, await probeRole(this.#cluster, node, ANSWER_MS));
      if (left().some(({ trigger }) => 'point' in trigger))
        this.#sawPoints(node, points.passed(await probePoints(this.#cluster, node, ANSWER_MS)));
      await this.#time.sleep(this.#lookMs, over);
    }
  }

  #sawRole(node: NodeId, role: RoleProbe | undefined): void {
    const events = this.#leaders.saw(node, role);
    for (const watch of this.#left()) {
      const { trigger } = watch;
      if (!('state' in trigger) || watch.since > this.#time.now()) continue;
      // What is already so when the wait begins counts, unless it is news that is waited for.
      const standing = !watch.open && trigger.state === 'no-leader' && this.#leaders.nobodyLeads;
      watch.open = true;
      if (standing || events.includes(trigger.state)) this.#count(watch, trigger, 1);
    }
  }

  #sawPoints(node: NodeId, passed: ReadonlyMap<string, number>): void {
    for (const watch of this.#left()) {
      const { trigger } = watch;
      if (!('point' in trigger) || watch.since > this.#time.now()) continue;
      const wanted = trigger.node === 'leader' ? this.#leaders.leader : trigger.node;
      if (trigger.node === undefined || wanted === node)
        this.#count(watch, trigger, passed.get(trigger.point) ?? 0);
    }
  }

  #count(watch: Watch, { nth = 1 }: StateTrigger | PointTrigger, times: number): void {
    watch.seen += times;
    if (watch.seen >= nth) this.#fire(watch);
  }

  #left(): Watch[] {
    return this.#waiting.filter(({ id }) => !this.#due.has(id));
  }

  #fire({ id, since, trigger: { afterMs = 0 } }: Watch): void {
    this.#due.set(id, Math.max(since, this.#time.now() + afterMs * NANOS_PER_MS));
    for (const wake of this.#listeners) wake();
  }
}

interface Watch {
  readonly id: number;
  /** Nanoseconds since the start of the test. */
  readonly since: number;
  readonly trigger: Trigger;
  /** How often what it waits for was seen. */
  seen: number;
  /** Whether the wait has begun. */
  open: boolean;
}

/** Who leads, from what each node says of itself. */
class Leaders {
  readonly #unasked: Set<NodeId>;
  readonly #leading = new Set<NodeId>();
  /** The last new leader, and its epoch. */
  leader: NodeId | undefined;
  #epoch = -1;
  nobodyLeads = false;

  constructor(nodes: readonly NodeId[]) {
    this.#unasked = new Set(nodes);
  }

  /** What is new with this. Who leads when it is asked the first time is nobody new. */
  saw(node: NodeId, role: RoleProbe | undefined): StateTrigger['state'][] {
    const first = this.#unasked.delete(node);
    if (role?.leads !== true) this.#leading.delete(node);
    else this.#leading.add(node);
    const isNew = role?.leads === true && this.#supersedes(node, role.epoch);
    if (isNew) {
      this.leader = node;
      this.#epoch = role.epoch;
    }
    const nobody = this.#unasked.size === 0 && this.#leading.size === 0;
    const becameNobody = nobody && !this.nobodyLeads;
    this.nobodyLeads = nobody;
    return [
      ...(isNew && !first ? ['new-leader' as const] : []),
      ...(becameNobody ? ['no-leader' as const] : []),
    ];
  }

  /** One that is as high, where epochs mean nothing, is new when it is another. */
  #supersedes(node: NodeId, epoch: number): boolean {
    return epoch > this.#epoch || (epoch === this.#epoch && node !== this.leader);
  }
}

/** How often one node has passed its points, over its lives. */
class Points {
  #last: Readonly<Record<string, number>> | undefined;

  /** How often each was passed since it was last asked; never before the first time. A count that fell is of a new life. */
  passed(counts: Readonly<Record<string, number>> | undefined): ReadonlyMap<string, number> {
    if (counts === undefined) return new Map();
    const before = this.#last;
    this.#last = counts;
    if (before === undefined) return new Map();
    return new Map(
      Object.entries(counts).map(([name, count]) => {
        const known = before[name] ?? 0;
        return [name, count < known ? count : count - known];
      }),
    );
  }
}
