/** Redlock in virtual time: what it promises with servers that are down, slow or restarted. */
import assert from 'node:assert/strict';
import redlock from '../../../../targets/redlock/target.ts';
import { endOf, LockWorld, valueOf } from '../guarded-resource/world.ts';

describe('redlock', () => {
  let world: LockWorld;
  beforeEach(async () => (world = await LockWorld.up(redlock)));
  afterEach(() => world.stop());

  const held = async (node: string): Promise<unknown> => {
    const reply = await world.cluster.call(node, '_/status', {}, 1000);
    return reply.kind === 'answer' && (reply.body as Record<string, unknown>)['held'];
  };

  it('should grant a lock to one at a time, with tokens that increase', async () => {
    const [a, b] = [world.actor(), world.actor()];
    const first = valueOf(await a('acquire'));
    const waiting = b('acquire');
    await world.sleep(300);
    assert.equal(endOf(await a('release')), 'ok');
    const second = valueOf(await waiting);
    assert.ok(Number(second['token']) > Number(first['token']));
    assert.deepEqual(await world.broken(), []);
  });

  it('should take off the lease what went by while it was acquired', async () => {
    const quick = valueOf(await world.actor()('acquire'));
    assert.ok(Number(quick['untilMs']) <= 1000 - 12);
    await world.sleep(1000);
    await world.cluster.pause('n2');
    const begun = world.cluster.time.now();
    const slow = valueOf(await world.actor()('acquire'));
    const tookMs = (world.cluster.time.now() - begun) / 1e6;
    assert.ok(tookMs > 200);
    assert.ok(Number(slow['untilMs']) <= 1000 - 12, 'counted from when it asked');
  });

  it('should work with a minority down, and not with a majority', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await world.cluster.kill('n1');
    await world.cluster.kill('n2');
    assert.equal(endOf(await a('acquire')), 'ok');
    assert.equal(endOf(await a('renew')), 'ok');
    assert.equal(endOf(await a('update', { think: 0 })), 'ok');
    assert.equal(endOf(await a('release')), 'ok');
    await world.cluster.kill('n3');
    assert.equal(endOf(await b('acquire')), 'fail: "no majority granted the lock"');
    assert.deepEqual(await world.broken(), []);
  });

  it('should release on all servers what came to nothing', async () => {
    const a = world.actor();
    for (const node of ['n1', 'n2', 'n3']) await world.cluster.kill(node);
    await a('acquire');
    assert.deepEqual([await held('n4'), await held('n5')], [0, 0]);
  });

  it('should not renew or release what a majority no longer holds', async () => {
    const a = world.actor();
    await a('acquire');
    await world.sleep(1100);
    assert.equal(endOf(await a('renew')), 'fail: "no majority renewed the lock"');
    assert.equal(endOf(await a('release')), 'fail: "no majority held the lock"');
  });

  it('should keep leases for their whole length over a restart of all servers', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    await world.sleep(900);
    await world.restart('n1', 'n2', 'n3', 'n4', 'n5');
    const begun = world.cluster.time.now();
    assert.equal(endOf(await b('acquire')), 'ok');
    assert.ok(world.cluster.time.now() - begun > 900e6);
    assert.deepEqual(await world.broken(), []);
  });

  it('should give greater tokens after others however little the majorities share', async () => {
    const [a, b] = [world.actor(), world.actor()];
    for (const node of ['n4', 'n5']) await world.cluster.kill(node);
    const first = valueOf(await a('acquire'));
    await a('release');
    for (const node of ['n4', 'n5']) await world.cluster.restart(node);
    for (const node of ['n1', 'n2']) await world.cluster.kill(node);
    const second = valueOf(await b('acquire'));
    assert.ok(Number(second['token']) > Number(first['token']));
    assert.equal(await world.verdict('fencing'), true);
  });

  it('should pass leases that overlap with the work of a holder who was asleep, where the resource is fenced', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    const late = a('update', { think: 1.5 });
    await b('acquire');
    await b('update', { think: 0 });
    assert.equal(endOf(await late), 'fail: "stale-token"');
    await b('read');
    assert.deepEqual(await world.broken(), []);
    assert.equal(await world.verdict('lost-update'), true);
  });
});
