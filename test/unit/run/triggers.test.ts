/** What faults may wait for, on nodes whose word the test gives; and whole simulated runs that wait for it. */
import assert from 'node:assert/strict';
import type { Reply } from '../../../harness/cluster/cluster.ts';
import { parseSettings } from '../../../harness/cluster/sim/options.ts';
import { judge, simulate, type SimulatedRun } from '../../../harness/explore/simulate.ts';
import { timedOf } from '../../../harness/explore/evaluate.ts';
import { formatLine } from '../../../harness/history/jsonl.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { scheduleGenerator, type ScheduledFault } from '../../../harness/run/schedule.ts';
import { Triggers, triggerWords, type Trigger } from '../../../harness/run/triggers.ts';
import { Bell, NANOS_PER_MS, type Time } from '../../../harness/time.ts';
import { quickOutcomes, simulate as generate } from '../../../harness/generator/index.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

/** Nodes that say what the test has them say, on a clock that a look takes on by a millisecond. */
class Told extends FakeCluster {
  points = new Map<string, JsonObject>();
  looks = 0;
  /** Called before each answer. */
  script: (look: number) => void = () => undefined;

  override call(node: string, path: string, body: JsonObject): Promise<Reply> {
    this.script(this.looks++);
    if (path === '_/points') return Promise.resolve({ kind: 'answer', body: this.points.get(node) ?? {} });
    return super.call(node, path, body);
  }
}

/** Watches until the trigger has come about or so many looks were had; whether it has. */
async function watched(
  trigger: Trigger,
  script: (cluster: Told, look: number) => void,
  { looks = 40, start = 0 } = {},
): Promise<boolean> {
  const cluster = new Told(['n1', 'n2']);
  let now = 0;
  const over = new Bell();
  const time: Time = {
    now: () => now,
    wall: () => 0,
    sleep: (ms) => {
      now += ms * NANOS_PER_MS;
      return new Promise((resolve) => void setImmediate(resolve));
    },
  };
  cluster.script = (look) => {
    script(cluster, look);
    if (look >= looks) over.ring();
  };
  const triggers = new Triggers([{ id: 7, start, trigger }], cluster, time, 1);
  let woken = 0;
  triggers.listen(() => woken++);
  await triggers.watch(over);
  assert.equal(woken, triggers.due(7) === undefined ? 0 : 1);
  return triggers.due(7) !== undefined;
}

const leads = (cluster: Told, node: string, epoch: number): void => {
  for (const other of cluster.nodes) cluster.statuses.delete(other);
  cluster.statuses.set(node, { role: 'leader', epoch });
};

describe('triggers', () => {
  it('should see a new leader, and not take for one who led all along', async () => {
    const old = (cluster: Told): void => leads(cluster, 'n1', 3);
    assert.equal(await watched({ state: 'new-leader' }, old), false);
    const later = (cluster: Told, look: number): void =>
      look < 10 ? leads(cluster, 'n1', 3) : leads(cluster, 'n2', 4);
    assert.equal(await watched({ state: 'new-leader' }, later), true);
    assert.equal(await watched({ state: 'new-leader', nth: 2 }, later), false);
    const again = (cluster: Told, look: number): void => leads(cluster, look % 20 < 10 ? 'n1' : 'n2', look);
    assert.equal(await watched({ state: 'new-leader', nth: 2 }, again), true);
  });

  it('should see that nobody leads, also when that is so from the start', async () => {
    assert.equal(await watched({ state: 'no-leader' }, () => undefined), true);
    assert.equal(await watched({ state: 'no-leader' }, (cluster) => leads(cluster, 'n1', 1)), false);
    const dies = (cluster: Told, look: number): void => {
      leads(cluster, 'n1', 1);
      if (look > 10) cluster.states.set('n1', 'down');
    };
    assert.equal(await watched({ state: 'no-leader' }, dies), true);
  });

  it('should count passes of a point over lives, at any node, at one, and at the leader', async () => {
    const passing = (cluster: Told, look: number): void => {
      leads(cluster, 'n2', 1);
      // The count falls back when the node starts anew.
      cluster.points.set('n1', { append: look % 10, vote: 1 });
    };
    assert.equal(await watched({ point: 'append', nth: 15 }, passing), true);
    assert.equal(await watched({ point: 'append', nth: 99 }, passing), false);
    assert.equal(await watched({ point: 'vote' }, passing), false, 'passed before anybody looked');
    assert.equal(await watched({ point: 'append', node: 'n1', nth: 3 }, passing), true);
    assert.equal(await watched({ point: 'append', node: 'n2' }, passing), false);
    assert.equal(await watched({ point: 'append', node: 'leader' }, passing), false);
    const atLeader = (cluster: Told, look: number): void => {
      leads(cluster, 'n1', 1);
      cluster.points.set('n1', { append: look });
    };
    assert.equal(await watched({ point: 'append', node: 'leader' }, atLeader), true);
  });

  it('should count operations, look at nobody for them, and be late by as much as is asked', async () => {
    const cluster = new Told(['n1']);
    const time = { now: () => 5 * NANOS_PER_MS, wall: () => 0, sleep: () => assert.fail('it waits') };
    const faults = [
      { id: 1, start: 0, trigger: { operations: 2, afterMs: 10 } },
      { id: 2, start: 100, trigger: { operations: 2 } },
    ];
    const triggers = new Triggers(faults, cluster, time, 1);
    await triggers.watch(new Bell());
    triggers.completed();
    assert.equal(triggers.due(1), undefined);
    triggers.completed();
    assert.deepEqual([triggers.due(1), triggers.due(2)], [15 * NANOS_PER_MS, 100 * NANOS_PER_MS]);
    assert.equal(cluster.looks, 0);
  });

  it('should say in words what it waits for', () => {
    assert.deepEqual(
      [
        { operations: 9 },
        { state: 'new-leader' as const, nth: 2, afterMs: 30 },
        { state: 'no-leader' as const },
        { point: 'after-append', node: 'leader' },
      ].map(triggerWords),
      [
        'after 9 operations',
        '30 ms after time 2 of a new leader',
        'at nobody leading',
        'at the point after-append at leader',
      ],
    );
  });

  it('should begin faults when they are due, and have them last as long as they should', () => {
    const plan = { family: 'kill', kind: 'leader', parameters: [] };
    const schedule: ScheduledFault[] = [
      { id: 0, start: 10, end: 20, plan },
      { id: 1, start: 0, end: 5, trigger: { operations: 1 }, plan },
      { id: 2, start: 0, end: 5, trigger: { operations: 99 }, plan },
    ];
    const due = (id: number): number | undefined => (id === 1 ? 12 * NANOS_PER_MS : undefined);
    const asked = generate(scheduleGenerator(schedule.slice(0, 2), { due }), quickOutcomes);
    assert.deepEqual(
      asked.filter((_, index) => index % 2 === 0).map(({ f, time }) => [f, time / NANOS_PER_MS]),
      [
        ['start-kill', 10],
        ['start-kill', 12],
        ['stop-kill', 17],
        ['stop-kill', 20],
      ],
    );
  });
});

describe('faults that wait, in the simulator', () => {
  async function run(faults: readonly ScheduledFault[]): Promise<SimulatedRun> {
    const kit = await kitOf('raft');
    const scenario = scenarioOf(kit, { seed: 3, timeLimitMs: 4000, rate: 50, nemesis: 'none' });
    return simulate({ ...scenario, settings: parseSettings({}), faults }, kit);
  }
  const plan = { family: 'kill', kind: 'leader', parameters: [] };
  const waiting: readonly ScheduledFault[] = [
    { id: 0, start: 500, end: 500, plan },
    {
      id: 1,
      start: 0,
      end: 300,
      trigger: { operations: 20 },
      plan: { ...plan, kind: 'one', parameters: ['n1'] },
    },
    { id: 2, start: 500, end: 800, trigger: { state: 'new-leader', afterMs: 50 }, plan },
    { id: 3, start: 0, end: 300, trigger: { state: 'new-leader', nth: 90 }, plan },
  ];

  it('should strike when it comes about, the same each time, and give the same faults by time', async () => {
    const first = await run(waiting);
    const again = await run(waiting);
    const text = ({ history }: SimulatedRun): string => history.map(formatLine).join('');
    assert.equal(text(first), text(again));
    assert.equal(first.checksum, again.checksum);
    assert.deepEqual(
      first.faults.map(({ kind, trigger, confirmed }) => [kind, trigger, confirmed]),
      [
        ['one', 'after 20 operations', true],
        ['leader', undefined, true],
        ['leader', '50 ms after a new leader', true],
      ],
    );
    const { valid } = await judge(first, await kitOf('raft'), 5000);
    assert.equal(valid, true);
    const timed = timedOf(first)?.faults ?? [];
    assert.deepEqual(
      timed.map(({ id, trigger }) => [id, trigger]),
      [0, 1, 2].map((id) => [id, undefined]),
      'one that never began is left out',
    );
    for (const { start, end } of timed.slice(1)) assert.ok(start > 0 && Math.abs(end - start - 300) < 1e-6);
    const byTime = await run(timed);
    assert.deepEqual(
      byTime.faults.map(({ kind }) => kind),
      ['one', 'leader', 'leader'],
    );
  });
});
