/** The nemesis's books: what is in force, what was skipped, what failed. Faults themselves are in test/unit/nemesis. */
import assert from 'node:assert/strict';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { type Aimed, Nemesis, type Planned } from '../../../harness/run/nemesis.ts';
import type { Fault } from '../../../harness/cluster/fault.ts';
import type { ScheduledFault } from '../../../harness/run/schedule.ts';
import { faults } from '../../../nemesis/index.ts';
import { FAKE_ABILITIES, FakeCluster } from '../../fixtures/fake-cluster.ts';

const NODES = ['n1', 'n2', 'n3'];
const KILL: ScheduledFault = {
  id: 0,
  start: 0,
  end: 60_000,
  plan: { family: 'kill', kind: 'minority', parameters: ['n1', 'n2'] },
};
const CUT: ScheduledFault = {
  id: 1,
  start: 0,
  end: 1,
  plan: { family: 'partition', kind: 'one', parameters: [{ from: 'n3', to: 'n1' }] },
};

describe('nemesis', () => {
  let cluster: FakeCluster;
  let nemesis: Nemesis;

  beforeEach(() => {
    cluster = new FakeCluster(NODES);
    nemesis = nemesisFor([KILL, CUT]);
  });

  function nemesisFor(schedule: readonly Planned[], families: readonly Aimed[] = faults): Nemesis {
    const ledger = createLedger(cluster);
    return new Nemesis({ families, schedule, ledger, time: cluster.time, abilities: FAKE_ABILITIES });
  }

  const healAll = async (): Promise<void> => {
    for (const { f, id } of nemesis.healing) await nemesis.perform(f, id);
  };

  it('should keep account of a fault from its injection to its end', async () => {
    const started = await nemesis.perform('start-kill', 0);
    assert.deepEqual(started, { value: 'n1 n2 killed (confirmed: 2 of 2 nodes down)' });
    assert.deepEqual(nemesis.inForce, ['n1 n2 killed']);
    assert.deepEqual(nemesis.healing, [{ f: 'stop-kill', id: 0 }]);
    const ended = await nemesis.perform('stop-kill', 0);
    assert.deepEqual(ended, { value: 'healed: n1 n2 killed (confirmed: 2 of 2 nodes answering again)' });
    assert.deepEqual([nemesis.inForce, nemesis.healing, nemesis.failures], [[], [], []]);
    const [record] = nemesis.records;
    assert.ok(record !== undefined && record.end !== undefined && record.end > record.start);
    assert.deepEqual([record.confirmed, record.healed], [true, true]);
  });

  it('should skip what cannot apply, count it nowhere, and have nothing to heal of it', async () => {
    for (const node of NODES) cluster.states.set(node, 'down');
    assert.deepEqual(await nemesis.perform('start-kill', 0), {
      value: 'skipped: n1 n2 already down',
    });
    assert.deepEqual(await nemesis.perform('stop-kill', 0), { value: 'nothing to heal' });
    assert.deepEqual([nemesis.records, nemesis.failures], [[], []]);
  });

  it('should heal a fault once', async () => {
    await nemesis.perform('start-kill', 0);
    await nemesis.perform('stop-kill', 0);
    assert.deepEqual(await nemesis.perform('stop-kill', 0), { value: 'nothing to heal' });
  });

  it('should try once more to heal, and tell of it as evidence and not as a failure', async () => {
    await nemesis.perform('start-kill', 0);
    cluster.mishaps.set('restart n1', 1);
    const { value, error } = await nemesis.perform('stop-kill', 0);
    assert.match(JSON.stringify(value), /confirmed: 2 of 2 .* at the second try, after: restart n1 failed/);
    assert.deepEqual([error, nemesis.failures], [undefined, []]);
    assert.equal(nemesis.records[0]?.healed, true);
  });

  it('should keep in force what cannot be healed, heal the others, and call it a failure', async () => {
    await nemesis.perform('start-partition', 1);
    await nemesis.perform('start-kill', 0);
    cluster.mishaps.set('restart n1', 99);
    await healAll();
    assert.deepEqual(nemesis.inForce, ['n1 n2 killed']);
    assert.equal(cluster.states.get('n2'), 'running');
    assert.equal(cluster.cutNow.size, 0);
    assert.deepEqual(nemesis.failures, ['stop-kill failed: restart n1 failed']);
    const kill = nemesis.records.find(({ family }) => family === 'kill');
    assert.deepEqual([kill?.healed, kill?.end], [false, undefined]);
    cluster.mishaps.clear();
    await healAll();
    assert.deepEqual([nemesis.inForce, cluster.states.get('n1')], [[], 'running']);
  });

  it('should have in its books, and heal, a fault whose injection failed half-way', async () => {
    cluster.mishaps.set('kill n2', 1);
    const { error } = await nemesis.perform('start-kill', 0);
    assert.equal(error, 'kill n2 failed');
    assert.deepEqual(nemesis.failures, ['start-kill failed: kill n2 failed']);
    assert.equal(nemesis.records[0]?.confirmed, false);
    assert.equal(cluster.states.get('n1'), 'down');
    await healAll();
    assert.deepEqual([cluster.states.get('n1'), nemesis.inForce], ['running', []]);
  });

  it('should believe the end of a fault once the cluster is seen to be whole, but not of one in force', async () => {
    await nemesis.perform('start-partition', 1);
    await nemesis.perform('start-kill', 0);
    const { value } = await nemesis.perform('stop-partition', 1);
    assert.match(JSON.stringify(value), /NOT confirmed: 0 of 0 links carry again/);
    assert.deepEqual(
      nemesis.records.map(({ healed }) => healed),
      [false, false],
    );
    nemesis.sawAllGone();
    assert.deepEqual(
      nemesis.records.map(({ healed }) => healed),
      [true, false],
    );
  });

  it('should never count as confirmed what did not happen', async () => {
    cluster.leaky = true;
    const { value } = await nemesis.perform('start-partition', 1);
    assert.match(JSON.stringify(value), /NOT confirmed: 0 of 1 cut links silent/);
    assert.equal(nemesis.records[0]?.confirmed, false);
  });

  describe('looking twice', () => {
    /** A family whose fault is seen only at the `nth` look. */
    const shy = (nth: number, masked?: true): { readonly family: Aimed; readonly looks: () => number } => {
      let looks = 0;
      const fault: Fault = {
        description: 'shy',
        nodes: ['n1'],
        inject: () => Promise.resolve(),
        confirm: () => {
          const confirmed = ++looks >= nth;
          return Promise.resolve({ confirmed, evidence: `look ${looks}`, ...(masked ? { masked } : {}) });
        },
        heal: () => Promise.resolve({ confirmed: true, evidence: 'gone' }),
      };
      return { family: { name: 'shy', aim: () => Promise.resolve(fault) }, looks: () => looks };
    };
    const planned = (end: number): Planned => ({
      id: 0,
      start: 0,
      end,
      plan: { family: 'shy', kind: 'x', parameters: null },
    });

    it('should believe a probe at the second look, while the fault lasts', async () => {
      const { family, looks } = shy(2);
      nemesis = nemesisFor([planned(60_000)], [family]);
      await nemesis.perform('start-shy', 0);
      const [record] = nemesis.records;
      assert.deepEqual([record?.confirmed, looks()], [true, 2]);
      assert.equal(record?.evidence, 'look 2, at the second look, after: look 1');
    });

    it('should not look again when the fault is over, nor more than twice, nor where nobody can see', async () => {
      for (const [end, nth, masked, expected] of [
        [0, 2, undefined, 1],
        [60_000, 3, undefined, 2],
        [60_000, 2, true, 1],
      ] as const) {
        const { family, looks } = shy(nth, masked);
        nemesis = nemesisFor([planned(end)], [family]);
        await nemesis.perform('start-shy', 0);
        const [record] = nemesis.records;
        assert.deepEqual([record?.confirmed, record?.masked, looks()], [false, masked, expected]);
      }
    });
  });

  it('should look again at an end that nobody saw, and believe it then, but not look a third time', async () => {
    for (const [nth, healed] of [
      [2, true],
      [3, false],
    ] as const) {
      let looks = 0;
      const fault: Fault = {
        description: 'clinging',
        nodes: ['n1'],
        inject: () => Promise.resolve(),
        confirm: () => Promise.resolve({ confirmed: true, evidence: 'there' }),
        heal: () => Promise.resolve({ confirmed: ++looks >= nth, evidence: `look ${looks}` }),
      };
      const plan = { family: 'clinging', kind: 'x', parameters: null };
      const family: Aimed = { name: 'clinging', aim: () => Promise.resolve(fault) };
      nemesis = nemesisFor([{ id: 0, start: 0, end: 60_000, plan }], [family]);
      await nemesis.perform('start-clinging', 0);
      await nemesis.perform('stop-clinging', 0);
      const [record] = nemesis.records;
      assert.deepEqual([record?.healed, looks], [healed, 2]);
      assert.equal(record?.healEvidence, 'look 2, at the second try, after: look 1');
    }
  });

  it('should say in its records how the runtime does it, and what the fault waited for', async () => {
    nemesis = nemesisFor([{ ...CUT, trigger: { state: 'new-leader' } }]);
    await nemesis.perform('start-partition', 1);
    const [record] = nemesis.records;
    assert.ok(record !== undefined);
    assert.deepEqual(record.way, { means: 'native', how: 'said to be there' });
    assert.equal(record.trigger, 'at a new leader');
  });

  it('should tell what happened as faults that can be given again', async () => {
    await nemesis.perform('start-kill', 0);
    await nemesis.perform('start-partition', 1);
    await nemesis.perform('stop-kill', 0);
    const [kill, cut] = nemesis.happened;
    assert.ok(kill !== undefined && cut !== undefined);
    assert.deepEqual(kill, { ...KILL.plan, kind: 'n1-n2', start: kill.start, end: kill.end });
    assert.ok((kill.end ?? 0) >= (kill.start ?? Infinity));
    assert.deepEqual(cut, { ...CUT.plan, start: cut.start }, 'one that was never healed has no end');
  });
});
