import assert from 'node:assert/strict';
import { allLinks, linkName, type Link } from '../../../harness/cluster/cluster.ts';
import type { Fault, FaultFamily } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { createRandom } from '../../../harness/random.ts';
import { faults } from '../../../nemesis/index.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

function familyOf(name: string): FaultFamily {
  const family = faults.find((candidate) => candidate.name === name);
  assert.ok(family);
  return family;
}

async function inject(cluster: FakeCluster, name: string, kind: string, seed = 1): Promise<Fault> {
  const family = familyOf(name);
  const fault = await family.aim(family.plan(kind, NODES, createRandom(seed)), createLedger(cluster));
  if (typeof fault === 'string') assert.fail(fault);
  await fault.inject();
  return fault;
}

function clusterWithLeader(): FakeCluster {
  const cluster = new FakeCluster(NODES);
  cluster.statuses.set('n2', { role: 'leader', epoch: 3 });
  cluster.statuses.set('n4', { role: 'leader', epoch: 7 });
  return cluster;
}

describe('fault families', () => {
  // All of them are tried on simulated clusters (simulated.test.ts).
  for (const family of ['partition', 'kill', 'pause', 'slow-link'].map(familyOf)) {
    // What comes and goes takes seconds, and time is real here.
    for (const kind of Object.keys(family.kinds).filter((name) => name !== 'flaky')) {
      it(`should inject, confirm and heal ${family.name}:${kind}`, async () => {
        const cluster = clusterWithLeader();
        const fault = await inject(cluster, family.name, kind);
        assert.ok(fault.nodes.length > 0);
        const held = await fault.confirm();
        // With every node down there is no link left to probe, but the nodes themselves are.
        assert.equal(held.confirmed, true, held.evidence);
        const healed = await fault.heal();
        assert.equal(healed.confirmed, true, healed.evidence);
        assert.equal(cluster.cutNow.size, 0);
        assert.deepEqual([...new Set(cluster.states.values())], ['running']);
      });

      it(`should draw the same ${family.name}:${kind} from the same seed`, () => {
        const plan = (seed: number): unknown => family.plan(kind, NODES, createRandom(seed));
        assert.deepEqual(plan(5), plan(5));
      });
    }
  }

  for (const family of faults.filter((each) => each.takeAway !== undefined)) {
    it(`should take away by ${family.name} the nodes that it is told, and no other`, async () => {
      const [away, others] = [NODES.slice(1, 3), [...NODES.slice(0, 1), ...NODES.slice(3)]];
      const cluster = clusterWithLeader();
      const plan = family.takeAway?.(away, others) ?? assert.fail();
      const fault = await family.aim(plan, createLedger(cluster));
      if (typeof fault === 'string') assert.fail(fault);
      await fault.inject();
      assert.equal((await fault.confirm()).confirmed, true);
      const isCut = (link: Link): boolean => cluster.cutNow.has(linkName(link));
      const gone = (node: string): boolean =>
        cluster.states.get(node) !== 'running' ||
        others.every((other) => isCut({ from: node, to: other }) && isCut({ from: other, to: node }));
      assert.deepEqual(NODES.filter(gone), away);
      assert.ok(!allLinks(others).some(isCut));
      assert.equal((await fault.heal()).confirmed, true);
      assert.equal(cluster.cutNow.size, 0);
      assert.deepEqual([...new Set(cluster.states.values())], ['running']);
    });
  }

  it('should not confirm a partition that does nothing', async () => {
    const cluster = new FakeCluster(NODES);
    cluster.leaky = true;
    const fault = await inject(cluster, 'partition', 'halves');
    assert.deepEqual(await fault.confirm(), { confirmed: false, evidence: '0 of 12 cut links silent' });
  });

  it('should aim at the leader of the highest epoch', async () => {
    const cluster = clusterWithLeader();
    const fault = await inject(cluster, 'kill', 'leader');
    assert.deepEqual(fault.nodes, ['n4']);
    assert.equal(cluster.states.get('n4'), 'down');
  });

  it('should cut a minority with the leader off from a majority', async () => {
    for (const [nodes, minority] of [
      [NODES, 2],
      [NODES.slice(0, 4), 1],
      [NODES.slice(1, 4), 1],
    ] as const) {
      const cluster = new FakeCluster(nodes);
      cluster.statuses.set('n4', { role: 'leader', epoch: 7 });
      const leader = nodes.includes('n4') ? 'n4' : assert.fail();
      await inject(cluster, 'partition', 'leader-minority');
      const beside = nodes.filter((node) => !cluster.cutNow.has(linkName({ from: leader, to: node })));
      assert.equal(beside.length, minority, nodes.join(' '));
      for (const other of nodes.filter((node) => !beside.includes(node)))
        for (const node of beside) assert.ok(cluster.cutNow.has(linkName({ from: other, to: node })));
    }
  });

  it('should skip, and say why, when nobody leads', async () => {
    const family = familyOf('pause');
    const cluster = new FakeCluster(NODES);
    const plan = family.plan('leader', NODES, createRandom(1));
    assert.equal(await family.aim(plan, createLedger(cluster)), 'no node says that it leads');
  });

  it('should never pause a dead node', async () => {
    const cluster = new FakeCluster(NODES);
    const ledger = createLedger(cluster);
    const kill = familyOf('kill');
    const killed = await kill.aim(kill.plan('all', NODES, createRandom(1)), ledger);
    assert.ok(typeof killed !== 'string');
    await killed.inject();
    const pause = familyOf('pause');
    const answer = await pause.aim(pause.plan('all', NODES, createRandom(1)), ledger);
    assert.ok(typeof answer === 'string');
    assert.match(answer, /already down or paused/);
    assert.ok([...cluster.states.values()].every((state) => state === 'down'));
  });

  it('should kill frozen nodes as well, and leave each fault to heal what is its own', async () => {
    for (const first of ['pause', 'kill'] as const) {
      const cluster = new FakeCluster(NODES);
      const ledger = createLedger(cluster);
      const begin = async (name: 'pause' | 'kill', kind: string): Promise<Fault> => {
        const family = familyOf(name);
        const fault = await family.aim(family.plan(kind, NODES, createRandom(1)), ledger);
        assert.ok(typeof fault !== 'string');
        await fault.inject();
        assert.equal((await fault.confirm()).confirmed, true);
        return fault;
      };
      const faults = { pause: await begin('pause', 'minority'), kill: await begin('kill', 'all') };
      assert.deepEqual([...new Set(cluster.states.values())], ['down']);
      const second = first === 'pause' ? 'kill' : 'pause';
      // Of frozen nodes that a kill took meanwhile no probe can see that they thawed.
      assert.equal((await faults[first].heal()).confirmed, first === 'kill');
      assert.deepEqual([...new Set(cluster.states.values())], [first === 'pause' ? 'down' : 'running']);
      assert.equal(ledger.healthy().length, first === 'pause' ? 0 : 3, 'the other still holds its nodes');
      assert.equal((await faults[second].heal()).confirmed, true);
      assert.deepEqual([...new Set(cluster.states.values())], ['running']);
      assert.deepEqual(ledger.healthy(), NODES);
    }
  });

  it('should strike no node that died by itself, since nothing would happen to it', async () => {
    const cluster = new FakeCluster(NODES);
    for (const node of ['n1', 'n3']) cluster.states.set(node, 'down');
    for (const name of ['kill', 'pause']) {
      const fault = await inject(cluster, name, 'all');
      assert.deepEqual(fault.nodes, ['n2', 'n4', 'n5']);
      await fault.heal();
    }
    assert.deepEqual([cluster.states.get('n1'), cluster.states.get('n2')], ['down', 'running']);
  });

  it('should not take the silence of nodes that are not there for that of a link', async () => {
    const cluster = new FakeCluster(NODES);
    const fault = await inject(cluster, 'partition', 'n1/n2-n3-n4-n5');
    cluster.states.set('n1', 'down');
    assert.deepEqual(await fault.confirm(), {
      confirmed: false,
      masked: true,
      evidence: '0 of 8 cut links silent: nobody answered',
    });
    cluster.states.set('n1', 'running');
    assert.deepEqual(await fault.confirm(), { confirmed: true, evidence: '8 of 8 cut links silent' });
  });

  it('should heal the others when one node does not come back, and that one at the second try', async () => {
    for (const [name, action] of [
      ['kill', 'restart n3'],
      ['pause', 'resume n3'],
    ] as const) {
      const cluster = new FakeCluster(NODES);
      const fault = await inject(cluster, name, 'all');
      cluster.mishaps.set(action, 1);
      await assert.rejects(fault.heal(), new RegExp(`${action} failed`));
      assert.deepEqual(
        NODES.filter((node) => cluster.states.get(node) !== 'running'),
        ['n3'],
      );
      assert.deepEqual(await fault.heal(), { confirmed: true, evidence: '5 of 5 nodes answering again' });
    }
  });

  it('should heal one partition without touching another that cuts the same links', async () => {
    const cluster = new FakeCluster(NODES);
    const ledger = createLedger(cluster);
    const partition = familyOf('partition');
    const start = async (kind: string): Promise<Fault> => {
      const fault = await partition.aim(partition.plan(kind, NODES, createRandom(1)), ledger);
      assert.ok(typeof fault !== 'string');
      await fault.inject();
      return fault;
    };
    const first = await start('n1/n2-n3-n4-n5');
    const second = await start('n1-n2/n3-n4-n5');
    await first.heal();
    assert.ok(cluster.cutNow.has('n1>n3'), 'the second still cuts n1 from n3');
    assert.ok(!cluster.cutNow.has('n1>n2'), 'only the first cut n1 from n2');
    await second.heal();
    assert.equal(cluster.cutNow.size, 0);
  });

  it('should strike whom a kind names, also by specs that are not drawn', async () => {
    for (const [kind, struck] of [
      ['n5-n2', ['n5', 'n2']],
      ['primary', ['n4']],
      ['minority-third', 1],
      ['follower', 1],
    ] as const) {
      const cluster = clusterWithLeader();
      assert.equal(familyOf('kill').explicit?.problem(kind, NODES), undefined);
      const { nodes, named } = await inject(cluster, 'kill', kind);
      if (typeof struck === 'number') assert.equal(nodes.length, struck);
      else assert.deepEqual(nodes, struck);
      if (kind === 'follower') assert.notDeepEqual(nodes, ['n4']);
      assert.deepEqual(named, { family: 'kill', kind: nodes.join('-'), parameters: nodes });
    }
    const problem = (kind: string): string | undefined => familyOf('kill').explicit?.problem(kind, NODES);
    assert.match(problem('nobody') ?? '', /"nobody" is neither a node spec nor one of n1 n2/);
    assert.match(problem('n1-n9') ?? '', /there is no node "n9"/);
    assert.match(problem('n1-n1') ?? '', /node n1 is named twice/);
  });

  it('should cut what a partition spells out: one way, or nodes by spec', async () => {
    const cutBy = async (kind: string): Promise<string[]> => {
      const cluster = clusterWithLeader();
      assert.equal(familyOf('partition').explicit?.problem(kind, NODES), undefined, kind);
      await inject(cluster, 'partition', kind);
      return [...cluster.cutNow].sort();
    };
    assert.deepEqual(await cutBy('n1>n2-n3/n3>n1'), ['n1>n2', 'n1>n3', 'n3>n1']);
    assert.equal((await cutBy('minority')).length, 12);
    assert.equal((await cutBy('minority-third')).length, 8);
    assert.ok((await cutBy('primary')).every((link) => link.includes('n4')));
    assert.ok((await cutBy('follower')).every((link) => link !== 'n4>n1' || link.includes('n1')));
    const problem = (kind: string): string | undefined =>
      familyOf('partition').explicit?.problem(kind, NODES);
    assert.match(problem('all') ?? '', /it cuts nothing/);
    assert.match(problem('n1>n2/n3') ?? '', /where one part says who is not heard by whom, all must/);
    assert.match(problem('n1>n9') ?? '', /there is no node "n9"/);
    assert.match(problem('n1-n2/n2') ?? '', /node n2 is in two groups/);
  });
});
