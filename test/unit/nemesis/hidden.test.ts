/**
 * Faults that others hide, on simulated clusters: each counts for nothing, or is seen after all, where the ledger knows what hides it -
 * and is in doubt where the same happens behind the ledger's back, or where it does nothing.
 */
import assert from 'node:assert/strict';
import { allLinks, type Link } from '../../../harness/cluster/cluster.ts';
import type { Confirmation, Fault } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { countPings } from '../../../harness/cluster/probe.ts';
import type { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import { ALL, begin, FIRST, NODES, started, startedNumb } from './simulated-nodes.ts';

/** So slow that no answer comes in time. */
const FOR_EVER = { busyMs: 12_000 };
const LINK: Link = { from: 'n1', to: 'n2' };

const told = ({ confirmed, masked }: Confirmation): [boolean, true | undefined] => [confirmed, masked];
const SEEN = [true, undefined];
const MASKED = [false, true];
const DOUBTED = [false, undefined];

/** Does it again and again, beside the fault, until that has been looked at. */
async function confirmWhile(
  cluster: SimCluster,
  fault: Fault,
  everyMs: number,
  disturb: () => Promise<void>,
): Promise<Confirmation> {
  let over = false;
  const disturbing = (async () => {
    while (!over) {
      await disturb();
      await cluster.time.sleep(everyMs);
    }
  })();
  const confirmation = await fault.confirm();
  over = true;
  await disturbing;
  return confirmation;
}

describe('faults that others hide', () => {
  for (const [name, kind, parameters] of [
    ['clients', 'all', undefined],
    ['clock', 'jump', ALL],
    ['clock', 'drift', ALL],
    ['clock', 'strobe', ALL],
    ['packets', 'rate', ALL],
    ['processor', 'all', {}],
    ['descriptors', 'all', undefined],
  ] as const) {
    it(`should be masked: ${name}:${kind} of nodes that a fault keeps from answering, and of no others`, async () => {
      for (const isKnown of [true, false]) {
        const cluster = await started();
        const ledger = createLedger(cluster);
        const fault = await begin(ledger, name, kind, 1, parameters);
        const beside = isKnown ? await begin(ledger, 'slow-node', 'all', 1, FOR_EVER) : undefined;
        if (!isKnown) for (const node of NODES) await cluster.slow(node, FOR_EVER.busyMs);
        const confirmation = await fault.confirm();
        assert.deepEqual(told(confirmation), isKnown ? MASKED : DOUBTED, confirmation.evidence);
        await beside?.heal();
        for (const node of NODES) await cluster.slow(node, 0);
        assert.equal((await fault.confirm()).confirmed, true, 'it holds all the time');
      }
    });
  }

  it('should not take for cut off from clients a node whose answers take long', async () => {
    for (const isCut of [true, false]) {
      const cluster = await startedNumb();
      const ledger = cluster.ledger();
      cluster.numb = false;
      await begin(ledger, 'slow-node', 'all', 1, { busyMs: 400 });
      cluster.numb = !isCut;
      const fault = await begin(ledger, 'clients', 'all');
      const confirmation = await fault.confirm();
      assert.deepEqual(told(confirmation), isCut ? SEEN : DOUBTED, confirmation.evidence);
    }
  });

  it('should see links carry again but for those whose nodes do not get to it', async () => {
    for (const isKnown of [true, false]) {
      const cluster = await started();
      const ledger = createLedger(cluster);
      const partition = await begin(ledger, 'partition', 'n1/n2-n3');
      if (isKnown) await begin(ledger, 'slow-node', 'all', 1, FOR_EVER);
      else for (const node of NODES) await cluster.slow(node, FOR_EVER.busyMs);
      const healed = await partition.heal();
      assert.deepEqual(told(healed), isKnown ? MASKED : DOUBTED, healed.evidence);
    }
  });

  it('should see a clock jump to and fro though each answer takes until it is where it was', async () => {
    for (const strobes of [true, false]) {
      const cluster = await started();
      const ledger = createLedger(cluster);
      // 0.7 of 50 ms from one look to the next, and 65 ms for the answer.
      await begin(ledger, 'slow-node', 'all', 1, { busyMs: 64.5 });
      const strobe = { offsetMs: 5000, everyMs: 50 };
      const fault = await begin(ledger, 'clock', 'strobe', 1, { ...FIRST, skews: { n1: { strobe } } });
      if (!strobes) await cluster.skew('n1', { offsetMs: 5000 });
      const confirmation = await fault.confirm();
      assert.deepEqual(told(confirmation), strobes ? SEEN : DOUBTED, confirmation.evidence);
    }
  });

  it('should not take for a jump of a clock that its answers take long', async () => {
    for (const jumps of [true, false]) {
      const cluster = await started();
      const ledger = createLedger(cluster);
      const skews = { n1: { offsetMs: 512 } };
      const fault = await begin(ledger, 'clock', 'jump', 1, { ...FIRST, skews });
      if (!jumps) await cluster.skew('n1', {});
      // Give or take half of that, the clock might be right or wrong.
      await begin(ledger, 'slow-node', 'all', 1, { busyMs: 900 });
      assert.deepEqual(told(await fault.confirm()), MASKED);
      for (const node of NODES) await cluster.slow(node, 0);
      assert.deepEqual(told(await fault.confirm()), jumps ? SEEN : DOUBTED);
    }
  });

  for (const [name, kind] of [
    ['packets', 'corrupt'],
    ['connections', 'reset'],
    ['connections', 'half-open'],
  ] as const) {
    it(`should see connections that close slowly beside ${name}:${kind}, and none that do not`, async () => {
      for (const isSlow of [true, false]) {
        const cluster = await started();
        const ledger = createLedger(cluster);
        await begin(ledger, name, kind, 1, { ...ALL, waitsMs: [300] });
        // What the other does goes on.
        if (!isSlow) cluster.shape = () => Promise.resolve();
        const fault = await begin(ledger, 'connections', 'slow-close', 1, ALL);
        const confirmation = await fault.confirm();
        assert.deepEqual(told(confirmation), isSlow ? SEEN : DOUBTED, confirmation.evidence);
      }
    });
  }

  it('should be masked: connections that are reset before their sender knows that nobody hears it', async () => {
    for (const isKnown of [true, false]) {
      const cluster = await started();
      const ledger = createLedger(cluster);
      const fault = await begin(ledger, 'connections', 'half-open', 1, ALL);
      if (isKnown) await begin(ledger, 'connections', 'reset', 1, { ...ALL, waitsMs: [100] });
      const reset = (): Promise<void> => (isKnown ? Promise.resolve() : cluster.reset(allLinks(NODES)));
      const confirmation = await confirmWhile(cluster, fault, 100, reset);
      assert.deepEqual(told(confirmation), isKnown ? MASKED : DOUBTED, confirmation.evidence);
    }
  });

  it('should be masked: messages held back beside a fault that holds back nearly all, and not beside one that does few', async () => {
    for (const [late, isTold] of [
      [0.9, false],
      [0.2, true],
    ] as const) {
      for (const holds of [true, false]) {
        const cluster = await startedNumb();
        cluster.numb = false;
        const ledger = createLedger(cluster);
        await begin(ledger, 'packets', 'reorder', 1, { ...FIRST, late, byMs: 200 });
        cluster.numb = !holds;
        const fault = await begin(ledger, 'packets', 'reorder', 2, { ...FIRST, late: 0.4, byMs: 200 });
        const confirmation = await fault.confirm();
        const expected = !isTold ? MASKED : holds ? SEEN : DOUBTED;
        assert.deepEqual(told(confirmation), expected, confirmation.evidence);
      }
    }
  });

  it('should be masked: messages held back that a cut takes on their way, and not what is not held back at all', async () => {
    for (const isCut of [true, false]) {
      const cluster = await startedNumb();
      cluster.numb = !isCut;
      const ledger = createLedger(cluster);
      const fault = await begin(ledger, 'packets', 'reorder', 1, { ...ALL, late: 0.6, byMs: 300 });
      const cutting = cluster.time.sleep(200).then(() => begin(ledger, 'partition', 'n1/n2/n3'));
      const confirmation = await fault.confirm();
      await cutting;
      assert.deepEqual(told(confirmation), isCut ? MASKED : DOUBTED, confirmation.evidence);
    }
  });

  it('should not count pings of a receiver that began another life, or took long to say what was there in time', async () => {
    const waits = { onTimeMs: 100, waitMs: 1000 };
    for (const [what, atMs, sent, disturb] of [
      ['nothing', 0, 10, () => Promise.resolve()],
      ['a restart', 500, 0, (cluster) => cluster.kill('n2').then(() => cluster.restart('n2'))],
      ['slowness', 50, 0, (cluster) => cluster.slow('n2', 300)],
    ] as const satisfies [string, number, number, (cluster: SimCluster) => Promise<void>][]) {
      const cluster = await started();
      const disturbing = cluster.time.sleep(atMs).then(() => disturb(cluster));
      const counting = countPings(cluster, [LINK], 10, waits);
      await disturbing;
      assert.equal((await counting).sent, sent, what);
    }
  });

  it('should flip bits again beneath a node that writes them anew, and none where there are none', async () => {
    const cluster = await started();
    const ledger = createLedger(cluster);
    const fault = await begin(ledger, 'bit-flip', 'running', 1, { ...FIRST, places: { n1: [0] } });
    // As a node does that writes the same once more.
    await cluster.flip('n1', [0]);
    assert.deepEqual(told(await fault.confirm()), SEEN);
    assert.equal((await fault.heal()).confirmed, true);
    assert.deepEqual(await cluster.call('n1', 'read', {}, 100), { kind: 'answer', body: 7 });
    await cluster.kill('n1');
    await cluster.wipe('n1');
    await cluster.restart('n1');
    for (const kind of ['running', 'restart']) {
      const none = await begin(ledger, 'bit-flip', kind, 1, FIRST);
      const confirmation = await none.confirm();
      assert.deepEqual(told(confirmation), MASKED);
      assert.equal(confirmation.evidence, 'nothing was on the disk of n1');
      await none.heal();
      const others = await begin(ledger, 'bit-flip', kind, 1, ALL);
      assert.deepEqual(told(await others.confirm()), SEEN);
      await others.heal();
    }
  });
});
