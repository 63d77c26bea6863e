/**
 * Every way to hurt a link, on a cluster of real nodes, as the nodes themselves see it: each has its effect on that
 * link and on no other, and is gone when it is taken back. The same for every runtime of real nodes.
 */
import assert from 'node:assert/strict';
import {
  allLinks,
  linkName,
  type Cluster,
  type Link,
  type LinkShape,
} from '../../harness/cluster/cluster.ts';
import {
  countPings,
  hangUp,
  probeConnections,
  probeLinks,
  silentLinks,
} from '../../harness/cluster/probe.ts';
import type { PeerConnections } from '../../harness/node/connections.ts';
import { sleep } from '../../harness/time.ts';

export const NODES = ['n1', 'n2', 'n3'];

const LINKS = allLinks(NODES);
/** The link that is hurt. */
const HURT: Link = { from: 'n1', to: 'n2' };
const OTHERS = LINKS.filter((link) => linkName(link) !== linkName(HURT));

const PINGS = 80;
/** Long enough for a link that works and has to be dialled anew, on a busy machine. */
const WORKS_MS = 5000;
/** Longer than any ping takes on a link that is bent. */
const ROUND_MS = 1000;
/** Rounds enough that a link which loses every second ping carries one: 2^-30 is the chance that it does not. */
const BENT_WORKS_MS = 30 * ROUND_MS;
const SILENT_MS = 400;
const ANSWER_MS = 2000;
/** Milliseconds within which a ping comes on a link that is not bent, on a busy machine. */
const ON_TIME_MS = 150;

/** Registers the tests. @param clusterNow the cluster, which has started and is whole */
export function itHurtsLinks(clusterNow: () => Cluster): void {
  async function works(links: readonly Link[], withinMs = WORKS_MS): Promise<void> {
    assert.deepEqual((await silentLinks(clusterNow(), links, withinMs, ROUND_MS)).map(linkName), []);
  }

  async function pings(link: Link, waitMs = 2 * ON_TIME_MS): ReturnType<typeof countPings> {
    return countPings(clusterNow(), [link], PINGS, { onTimeMs: ON_TIME_MS, waitMs });
  }

  async function connections(node: string, peer: string): Promise<PeerConnections> {
    const known = (await probeConnections(clusterNow(), node, ANSWER_MS))?.[peer];
    assert.ok(known !== undefined, `${node} says nothing of ${peer}`);
    return known;
  }

  /** Waits until a node's account of its connections with a peer is such. */
  async function until(
    node: string,
    peer: string,
    isSuch: (known: PeerConnections) => boolean,
    withinMs = WORKS_MS,
  ): Promise<number> {
    const start = performance.now();
    for (;;) {
      const known = await connections(node, peer);
      const waitedMs = performance.now() - start;
      if (isSuch(known)) return waitedMs;
      assert.ok(waitedMs < withinMs, `after ${withinMs} ms: ${JSON.stringify(known)}`);
      await sleep(5);
    }
  }

  /** Bends the link, has it seen, takes it back, and has that seen. */
  async function bent(shape: LinkShape, seen: () => Promise<void>, gone: () => Promise<void>): Promise<void> {
    const cluster = clusterNow();
    await cluster.shape([HURT], shape);
    await works([HURT], BENT_WORKS_MS);
    await seen();
    await works(OTHERS);
    await cluster.shape([HURT], {});
    await works(LINKS);
    await gone();
  }

  afterEach(async () => {
    await clusterNow().shape(LINKS, {});
    await works(LINKS);
  });

  it('should lose a share of the messages, and none when it is over', () =>
    bent(
      { loss: 0.5 },
      async () => {
        const { heard } = await pings(HURT);
        assert.ok(heard > 0.2 * PINGS && heard < 0.8 * PINGS, `${heard} of ${PINGS}`);
        const { out } = await connections(HURT.from, HURT.to);
        assert.equal(out.ended.silent, 0, 'what is lost counts as acknowledged');
      },
      async () => assert.equal((await pings(HURT)).heard, PINGS),
    ));

  it('should double a share of the messages, and none when it is over', () =>
    bent(
      { duplicate: 0.5 },
      async () => {
        const { heard, copies } = await pings(HURT);
        assert.equal(heard, PINGS);
        assert.ok(copies > 1.2 * PINGS && copies < 1.8 * PINGS, `${copies} of ${PINGS}`);
      },
      async () => assert.equal((await pings(HURT)).copies, PINGS),
    ));

  it('should let messages overtake others, and none when it is over', () =>
    bent(
      { reorder: { share: 0.5, byMs: 300 } },
      async () => {
        const { heard, onTime } = await pings(HURT, 1000);
        assert.equal(heard, PINGS);
        assert.ok(onTime > 0.2 * PINGS && onTime < 0.8 * PINGS, `${onTime} of ${PINGS}`);
      },
      async () => assert.ok((await pings(HURT)).onTime > 0.9 * PINGS),
    ));

  it('should damage messages, which the receiver notices, and none when it is over', () =>
    bent(
      { corrupt: 0.5 },
      async () => {
        const before = (await connections(HURT.to, HURT.from)).in.damaged;
        const { heard } = await pings(HURT);
        assert.ok(heard < PINGS, `${heard} of ${PINGS}`);
        const { damaged } = (await connections(HURT.to, HURT.from)).in;
        assert.ok(damaged > before, `${damaged} damaged`);
        assert.equal((await connections('n3', 'n1')).in.damaged, 0);
      },
      async () => assert.equal((await pings(HURT)).heard, PINGS),
    ));

  it('should delay messages, and no more when it is over', () =>
    bent(
      { delayMs: 250, jitterMs: 50 },
      async () => {
        const { heard, onTime } = await pings(HURT, 1000);
        assert.deepEqual([heard, onTime], [PINGS, 0]);
      },
      async () => assert.ok((await pings(HURT)).onTime > 0.9 * PINGS),
    ));

  it('should bound the rate, and no more when it is over', () =>
    bent(
      // A ping takes about 70 bytes.
      { rate: 8000 },
      async () => {
        const { heard, onTime } = await pings(HURT, 1500);
        assert.equal(heard, PINGS);
        assert.ok(onTime < 0.6 * PINGS, `${onTime} of ${PINGS} on time`);
      },
      async () => assert.ok((await pings(HURT)).onTime > 0.9 * PINGS),
    ));

  it('should hold the end of a connection back, and not when it is over', async () => {
    const cluster = clusterNow();
    const learnsAfter = async (): Promise<number> => {
      await works([HURT]);
      await until(HURT.to, HURT.from, (known) => known.in.open === 1);
      const { opened } = (await connections(HURT.to, HURT.from)).in;
      assert.equal(await hangUp(cluster, HURT, ANSWER_MS), true);
      // The next connection is there soon; the end of the last is seen when only one is left.
      return until(HURT.to, HURT.from, (known) => known.in.opened > opened && known.in.open === 1);
    };
    assert.ok((await learnsAfter()) < 700);
    await cluster.shape([HURT], { closeMs: 1000 });
    const lateMs = await learnsAfter();
    assert.ok(lateMs >= 950 && lateMs < 3000, `${lateMs} ms`);
    await cluster.shape([HURT], {});
    assert.ok((await learnsAfter()) < 700);
  });

  it('should keep a sender from finding its receiver, but leave what is open', async () => {
    const cluster = clusterNow();
    await cluster.shape([HURT], { unresolved: true });
    await works([HURT]);
    assert.equal((await connections(HURT.from, HURT.to)).out.ended.unresolved, 0);
    await cluster.reset([HURT]);
    await until(HURT.from, HURT.to, ({ out }) => out.ended.unresolved > 0 && !out.open);
    assert.deepEqual(await probeLinks(cluster, [HURT], SILENT_MS), ['silent']);
    await works(OTHERS);
    await cluster.shape([HURT], {});
    await works(LINKS);
  });

  it('should break the connections that are open, and no others', async () => {
    const cluster = clusterNow();
    await works(LINKS);
    const before = await Promise.all(LINKS.map(({ from, to }) => connections(from, to)));
    await cluster.reset([HURT]);
    await until(HURT.from, HURT.to, ({ out }) => out.ended.broken > (before[0]?.out.ended.broken ?? 0));
    await works(LINKS);
    for (const [index, { from, to }] of LINKS.entries()) {
      if (index === 0) continue;
      assert.deepEqual((await connections(from, to)).out, before[index]?.out, `${from}>${to}`);
    }
  });

  it('should leave connections half open: the receiver forgets, and the sender finds out by silence', async () => {
    const cluster = clusterNow();
    await works(LINKS);
    const [sender, receiver] = [
      (await connections(HURT.from, HURT.to)).out,
      (await connections(HURT.to, HURT.from)).in,
    ];
    await cluster.forget([HURT]);
    await until(HURT.to, HURT.from, (known) => known.in.open < receiver.open);
    assert.deepEqual((await connections(HURT.from, HURT.to)).out, sender, 'the sender knows of nothing');
    assert.deepEqual(await probeLinks(cluster, [HURT], 200), ['silent'], 'what it sends goes nowhere');
    await until(HURT.from, HURT.to, ({ out }) => out.ended.silent === sender.ended.silent + 1);
    assert.equal((await connections(HURT.from, HURT.to)).out.ended.broken, sender.ended.broken);
    await works(LINKS);
  });

  it('should bend, cut and heal a link together, each taken back by itself', async () => {
    const cluster = clusterNow();
    await cluster.shape([HURT], { delayMs: 300 });
    await cluster.cut([HURT]);
    assert.deepEqual(await probeLinks(cluster, [HURT], SILENT_MS), ['silent']);
    await cluster.heal([HURT]);
    await works([HURT]);
    assert.equal((await pings(HURT, 1000)).onTime, 0, 'late as before');
  });

  it('should bend links over the restart of either end', async () => {
    const cluster = clusterNow();
    await cluster.shape([HURT], { delayMs: 300 });
    for (const node of [HURT.from, HURT.to]) {
      await cluster.kill(node);
      await cluster.restart(node);
      await works(LINKS);
      assert.deepEqual([(await pings(HURT, 1000)).onTime, node], [0, node]);
    }
    assert.ok((await pings({ from: 'n2', to: 'n1' })).onTime > 0.9 * PINGS);
  });

  it('should bend links of a node that is paused, from when it goes on', async () => {
    const cluster = clusterNow();
    await cluster.pause(HURT.from);
    await cluster.shape([HURT], { delayMs: 300 });
    await cluster.resume(HURT.from);
    await works([HURT]);
    assert.equal((await pings(HURT, 1000)).onTime, 0);
    await cluster.pause(HURT.from);
    await cluster.shape([HURT], {});
    await cluster.resume(HURT.from);
    await works([HURT]);
    assert.ok((await pings(HURT)).onTime > 0.9 * PINGS);
  });
}
