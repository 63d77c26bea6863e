/**
 * Life and death of nodes in real containers.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findEngine } from '../../../harness/cluster/docker/engine.ts';
import { requireDocker } from './engine.ts';
import { notebooks, remainsOf, type Fixture } from './fixture.ts';

const NODES = ['n1', 'n2', 'n3'];
const CALL_TIMEOUT_MS = 2000;

describe('docker cluster', () => {
  let fixture: Fixture;

  before(() => (fixture = notebooks(NODES)));
  before(requireDocker);
  before(() => fixture.cluster.start());
  after(() => fixture[Symbol.asyncDispose]());

  const read = (node: string, timeoutMs = CALL_TIMEOUT_MS): ReturnType<Fixture['cluster']['call']> =>
    fixture.cluster.call(node, 'read', {}, timeoutMs);

  it('should answer on every node, each on a port of 127.0.0.1', async () => {
    const { cluster } = fixture;
    for (const node of NODES) {
      assert.equal(await cluster.state(node), 'running');
      assert.match(cluster.endpoint(node), /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.deepEqual(await read(node), { kind: 'answer', body: { durable: null, volatile: null } });
    }
    assert.equal(new Set(NODES.map((node) => cluster.endpoint(node))).size, NODES.length);
  });

  it('should keep port and synced data over kill and restart, and lose what was in memory', async () => {
    const { cluster } = fixture;
    const endpoint = cluster.endpoint('n1');
    await cluster.call('n1', 'write', { value: 'ink' }, CALL_TIMEOUT_MS);
    await cluster.call('n1', 'remember', { value: 'breath' }, CALL_TIMEOUT_MS);
    assert.deepEqual(await read('n1'), { kind: 'answer', body: { durable: '"ink"', volatile: '"breath"' } });
    await cluster.kill('n1');
    assert.equal(await cluster.state('n1'), 'down');
    assert.equal((await read('n1')).kind, 'refused', 'nothing can have been sent to a node that is down');
    await cluster.kill('n1'); // a second time changes nothing
    await cluster.restart('n1');
    assert.equal(cluster.endpoint('n1'), endpoint);
    assert.equal(await cluster.state('n1'), 'running');
    assert.deepEqual(await read('n1'), { kind: 'answer', body: { durable: '"ink"', volatile: null } });
  });

  it('should freeze a paused node and let it go on with its memory', async () => {
    const { cluster } = fixture;
    await cluster.call('n2', 'remember', { value: 'thought' }, CALL_TIMEOUT_MS);
    await cluster.pause('n2');
    assert.equal(await cluster.state('n2'), 'paused');
    assert.equal((await read('n2', 200)).kind, 'lost');
    await cluster.resume('n2');
    assert.equal(await cluster.state('n2'), 'running');
    assert.deepEqual(await read('n2'), { kind: 'answer', body: { durable: null, volatile: '"thought"' } });
  });

  it('should kill a paused node', async () => {
    const { cluster } = fixture;
    await cluster.pause('n3');
    await cluster.kill('n3');
    assert.equal(await cluster.state('n3'), 'down');
    await cluster.restart('n3');
    assert.equal((await read('n3')).kind, 'answer');
  });

  it('should collect logs of all lives, and disks', async () => {
    const { cluster, plan } = fixture;
    await cluster.call('n1', 'write', { value: 'kept' }, CALL_TIMEOUT_MS);
    await cluster.collect({ disks: true });
    const log = await readFile(join(plan.directory, 'nodes/n1/node.log'), 'utf8');
    const opened = log.split('\n').filter((line) => line.includes('"notebook opened"'));
    assert.equal(opened.length, 2, log);
    assert.equal(await readFile(join(plan.directory, 'nodes/n1/data/line'), 'utf8'), '"kept"');
  });

  it('should leave nothing behind when it stops, and stop twice', async () => {
    const engine = findEngine();
    await using short = notebooks(['n1']);
    await short.cluster.start();
    assert.equal(
      (await remainsOf(engine, short.plan.runId)).length,
      3,
      'a container, its disk and a network',
    );
    await short.cluster.stop();
    assert.deepEqual(await remainsOf(engine, short.plan.runId), []);
    await short.cluster.stop();
  });

  it('should leave nothing behind when it is stopped while it starts', async () => {
    await using short = notebooks(['n1', 'n2']);
    const start = assert.rejects(short.cluster.start());
    while (!short.progress.some((line) => line.startsWith('a container'))) await new Promise(setImmediate);
    await short.cluster.stop();
    await start;
    assert.deepEqual(await remainsOf(findEngine(), short.plan.runId), []);
  });
});
