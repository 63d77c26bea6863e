/**
 * Fault families on simulated clusters, whose nodes tell the truth about what is done to them: each is confirmed when it
 * is in force and not when it silently is not, heals alone beside others, and leaves no node behind.
 */
import assert from 'node:assert/strict';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../../../harness/cluster/fault.ts';
import type { ClusterPlan, NodeState } from '../../../harness/cluster/cluster.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { probeHealth } from '../../../harness/cluster/probe.ts';
import { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import { UsageError } from '../../../harness/errors.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { createRandom } from '../../../harness/random.ts';
import { faults } from '../../../nemesis/index.ts';

const NODES = ['n1', 'n2', 'n3'];
const RAFT = '../../../targets/raft/node';
const ECHO = '../../fixtures/echo-node';
const RESTLESS = '../../fixtures/restless-node';

/** What a numb cluster only says it does, by what it answers. */
const NUMBED: Readonly<Partial<Record<keyof SimCluster, unknown>>> = {
  kill: undefined,
  restart: undefined,
  cutPower: undefined,
  armCrash: undefined,
  exhaustMemory: undefined,
  pause: undefined,
  resume: undefined,
  cut: undefined,
  heal: undefined,
  reset: undefined,
  forget: undefined,
  shape: undefined,
  skew: undefined,
  breakDisk: undefined,
  flip: [{ file: 'values.log', offset: 0, was: 0x37, is: 0x77 }],
  unflip: undefined,
  truncate: [{ file: 'values.log', was: 2, is: 1 }],
  swap: [
    {
      bytes: 1,
      blocks: [
        { file: 'values.log', offset: 0 },
        { file: 'values.log', offset: 1 },
      ],
    },
  ],
  loadDisk: undefined,
  slow: undefined,
  throttle: undefined,
  limitDescriptors: undefined,
};

/** A cluster to which nothing is done while it is numb, though it says so. */
class NumbCluster extends SimCluster {
  numb = true;

  constructor(plan: ClusterPlan) {
    super(plan);
    for (const [name, said] of Object.entries(NUMBED)) {
      const method = Reflect.get(this, name) as (...parameters: unknown[]) => unknown;
      const numbed = (...parameters: unknown[]): unknown =>
        this.numb ? Promise.resolve(said) : method.apply(this, parameters);
      Object.defineProperty(this, name, { value: numbed });
    }
  }

  /** As numb as the cluster. */
  ledger(): FaultLedger {
    const ledger = createLedger(this);
    return {
      ...ledger,
      cutClients: (nodes) => {
        if (!this.numb) ledger.cutClients(nodes);
      },
      freeClients: (nodes) => {
        if (!this.numb) ledger.freeClients(nodes);
      },
    };
  }
}

function planOf(module = ECHO): ClusterPlan {
  const nodeModule = moduleBeside(import.meta.url, module);
  const versions = {
    current: nodeModule,
    next: moduleBeside(import.meta.url, '../../fixtures/next-echo-node'),
  };
  const progress = (): void => undefined;
  return {
    runId: 'test',
    nodes: NODES,
    nodeModule,
    versions,
    options: {},
    seed: '1',
    directory: '',
    progress,
  };
}

/** The cluster, started, with something on the disk of each node. */
async function start<Kind extends SimCluster>(cluster: Kind): Promise<Kind> {
  await cluster.start();
  for (const node of NODES) await cluster.call(node, 'write', { value: 7 }, 100);
  return cluster;
}

const started = (module?: string): Promise<SimCluster> => start(new SimCluster(planOf(module)));
const startedNumb = (module?: string): Promise<NumbCluster> => start(new NumbCluster(planOf(module)));

function familyOf(name: string): FaultFamily {
  const family = faults.find((candidate) => candidate.name === name);
  assert.ok(family);
  return family;
}

/** A fault as drawn, or with parameters of ours. */
async function begin(
  ledger: FaultLedger,
  name: string,
  kind: string,
  seed = 1,
  parameters?: JsonObject,
): Promise<Fault> {
  const family = familyOf(name);
  const plan = family.plan(kind, NODES, createRandom(seed));
  const changed =
    parameters === undefined ? plan.parameters : { ...(plan.parameters as JsonObject), ...parameters };
  const fault = await family.aim({ ...plan, parameters: changed }, ledger);
  if (typeof fault === 'string') assert.fail(fault);
  await fault.inject();
  return fault;
}

/** Does it while nodes write all the time, as clients would have them: some faults need something to strike. */
async function whileWriting<T>(cluster: SimCluster, work: () => Promise<T>): Promise<T> {
  let over = false;
  const writing = NODES.map(async (node) => {
    while (!over) {
      await cluster.call(node, 'write', { value: 7 }, 100);
      await cluster.time.sleep(20);
    }
  });
  try {
    return await work();
  } finally {
    over = true;
    await Promise.all(writing);
  }
}

const statesOf = (cluster: SimCluster): Promise<NodeState[]> =>
  Promise.all(NODES.map((node) => cluster.state(node)));

const ALL = { aim: 'all', nodes: NODES };
const FIRST = { aim: 'one', nodes: ['n1'] };

/** Faults that come and go: whether anything of them is there when they are healed, is a matter of the moment. */
const PASSING: readonly string[] = [
  'partition:flaky',
  'connections:reset',
  'connections:half-open',
  ...familyKinds('restart-storm'),
  ...familyKinds('hunt'),
  ...[
    'rolling-restart',
    'rolling-upgrade',
    'flapping-link',
    'leader-hunt',
    'split-vote-storm',
    'leaders-in-turn',
  ].map((kind) => `scenario:${kind}`),
];

function familyKinds(name: string): string[] {
  return Object.keys(familyOf(name).kinds).map((kind) => `${name}:${kind}`);
}

/** A program in which leaders are elected, for faults that go by that. */
const moduleFor = (name: string, kind: string): string =>
  name === 'hunt' || ['leader-hunt', 'split-vote-storm', 'leaders-in-turn'].includes(kind) ? RAFT : ECHO;

const settle = (cluster: SimCluster): Promise<void> => cluster.time.sleep(2000);

describe('fault families on simulated nodes', () => {
  // A target whose members change has tests of its own.
  for (const family of faults.filter(({ asks }) => asks === undefined)) {
    for (const kind of Object.keys(family.kinds)) {
      const name = `${family.name}:${kind}`;
      const module = moduleFor(family.name, kind);
      // Among three nodes it cuts nothing.
      if (name === 'partition:ring') continue;

      it(`should inject, confirm and heal ${name}`, async () => {
        for (const seed of [1, 2]) {
          const cluster = await started(module);
          await settle(cluster);
          const ledger = createLedger(cluster);
          await whileWriting(cluster, async () => {
            const fault = await begin(ledger, family.name, kind, seed);
            assert.ok(fault.nodes.length > 0);
            const held = await fault.confirm();
            assert.equal(held.confirmed, true, `${fault.description}: ${held.evidence}`);
            const healed = await fault.heal();
            assert.equal(healed.confirmed, true, `${fault.description}: ${healed.evidence}`);
          });
          assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
          assert.deepEqual([ledger.healthy(), ledger.conditions(), ledger.cutLinks()], [NODES, [], []]);
        }
      });

      it(`should not confirm a ${name} that does nothing, nor take it for masked`, async () => {
        const cluster = await startedNumb(module);
        await settle(cluster);
        const { confirmed, masked, evidence } = await whileWriting(cluster, async () => {
          const fault = await begin(cluster.ledger(), family.name, kind);
          const confirmation = await fault.confirm();
          await fault.heal().catch(() => undefined);
          return confirmation;
        });
        assert.deepEqual([confirmed, masked], [false, undefined], evidence);
      });

      if (!PASSING.includes(name))
        it(`should not take ${name} for healed while it goes on`, async () => {
          const cluster = await startedNumb(module);
          cluster.numb = false;
          await settle(cluster);
          await whileWriting(cluster, async () => {
            const fault = await begin(cluster.ledger(), family.name, kind);
            await fault.confirm();
            cluster.numb = true;
            // Nodes that cannot start make it reject.
            const { confirmed, evidence } = await fault
              .heal()
              .catch(() => ({ confirmed: false, evidence: '' }));
            assert.equal(confirmed, false, `${fault.description}: ${evidence}`);
          });
        });
    }
  }

  it('should draw the same from the same seed, and what nodes it strikes as it is told', () => {
    for (const family of faults) {
      for (const kind of Object.keys(family.kinds)) {
        const plan = (seed: number): unknown => family.plan(kind, NODES, createRandom(seed));
        assert.deepEqual(plan(5), plan(5), `${family.name}:${kind}`);
        if (family.aimed === undefined) continue;
        const { parameters } = family.plan(kind, NODES, createRandom(5), 'n3-n1');
        assert.deepEqual((parameters as JsonObject)['nodes'], ['n3', 'n1']);
        assert.throws(() => family.plan(kind, NODES, createRandom(5), 'n9'), UsageError);
      }
    }
  });

  for (const [name, kind, parameters] of [
    ['slow-link', 'all', {}],
    ['packets', 'loss', ALL],
    ['packets', 'reorder', ALL],
    ['clock', 'jump', ALL],
    ['clock', 'strobe', ALL],
    ['disk', 'slow', ALL],
  ] as const) {
    it(`should heal one ${name}:${kind} without touching another on the same nodes`, async () => {
      const ledger = createLedger(await started());
      const first = await begin(ledger, name, kind, 1, parameters);
      const second = await begin(ledger, name, kind, 2, parameters);
      for (const fault of [first, second]) assert.equal((await fault.confirm()).confirmed, true);
      await first.heal();
      const { confirmed, evidence } = await second.confirm();
      assert.equal(confirmed, true, evidence);
      assert.equal((await second.heal()).confirmed, true);
      assert.equal((await second.confirm()).confirmed, false, 'nothing is left of it');
    });
  }

  it('should not take a link for healed that is as little slow as can be drawn', async () => {
    const cluster = await startedNumb();
    cluster.numb = false;
    const fault = await begin(createLedger(cluster), 'slow-link', 'all', 1, { delayMs: 200 });
    assert.equal((await fault.confirm()).confirmed, true);
    cluster.numb = true;
    assert.equal((await fault.heal()).confirmed, false);
  });

  it('should not take for cut what is only slow, or loses much', async () => {
    for (const [name, kind, parameters] of [
      ['slow-link', 'all', { delayMs: 600 }],
      ['packets', 'loss', { ...ALL, lost: 0.7 }],
      ['packets', 'reorder', { ...ALL, late: 0.8, byMs: 400 }],
    ] as const) {
      for (const isCut of [true, false]) {
        const cluster = await startedNumb();
        const ledger = createLedger(cluster);
        cluster.numb = false;
        await begin(ledger, name, kind, 1, parameters);
        cluster.numb = !isCut;
        const partition = await begin(ledger, 'partition', 'n1/n2-n3');
        const { confirmed, evidence } = await partition.confirm();
        assert.equal(confirmed, isCut, `beside ${name} ${kind}: ${evidence}`);
      }
    }
  });

  it('should not take for a slow disk that the node is slow', async () => {
    for (const isSlow of [true, false]) {
      const cluster = await startedNumb();
      const ledger = createLedger(cluster);
      cluster.numb = false;
      const node = await begin(ledger, 'slow-node', 'all', 1, { busyMs: 25 });
      cluster.numb = !isSlow;
      const disk = await begin(ledger, 'disk', 'slow', 1, { ...ALL, trouble: { slowMs: 20 } });
      const { confirmed, evidence } = await disk.confirm();
      assert.equal(confirmed, isSlow, evidence);
      cluster.numb = false;
      for (const fault of [disk, node]) assert.equal((await fault.heal()).confirmed, true);
    }
  });

  it('should not take a bit that was flipped twice for one that was flipped', async () => {
    for (const places of [[0], [0, 0], [0, 0, 0]]) {
      const ledger = createLedger(await started());
      const fault = await begin(ledger, 'bit-flip', 'running', 1, { ...FIRST, places: { n1: places } });
      assert.equal((await fault.confirm()).confirmed, places.length !== 2);
      assert.equal((await fault.heal()).confirmed, true);
    }
  });

  it('should take for lost, doubled and late only what is its own beside a slow link', async () => {
    const ledger = createLedger(await started());
    await begin(ledger, 'slow-link', 'all');
    for (const kind of ['loss', 'duplicate']) {
      const fault = await begin(ledger, 'packets', kind, 1, ALL);
      assert.equal((await fault.confirm()).confirmed, true);
      assert.equal((await fault.heal()).confirmed, true);
    }
  });

  it('should count nodes that died of their disk as its witnesses, and restart them when it heals', async () => {
    const cluster = await started(RESTLESS);
    const fault = await begin(createLedger(cluster), 'disk', 'full', 1, ALL);
    await cluster.call('n1', 'act', {}, 100);
    await cluster.time.sleep(10);
    assert.deepEqual(await statesOf(cluster), ['down', 'running', 'running']);
    assert.deepEqual(await fault.confirm(), {
      confirmed: true,
      evidence: '2 of 3 nodes found their disk full, 1 died of it',
    });
    assert.deepEqual(await fault.heal(), {
      confirmed: true,
      evidence: '3 of 3 nodes write to their disk again',
    });
    assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
  });

  it('should restart a node that learns only when it wakes up that its disk had failed', async () => {
    const cluster = await started(RESTLESS);
    const ledger = createLedger(cluster);
    const slow = await begin(ledger, 'disk', 'slow', 1, { ...FIRST, trouble: { slowMs: 50 } });
    const full = await begin(ledger, 'disk', 'full', 1, FIRST);
    await cluster.call('n1', 'act', {}, 100);
    const pause = await begin(ledger, 'pause', 'all');
    await cluster.time.sleep(100);
    for (const fault of [full, slow]) await fault.heal();
    assert.deepEqual(await statesOf(cluster), ['paused', 'paused', 'paused']);
    assert.equal((await pause.heal()).confirmed, true);
    assert.match(cluster.log('n1'), /ENOSPC/);
    assert.equal(await cluster.state('n1'), 'running');
  });

  it('should leave a node that cannot start from its disk to the fault that broke it', async () => {
    for (const [name, kind] of [
      ['disk', 'full'],
      ['bit-flip', 'running'],
    ] as const) {
      const cluster = await started(RAFT);
      await cluster.time.sleep(2000);
      const ledger = createLedger(cluster);
      const broken = await begin(ledger, name, kind, 1, ALL);
      const kill = await begin(ledger, 'kill', 'all');
      assert.equal((await kill.heal()).confirmed, false);
      assert.deepEqual(await statesOf(cluster), ['down', 'down', 'down']);
      assert.equal((await broken.heal()).confirmed, true);
      assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
    }
  });

  it('should say which nodes refused to start from flipped bits', async () => {
    const cluster = await started(RAFT);
    await cluster.time.sleep(2000);
    const fault = await begin(createLedger(cluster), 'bit-flip', 'restart', 1, ALL);
    const { confirmed, evidence } = await fault.heal();
    assert.equal(confirmed, true);
    assert.match(evidence, /n1 n2 n3 refused to start from what was there$/);
    for (const node of NODES) assert.equal(await probeHealth(cluster, node, 100), true);
  });

  it('should bring a node back with the last fault that wants it down, whichever ends first', async () => {
    for (const first of ['kill', 'power', 'memory']) {
      const cluster = await started();
      const ledger = createLedger(cluster);
      const memory = await begin(ledger, 'memory', 'n1');
      const deaths = { memory, kill: await beginOn(cluster, ledger, 'kill'), power: memory };
      deaths.power = await beginOn(cluster, ledger, 'power');
      const order = [first, ...Object.keys(deaths).filter((name) => name !== first)];
      for (const [index, name] of order.entries()) {
        assert.equal(await cluster.state('n1'), 'down', `before ${name} heals`);
        const { confirmed, masked } = await deaths[name as keyof typeof deaths].heal();
        const isLast = index === order.length - 1;
        assert.deepEqual([confirmed, masked], isLast ? [true, undefined] : [false, true], name);
      }
      assert.deepEqual([await cluster.state('n1'), ledger.healthy()], ['running', NODES]);
    }
  });

  it('should be masked where nobody is left to see it, and not where somebody is', async () => {
    for (const [name, kind, parameters] of [
      ['partition', 'n1/n2-n3', undefined],
      ['slow-link', 'all', {}],
      ['packets', 'loss', ALL],
      ['packets', 'corrupt', ALL],
      ['packets', 'rate', ALL],
      ['connections', 'reset', ALL],
      ['connections', 'slow-close', ALL],
      ['connections', 'names', ALL],
      ['clock', 'jump', ALL],
      ['disk', 'slow', ALL],
      ['bit-flip', 'running', ALL],
      ['slow-node', 'all', {}],
      ['processor', 'all', {}],
      ['descriptors', 'all', undefined],
      ['clients', 'all', undefined],
    ] as const) {
      const cluster = await started();
      const ledger = createLedger(cluster);
      const fault = await begin(ledger, name, kind, 1, parameters);
      const kill = await begin(ledger, 'kill', 'all');
      const { confirmed, masked, evidence } = await fault.confirm();
      assert.deepEqual([confirmed, masked], [false, true], `${name}: ${evidence}`);
      const healed = await kill.heal();
      // Without descriptors they do not start.
      const starts = name !== 'descriptors';
      assert.equal(healed.confirmed, starts, `${name}: ${healed.evidence}`);
      // Connections that were closed before are not closed again.
      if (kind !== 'names' && starts) assert.equal((await fault.confirm()).confirmed, true, name);
      assert.equal((await fault.heal()).confirmed, true, name);
    }
  });

  it('should count for nothing that a node does not get to the point at which it is to die', async () => {
    for (const writes of [true, false]) {
      const cluster = await started();
      const fault = await begin(createLedger(cluster), 'crash-point', 'after-sync', 1, ALL);
      const write = (): Promise<Confirmation> => fault.confirm();
      const { confirmed, masked } = await (writes ? whileWriting(cluster, write) : write());
      assert.deepEqual([confirmed, masked], writes ? [true, undefined] : [false, true]);
      assert.equal((await fault.heal()).confirmed, true);
      assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
      // Disarmed: it goes on past the point.
      await whileWriting(cluster, () => cluster.time.sleep(500));
      assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
    }
  });

  it('should give nodes their own disk back that refuse to start from a damaged one', async () => {
    const cluster = await started(RAFT);
    await settle(cluster);
    const fault = await begin(createLedger(cluster), 'files', 'swap', 1, ALL);
    assert.equal((await fault.confirm()).confirmed, true);
    const { confirmed, evidence } = await fault.heal();
    assert.equal(confirmed, true);
    assert.match(evidence, /n1 n2 n3 refused to start from what was there$/);
  });

  it('should have nodes forget what they wrote since the disk that is put back', async () => {
    const cluster = await started();
    const parameters = { ...FIRST, agoMs: 500 };
    const writing = cluster.time.sleep(300).then(() => cluster.call('n1', 'write', { value: 8 }, 100));
    const fault = await begin(createLedger(cluster), 'files', 'rollback', 1, parameters);
    assert.equal((await writing).kind, 'answer');
    assert.equal((await fault.heal()).confirmed, true);
    assert.deepEqual(await cluster.call('n1', 'read', {}, 100), { kind: 'answer', body: 7 });
  });

  it('should take away whoever leads again and again, and let the one before come back for the next', async () => {
    const cluster = await started(RAFT);
    await settle(cluster);
    const ledger = createLedger(cluster);
    const fault = await begin(ledger, 'hunt', 'alternate', 2);
    const down = new Set<string>();
    let most = 0;
    for (let look = 0; look < 500; look++) {
      const cut = ledger.cutLinks();
      const away = NODES.filter(
        (node, index) =>
          !ledger.healthy().includes(node) || cut.filter(({ from }) => from === NODES[index]).length === 2,
      );
      for (const node of away) down.add(node);
      most = Math.max(most, NODES.length - ledger.healthy().length);
      await cluster.time.sleep(10);
    }
    assert.ok(down.size >= 2, `only ${[...down].join(' ')} was struck`);
    assert.ok(most <= 2, 'a cluster of three is not to lose all of them');
    assert.match((await fault.heal()).evidence, /; \d+ leaders were struck$/);
    assert.equal(cluster.checksum.length, 8);
  });

  it('should do the same again for the same seed, also what goes on beside everything else', async () => {
    const checksum = async (kind: string): Promise<string> => {
      const cluster = await started(RAFT);
      await settle(cluster);
      const fault = await begin(createLedger(cluster), 'scenario', kind);
      await fault.confirm();
      await cluster.time.sleep(1000);
      await fault.heal();
      return cluster.checksum;
    };
    for (const kind of ['leader-hunt', 'split-vote-storm', 'rolling-restart'])
      assert.equal(await checksum(kind), await checksum(kind), kind);
  });

  it('should have nodes run another version during an upgrade, and their own afterwards', async () => {
    const cluster = await started();
    const fault = await begin(createLedger(cluster), 'scenario', 'rolling-upgrade=next');
    const versions = async (): Promise<Set<boolean>> => {
      const replies = await Promise.all(NODES.map((node) => cluster.call(node, '_/status', {}, 100)));
      return new Set(replies.map((reply) => JSON.stringify(reply).includes('next')));
    };
    assert.equal((await fault.confirm()).confirmed, true);
    assert.ok((await versions()).has(true));
    assert.equal((await fault.heal()).confirmed, true);
    assert.deepEqual(await versions(), new Set([false]));
    const family = familyOf('scenario');
    const plan = family.plan('rolling-upgrade=other', NODES, createRandom(1));
    const refused = await family.aim(plan, createLedger(cluster));
    assert.equal(refused, 'there is no version other of the program; there are: current, next');
  });

  it('should name the nodes that it found, so that the same can be done again', async () => {
    const cluster = await started();
    for (const family of faults.filter(({ asks, name }) => asks === undefined && name !== 'hunt')) {
      for (const kind of Object.keys(family.kinds).filter((name) => name !== 'flaky')) {
        const ledger = createLedger(cluster);
        const fault = await family.aim(family.plan(kind, NODES, createRandom(1)), ledger);
        if (typeof fault === 'string') continue;
        if (family.name === 'scenario') continue;
        const again = await family.aim(fault.named ?? assert.fail(`${family.name}:${kind}`), ledger);
        if (typeof again === 'string') assert.fail(again);
        assert.deepEqual(again.nodes, fault.nodes);
        if (kind !== 'past-lease') assert.equal(again.description, fault.description);
      }
    }
  });
});

/** A death of the first node, which may be dead already: drawn for one that runs. */
async function beginOn(cluster: SimCluster, ledger: FaultLedger, name: string): Promise<Fault> {
  const family = familyOf(name);
  const state = cluster.state.bind(cluster);
  Object.defineProperty(cluster, 'state', { configurable: true, value: () => Promise.resolve('running') });
  const fault = await family.aim(family.plan('n1', NODES, createRandom(1)), ledger);
  Object.defineProperty(cluster, 'state', { configurable: true, value: state });
  if (typeof fault === 'string') assert.fail(fault);
  await fault.inject();
  return fault;
}
