/** Faults beside one another, on simulated clusters: each is confirmed for what it does itself, and heals alone. */
import assert from 'node:assert/strict';
import type { Fault, FaultLedger } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import type { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import { createRandom } from '../../../harness/random.ts';
import { ALL, begin, familyOf, NODES, started, startedNumb } from './simulated-nodes.ts';

describe('faults beside one another', () => {
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

  it('should take for lost, doubled and late only what is its own beside a slow link', async () => {
    const ledger = createLedger(await started());
    await begin(ledger, 'slow-link', 'all');
    for (const kind of ['loss', 'duplicate']) {
      const fault = await begin(ledger, 'packets', kind, 1, ALL);
      assert.equal((await fault.confirm()).confirmed, true);
      assert.equal((await fault.heal()).confirmed, true);
    }
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
