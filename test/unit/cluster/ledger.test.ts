/** The fault ledger: faults that overlap, and those that fail half-way. */
import assert from 'node:assert/strict';
import type { Reply } from '../../../harness/cluster/cluster.ts';
import type { Membership, MembershipView } from '../../../harness/cluster/membership.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';

const AB = { from: 'a', to: 'b' };
const BA = { from: 'b', to: 'a' };
const CA = { from: 'c', to: 'a' };

describe('fault ledger', () => {
  let cluster: FakeCluster;
  let ledger: ReturnType<typeof createLedger>;

  beforeEach(() => {
    cluster = new FakeCluster(['a', 'b', 'c']);
    ledger = createLedger(cluster);
  });

  const cutNow = (): string[] => [...cluster.cutNow].sort();

  it('should heal a link with the last fault that cuts it', async () => {
    const [first, second] = [
      [AB, BA],
      [BA, CA],
    ];
    await ledger.cut(first);
    await ledger.cut(second);
    assert.deepEqual(cutNow(), ['a>b', 'b>a', 'c>a']);
    await ledger.uncut(first);
    assert.deepEqual(cutNow(), ['b>a', 'c>a']);
    assert.deepEqual(ledger.cutLinks(), [BA, CA]);
    await ledger.uncut(second);
    assert.deepEqual(cutNow(), []);
    assert.deepEqual(ledger.cutLinks(), []);
  });

  describe('what clients send', () => {
    const asked: string[] = [];
    beforeEach(() => {
      asked.length = 0;
      cluster.answer = async (node) => {
        asked.push(node);
        await cluster.time.sleep(20);
        return { kind: 'answer', body: node };
      };
    });

    it('should be lost on its way to a node that clients are cut from, and to no other, until the last such fault ends', async () => {
      const [first, second] = [['a'], ['a', 'b']];
      ledger.cutClients(first);
      ledger.cutClients(second);
      const ask = (node: string): Promise<Reply> => ledger.callAsClient(node, 'read', {}, 50);
      const replies = await Promise.all(['a', 'b', 'c'].map(ask));
      assert.deepEqual(
        replies.map(({ kind }) => kind),
        ['lost', 'lost', 'answer'],
      );
      assert.deepEqual(asked, ['c']);
      assert.equal((await cluster.call('a', 'read', {})).kind, 'answer', 'probes get through');
      ledger.freeClients(second);
      assert.deepEqual([(await ask('a')).kind, (await ask('b')).kind], ['lost', 'answer']);
      ledger.freeClients(first);
      assert.equal((await ask('a')).kind, 'answer');
    });

    it('should be lost on its way back as well, when the cut comes meanwhile', async () => {
      const asking = ledger.callAsClient('a', 'read', {}, 50);
      ledger.cutClients(['a']);
      assert.deepEqual(await asking, { kind: 'lost', error: 'no answer within 50 ms' });
      assert.deepEqual(asked, ['a'], 'the node was asked, and may have done it');
    });
  });

  it('should take for members those that it was started with, where they do not change', async () => {
    assert.deepEqual(await ledger.surveyMembers(), { members: ['a', 'b', 'c'], pending: false, epoch: 0 });
    assert.deepEqual(ledger.members(), ['a', 'b', 'c']);
  });

  it('should know the members that were decided last, and start those that are down in the end', async () => {
    const views = new Map<string, MembershipView>();
    const membership: Membership = {
      view: (_, node) => Promise.resolve(views.get(node)),
      request: () => assert.fail('nobody asks'),
    };
    ledger = createLedger(cluster, membership);
    assert.equal(await ledger.surveyMembers(), undefined);
    views.set('a', { members: ['a', 'b'], pending: false, epoch: 3 });
    views.set('b', { members: ['a', 'b', 'c'], pending: false, epoch: 2 });
    views.set('c', { members: ['c'], pending: true, epoch: 4 });
    assert.deepEqual(await ledger.surveyMembers(), { members: ['a', 'b'], pending: true, epoch: 3 });
    assert.deepEqual(
      [ledger.members(), ledger.healthy()],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    );
    ledger.strike('b');
    assert.deepEqual(ledger.healthy(), ['a']);
    cluster.states.set('b', 'down');
    cluster.states.set('c', 'down');
    views.delete('c');
    await ledger.settleMembers(1000);
    assert.deepEqual([cluster.states.get('b'), cluster.states.get('c')], ['running', 'down']);
  });

  it('should free nobody else when the same fault is healed twice', async () => {
    const [first, second] = [[AB], [AB]];
    await ledger.cut(first);
    await ledger.cut(second);
    await ledger.uncut(first);
    await ledger.uncut(first);
    assert.deepEqual(cutNow(), ['a>b']);
    await ledger.uncut(second);
    assert.deepEqual(cutNow(), []);
  });

  it('should cut what another fault heals at the same time', async () => {
    const [first, second] = [[AB], [AB]];
    await ledger.cut(first);
    await Promise.all([ledger.uncut(first), ledger.cut(second)]);
    assert.deepEqual([cutNow(), ledger.cutLinks()], [['a>b'], [AB]]);
    await Promise.all([ledger.cut(first), ledger.uncut(second)]);
    assert.deepEqual(cutNow(), ['a>b']);
    await ledger.uncut(first);
    assert.deepEqual(cutNow(), []);
  });

  it('should heal at the second try what failed to heal at the first', async () => {
    const links = [AB];
    await ledger.cut(links);
    cluster.mishaps.set('heal', 1);
    await assert.rejects(ledger.uncut(links), /heal failed/);
    assert.deepEqual(ledger.cutLinks(), [AB], 'still in the books');
    await ledger.uncut(links);
    assert.deepEqual([cutNow(), ledger.cutLinks()], [[], []]);
  });

  it('should keep in the books what was cut in part, so that it is healed', async () => {
    const links = [AB];
    cluster.mishaps.set('cut', 1);
    await assert.rejects(ledger.cut(links), /cut failed/);
    assert.deepEqual(ledger.cutLinks(), [AB]);
    cluster.cutNow.add('a>b');
    await ledger.uncut(links);
    assert.deepEqual([cutNow(), ledger.cutLinks()], [[], []]);
  });

  it('should count a node as healthy until it is struck, and again once it is released', () => {
    ledger.strike('b');
    assert.deepEqual(ledger.healthy(), ['a', 'c']);
    ledger.release('b');
    assert.deepEqual(ledger.healthy(), ['a', 'b', 'c']);
  });

  it('should take a failed start for the work of a broken disk, for as long as one is not to be trusted', async () => {
    cluster.states.set('b', 'down');
    ledger.distrust('b');
    cluster.mishaps.set('restart b', 2);
    await ledger.restart('b');
    assert.equal(cluster.states.get('b'), 'down');
    ledger.trust('b');
    await assert.rejects(ledger.restart('b'), /restart b failed/);
    await ledger.restart('b');
    assert.equal(cluster.states.get('b'), 'running');
  });

  it('should revive nodes that died of their disk, and no others', async () => {
    for (const node of ['a', 'b', 'c']) cluster.states.set(node, 'down');
    ledger.distrust('a');
    ledger.trust('a');
    ledger.distrust('b');
    ledger.strike('b');
    assert.deepEqual(
      await ledger.revive(['a', 'b', 'c']),
      ['a'],
      'b is struck, and c died of something else',
    );
    assert.deepEqual([...cluster.states.values()], ['running', 'down', 'down']);
    cluster.states.set('a', 'down');
    assert.deepEqual(await ledger.revive(['a']), [], 'it has started on a disk that works');
    ledger.release('b');
    ledger.trust('b');
    assert.deepEqual(await ledger.revive(['b']), ['b']);
  });

  it('should not ask a node that was struck who leads', async () => {
    cluster.statuses.set('a', { role: 'leader', epoch: 1 });
    cluster.statuses.set('b', { role: 'primary', epoch: 2 });
    assert.equal(await ledger.leader(), 'b');
    ledger.strike('b');
    assert.equal(await ledger.leader(), 'a');
    ledger.strike('a');
    assert.equal(await ledger.leader(), undefined);
  });
});
