/** Lease-lock in virtual time: what it promises, and what is no mistake of it. */
import assert from 'node:assert/strict';
import leaseLock from '../../../../targets/lease-lock/target.ts';
import { endOf, LockWorld, valueOf } from '../guarded-resource/world.ts';

describe('lease-lock', () => {
  let world: LockWorld;
  beforeEach(async () => (world = await LockWorld.up(leaseLock)));
  afterEach(() => world.stop());

  it('should grant a lock to one at a time, in line, with tokens that increase', async () => {
    const [a, b, c] = [world.actor(), world.actor(), world.actor()];
    assert.equal(valueOf(await a('acquire'))['token'], 1);
    const waiting = [b('acquire'), c('acquire')] as const;
    await world.sleep(100);
    assert.equal(endOf(await a('release')), 'ok');
    assert.equal(valueOf(await waiting[0])['token'], 2);
    assert.equal(endOf(await b('release')), 'ok');
    assert.equal(valueOf(await waiting[1])['token'], 3);
    assert.deepEqual(await world.broken(), []);
  });

  it('should pass a lock on when its lease ends, and refuse who can wait no longer', async () => {
    const [a, b, c] = [world.actor(), world.actor(), world.actor()];
    await a('acquire');
    const granted = b('acquire');
    await world.sleep(20);
    const refused = c('acquire');
    const { token, untilMs } = valueOf(await granted);
    assert.equal(token, 2);
    // 1000 ms in line, counted from when it asked, and 1000 ms of lease.
    assert.ok(Number(untilMs) > 1900 && Number(untilMs) < 2000);
    assert.equal(endOf(await refused), 'fail: "held"');
    assert.equal(await world.verdict('mutual-exclusion'), true);
  });

  it('should renew a lease for its holder only, and while it lasts', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    await world.sleep(800);
    assert.ok(Number(valueOf(await a('renew'))['untilMs']) > 980);
    const next = b('acquire');
    await world.sleep(500);
    assert.equal(endOf(await world.actor()('renew')), 'fail: "not-held"');
    assert.equal(endOf(await next), 'ok');
    assert.equal(endOf(await a('renew')), 'fail: "not-held"');
    assert.deepEqual(await world.broken(), []);
  });

  it('should not let who comes late release the lock of his successor', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    await b('acquire');
    assert.equal(endOf(await a('release')), 'fail: "not-held"');
    assert.equal(endOf(await b('release')), 'ok');
  });

  it('should keep leases for their whole length, and tokens, over a restart', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    await world.sleep(900);
    await world.restart('n1');
    const begun = world.cluster.time.now();
    assert.equal(valueOf(await b('acquire'))['token'], 2);
    assert.ok(world.cluster.time.now() - begun > 950e6);
    assert.deepEqual(await world.broken(), []);
  });

  it('should forget a lock that was released, also over a restart', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    await a('release');
    await world.restart('n1');
    const begun = world.cluster.time.now();
    assert.equal(valueOf(await b('acquire'))['token'], 2);
    assert.ok(world.cluster.time.now() - begun < 100e6);
  });

  it('should wait for a server that is down, and not for ever', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await world.cluster.kill('n1');
    const patient = a('acquire');
    await world.sleep(500);
    await world.cluster.restart('n1');
    assert.equal(endOf(await patient), 'ok');
    await world.cluster.kill('n1');
    assert.equal(endOf(await b('acquire')), 'fail: "n1 is down"');
  });

  it('should say honestly that nobody knows whether a lost request was granted', async () => {
    const a = world.actor();
    await world.cluster.pause('n1');
    assert.equal(endOf(await a('acquire')), 'info: "no answer within 4000 ms"');
  });

  it('should refuse what is no request, and do nothing', async () => {
    const ask = (path: string, body: Record<string, string>): Promise<unknown> =>
      world.cluster
        .call(path === 'write' ? 'n2' : 'n1', path, body, 1000)
        .then((reply) => 'error' in reply && reply.error);
    assert.equal(await ask('acquire', { key: 'x' }), 'bad-request: "owner" must be a text');
    assert.equal(
      await ask('acquire', { owner: 'a', ttlMs: '1' }),
      'bad-request: "ttlMs" must be a number from 0',
    );
    assert.equal(
      await ask('write', { key: 'x' }),
      'unguarded: a write needs a token, or the version that it expects',
    );
  });
});

describe('lease-lock: what is no mistake', () => {
  let world: LockWorld;
  beforeEach(async () => (world = await LockWorld.up(leaseLock)));
  afterEach(() => world.stop());

  it('should pass leases that overlap with the work of a holder who was asleep, where the resource is fenced', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    const late = a('update', { think: 1.3 });
    await b('acquire');
    assert.equal(valueOf(await b('update', { think: 0 }))['version'], 1);
    assert.equal(endOf(await late), 'fail: "stale-token"');
    const { version } = valueOf(await b('read'));
    assert.equal(version, 1);
    for (const checker of ['mutual-exclusion', 'fencing', 'lost-update'])
      assert.equal(await world.verdict(checker), true);
  });

  it('should refuse a holder who was asleep also when his successor has only read yet', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    const late = a('update', { think: 1.2 });
    await b('acquire');
    const slow = b('update', { think: 0.5 });
    assert.equal(endOf(await late), 'fail: "stale-token"');
    assert.deepEqual(valueOf(await slow)['base'], 0);
    await b('read');
    assert.deepEqual(await world.broken(), []);
  });

  it('should let a holder whose lease is over write, as long as nobody came after', async () => {
    const a = world.actor();
    await a('acquire');
    assert.equal(valueOf(await a('update', { think: 1.5 }))['version'], 1);
    await a('read');
    assert.deepEqual(await world.broken(), []);
  });

  it('should pass a compare-and-set that mismatches', async () => {
    const [a, b] = [world.actor(), world.actor()];
    const slow = a('cas-update', { think: 0.5 });
    assert.equal(valueOf(await b('cas-update', { think: 0 }))['version'], 1);
    assert.equal(endOf(await slow), 'fail: "version-mismatch"');
    await b('read');
    assert.equal(await world.verdict('lost-update'), true);
  });

  it('should pass a write that timed out and appears later', async () => {
    const [a, b] = [world.actor(), world.actor()];
    await a('acquire');
    const write = a('update', { think: 0.1 });
    await world.sleep(60);
    await world.cluster.pause('n2');
    assert.match(endOf(await write), /^info/);
    await world.cluster.resume('n2');
    await world.sleep(100);
    await b('acquire');
    const { base, version } = valueOf(await b('update', { think: 0 }));
    assert.deepEqual([base, version], [1, 2]);
    const { value } = valueOf(await b('read'));
    assert.equal((value as unknown[]).length, 2);
    assert.deepEqual(await world.broken(), []);
  });
});
