/** The coordination service in virtual time, by its client: what it promises, and what is no mistake of it. */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';
import coordination from '../../../../targets/coordination/target.ts';
import { endOf, LockWorld, valueOf, type Actor } from '../guarded-resource/world.ts';
import { cutOff, leaderOf } from './ensemble.ts';

const FENCED = ['mutual-exclusion', 'fencing', 'lost-update', 'reader-isolation', 'leader-observations'];

describe('coordination service', () => {
  let world: LockWorld;
  let a: Actor, b: Actor, c: Actor;

  beforeEach(async () => {
    world = await LockWorld.up(coordination);
    [a, b, c] = [world.actor(), world.actor(), world.actor()];
    // There is a leader, and everybody knows it.
    for (const actor of [a, b, c]) await actor('list');
  });
  afterEach(() => world.stop());

  /** No check says no; some have nothing to look at. */
  async function assertUnbroken(): Promise<void> {
    for (const checker of FENCED) assert.notEqual(await world.verdict(checker), false, checker);
  }

  const tokenOf = async (completion: ReturnType<Actor>): Promise<number> =>
    Number(valueOf(await completion)['token']);

  it('should grant a lock to one at a time, in line, with tokens that increase', async () => {
    const first = await tokenOf(a('acquire'));
    const next = b('acquire');
    await world.sleep(50);
    const last = c('acquire');
    await world.sleep(100);
    assert.equal(endOf(await a('release')), 'ok');
    const second = await tokenOf(next);
    assert.ok(second > first);
    assert.equal(endOf(await b('release')), 'ok');
    assert.ok((await tokenOf(last)) > second);
    await assertUnbroken();
  });

  it('should pass the lock of a silent holder on when its session ends, and not before', async () => {
    const begun = world.cluster.time.now();
    await a('acquire');
    await b('acquire');
    const waited = (world.cluster.time.now() - begun) / 1e6;
    assert.ok(waited >= 1000 && waited < 1200, `${waited} ms`);
    assert.equal(endOf(await a('renew')), 'fail: "session-expired"');
    assert.equal(endOf(await a('release')), 'fail: "not-held"');
    assert.equal(endOf(await b('release')), 'ok');
    await assertUnbroken();
  });

  it('should have a holder hold on as long as it is heard from', async () => {
    await a('acquire');
    const next = b('acquire');
    for (let renewals = 0; renewals < 6; renewals++) {
      await world.sleep(300);
      assert.equal(endOf(await a('renew')), 'ok');
    }
    assert.equal(endOf(await next), 'fail: "held"');
    await a('release');
    assert.equal(endOf(await b('acquire')), 'ok');
  });

  it('should take somebody who asks for what he holds for one who forgot it: the lock is free when his session is over', async () => {
    const first = await tokenOf(a('acquire'));
    const begun = world.cluster.time.now();
    assert.ok((await tokenOf(a('acquire'))) > first);
    assert.ok(world.cluster.time.now() - begun > 950e6);
    await assertUnbroken();
  });

  it('should free the lock of somebody who goes on to another, when his session is over', async () => {
    await a('acquire', null, 'y');
    await a('acquire');
    const begun = world.cluster.time.now();
    const next = b('acquire', null, 'y');
    // He gives signs of life all the time, in another session.
    for (let renewals = 0; renewals < 4; renewals++) {
      await world.sleep(300);
      assert.equal(endOf(await a('renew')), 'ok');
    }
    assert.equal(endOf(await next), 'ok');
    assert.ok(world.cluster.time.now() - begun < 1300e6);
    assert.equal(endOf(await a('release', null, 'y')), 'fail: "not-held"');
    assert.equal(endOf(await a('release')), 'ok');
    await assertUnbroken();
  });

  it('should keep a holder whose leader dies, under the next one', async () => {
    await a('acquire');
    await world.cluster.kill(await leaderOf(world.cluster));
    const next = b('acquire');
    assert.equal(endOf(await a('renew')), 'ok');
    assert.equal(endOf(await a('update', { think: 0 })), 'ok');
    assert.equal(endOf(await a('release')), 'ok');
    assert.equal(endOf(await next), 'ok');
    await assertUnbroken();
  });

  it('should not say that a session lives when its leader cannot know any more', async () => {
    await a('acquire');
    await cutOff(world.cluster, await leaderOf(world.cluster));
    await world.sleep(800);
    const renewed = await a('renew');
    // It was the next leader who confirmed it, so the time counts from when that one was asked.
    assert.equal(endOf(renewed), 'ok');
    assert.equal(endOf(await b('acquire')), 'ok');
    await assertUnbroken();
  });

  it('should refuse a late holder at the resource, where leases overlap with his work', async () => {
    await a('acquire');
    const late = a('update', { think: 1.3 });
    await b('acquire');
    assert.equal(endOf(await b('update', { think: 0 })), 'ok');
    assert.equal(endOf(await late), 'fail: "stale-token"');
    await b('read');
    await assertUnbroken();
  });

  it('should let readers share a lock, and nobody else', async () => {
    const reading = [a('acquire', { mode: 'read' }), b('acquire', { mode: 'read' })] as const;
    assert.equal(valueOf(await reading[0])['mode'], 'read');
    assert.equal(endOf(await reading[1]), 'ok');
    const writing = c('acquire', { mode: 'write' });
    const begun = world.cluster.time.now();
    const examined = [a('examine', { think: 0.1 }), b('examine', { think: 0.1 })] as const;
    for (const examination of examined) assert.deepEqual(valueOf(await examination), { before: 0, after: 0 });
    // Both at once: one after the other they would think for 200 ms.
    const took = (world.cluster.time.now() - begun) / NANOS_PER_MS;
    assert.ok(took > 100 && took < 200, `${took} ms`);
    assert.equal(endOf(await a('update', { think: 0 })), 'fail: "not-held"');
    await Promise.all([a('release'), b('release')]);
    assert.equal(valueOf(await writing)['mode'], 'write');
    assert.equal(endOf(await c('update', { think: 0 })), 'ok');
    await assertUnbroken();
  });

  it('should let a reader who comes after a writer wait for him', async () => {
    await a('acquire', { mode: 'read' });
    const writing = b('acquire', { mode: 'write' });
    await world.sleep(50);
    const reading = c('acquire', { mode: 'read' });
    await a('release');
    const token = await tokenOf(writing);
    await b('release');
    assert.ok((await tokenOf(reading)) > token);
    await assertUnbroken();
  });

  it('should elect one leader at a time, and tell who leads', async () => {
    assert.deepEqual(valueOf(await c('leader')), { leader: null, token: null });
    const token = await tokenOf(a('campaign'));
    assert.deepEqual(valueOf(await c('leader')), { leader: '0.0', token });
    const next = b('campaign');
    await world.sleep(100);
    assert.equal(endOf(await a('resign')), 'ok');
    const later = await tokenOf(next);
    assert.deepEqual(valueOf(await c('leader')), { leader: '1.0', token: later });
    await assertUnbroken();
  });

  it('should list who is registered for as long as their sessions live', async () => {
    const listed = async (): Promise<Json> => {
      const completion = await c('list');
      const nodes = completion.type === 'ok' ? (completion.value as { name: string }[]) : assert.fail();
      return nodes.map(({ name }) => name);
    };
    const { session } = valueOf(await a('register', { name: 'one' }));
    assert.equal(endOf(await b('register', { name: 'one' })), 'fail: "node-exists"');
    assert.equal(endOf(await b('register', { name: 'two' })), 'ok');
    assert.deepEqual(await listed(), ['one', 'two']);
    assert.equal(endOf(await b('close')), 'ok');
    assert.deepEqual(await listed(), ['one']);
    assert.equal(valueOf(await a('sleep', { ms: 500 }))['expired'], false);
    assert.deepEqual(await listed(), ['one']);
    assert.deepEqual(valueOf(await a('sleep', { ms: 1500 })), { session, expired: true });
    assert.deepEqual(await listed(), []);
    assert.equal(endOf(await a('touch')), 'fail: "no-session"');
    assert.equal(endOf(await a('close')), 'fail: "no-session"');
    assert.notEqual(valueOf(await a('register', { name: 'one' }))['session'], session);
    assert.notEqual(await world.verdict('sessions'), false);
  });

  it('should tell a watcher of the first change after what he read, also when his leader dies meanwhile', async () => {
    await a('set', { data: 1 });
    const watching = b('watch');
    await world.sleep(100);
    await world.cluster.kill(await leaderOf(world.cluster));
    const { version, zxid } = valueOf(await a('set', { data: 2 }));
    await a('set', { data: 3 });
    assert.deepEqual(valueOf(await watching)['event'], { version, zxid });
    assert.equal(endOf(await b('watch')), 'fail: "no-event"');
    assert.notEqual(await world.verdict('watches'), false);
  });

  it('should tell a watcher of a node that is made', async () => {
    const watching = b('watch');
    await world.sleep(50);
    const { version, zxid } = valueOf(await a('set', { data: 1 }));
    const seen = { version: -1, zxid: 0 };
    assert.deepEqual(valueOf(await watching), { seen, event: { version, zxid } });
    assert.equal(version, 0);
  });

  it('should make, change, read and delete nodes by name', async () => {
    const { name } = valueOf(await a('create', { name: 's-', data: 1, sequential: true }));
    assert.equal(name, 's-0000000000');
    assert.equal(endOf(await a('create', { name: 'x', data: 1, sequential: false })), 'ok');
    assert.equal(endOf(await b('create', { name: 'x', data: 2, sequential: false })), 'fail: "node-exists"');
    const { zxid } = valueOf(await b('set', { name: 'x', data: 3, version: 0 }));
    assert.equal(endOf(await a('set', { name: 'x', data: 4, version: 0 })), 'fail: "bad-version"');
    assert.deepEqual(valueOf(await c('get', { name: 'x' })), { data: 3, version: 1, zxid });
    assert.deepEqual(await a('children'), { type: 'ok', value: ['s-0000000000', 'x'] });
    assert.equal(endOf(await c('delete', { name: 'x', version: null })), 'ok');
    assert.deepEqual(await b('get', { name: 'x' }), { type: 'ok', value: null });
    assert.equal(endOf(await b('delete', { name: 'x', version: null })), 'fail: "no-node"');
  });

  it('should refuse what is no request, and do nothing', async () => {
    const node = await leaderOf(world.cluster);
    const ask = async (path: string, body: Record<string, Json>): Promise<unknown> => {
      const reply = await world.cluster.call(node, path, body, 1000);
      return 'error' in reply && reply.error;
    };
    assert.equal(await ask('get', {}), 'bad-request: "path" must be a text');
    assert.equal(await ask('get', { path: 'x' }), 'bad-request: "path" must be like "/locks/a"');
    assert.equal(await ask('create', { path: '/x' }), 'bad-request: "session" must be a number from 0');
    assert.equal(await ask('open-session', {}), 'bad-request: "ttlMs" must be a number from 0');
  });
});
