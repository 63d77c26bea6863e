/** The resource: what it refuses, and what it must remember over a restart. */
import assert from 'node:assert/strict';
import type { Reply } from '../../../../harness/cluster/cluster.ts';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import leaseLock from '../../../../targets/lease-lock/target.ts';
import { LockWorld } from './world.ts';

describe('the guarded resource', () => {
  let world: LockWorld;
  beforeEach(async () => (world = await LockWorld.up(leaseLock)));
  afterEach(() => world.stop());

  const ask = (path: string, body: JsonObject): Promise<Reply> =>
    world.cluster.call('n2', path, { key: 'x', ...body }, 1000);
  const answer = async (path: string, body: JsonObject = {}): Promise<Json> => {
    const reply = await ask(path, body);
    return reply.kind === 'answer' ? reply.body : `${reply.kind}: ${reply.error}`;
  };
  const write = (id: string, guard: JsonObject): Promise<Json> =>
    answer('write', { id, holder: 'h', base: 0, value: [id], ...guard });

  it('should refuse a token that is lower than the greatest it has seen, and accept the same again', async () => {
    assert.deepEqual(await write('a', { token: 2 }), { version: 1 });
    assert.equal(await write('b', { token: 1 }), 'refused: stale-token');
    assert.deepEqual(await write('c', { token: 2 }), { version: 2 });
  });

  it('should take a token that read for seen', async () => {
    assert.deepEqual(await answer('read', { token: 5 }), { value: null, version: 0 });
    assert.equal(await write('a', { token: 4 }), 'refused: stale-token');
    assert.equal(await answer('read', { token: 4 }), 'refused: stale-token');
    assert.deepEqual(await write('b', { token: 5 }), { version: 1 });
  });

  it('should remember tokens, values and effects over restarts', async () => {
    await write('a', { token: 2 });
    await answer('read', { token: 7 });
    await world.restart('n2');
    await world.restart('n2');
    assert.equal(await write('b', { token: 6 }), 'refused: stale-token');
    const effect = { id: 'a', holder: 'h', token: 2, base: 0, version: 1 };
    assert.deepEqual(await answer('read'), { value: ['a'], version: 1, effects: [effect] });
  });

  it('should refuse who shares the lock only after somebody who may write, and the latter after either, also after a restart', async () => {
    const found = { value: null, version: 0 };
    assert.deepEqual(await answer('read', { token: 5, shared: true }), found);
    assert.deepEqual(await answer('read', { token: 7, shared: true }), found);
    await world.restart('n2');
    assert.deepEqual(await answer('read', { token: 5, shared: true }), found);
    assert.equal(await write('a', { token: 6 }), 'refused: stale-token');
    assert.deepEqual(await answer('read', { token: 8 }), found);
    await world.restart('n2');
    assert.equal(await answer('read', { token: 7, shared: true }), 'refused: stale-token');
    assert.deepEqual(await answer('read', { token: 9, shared: true }), found);
    assert.equal(await write('a', { token: 8 }), 'refused: stale-token');
  });

  it('should write on condition that the version is as expected', async () => {
    assert.deepEqual(await write('a', { expected: 0 }), { version: 1 });
    assert.equal(await write('b', { expected: 0 }), 'refused: version-mismatch');
    assert.deepEqual(await write('b', { expected: 1 }), { version: 2 });
  });

  it('should keep keys apart', async () => {
    await write('a', { token: 9 });
    assert.deepEqual(await answer('write', { key: 'y', id: 'b', holder: 'h', base: 0, value: 1, token: 1 }), {
      version: 1,
    });
  });

  it('should not start from a damaged file', async () => {
    await write('a', { token: 2 });
    await world.cluster.kill('n2');
    await world.cluster.flip('n2', [0.5]);
    await assert.rejects(world.cluster.restart('n2'), /A crash does not do this/);
  });
});
