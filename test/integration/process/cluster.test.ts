/** The process cluster with real nodes: three of them, shared by the tests, each of which leaves them healthy. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  allLinks,
  type Cluster,
  type ClusterPlan,
  type Link,
  type Reply,
} from '../../../harness/cluster/cluster.ts';
import { probeHealth, probeLinks } from '../../../harness/cluster/probe.ts';
import { processRuntime } from '../../../harness/cluster/process/runtime.ts';
import { HarnessError } from '../../../harness/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../harness/json.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { sleep } from '../../../harness/time.ts';

const NODES = ['n1', 'n2', 'n3'];
const LINKS = allLinks(NODES);

/** How long a probe waits on links that should be silent, and on those that should not. */
const SILENT_MS = 300;
const HEARD_MS = 1000;

describe('process cluster', () => {
  const directories: string[] = [];
  let cluster: Cluster;

  function planOf(options: JsonObject = {}, nodes = NODES): ClusterPlan {
    const directory = mkdtempSync(join(tmpdir(), 'splitbrain-cluster-'));
    directories.push(directory);
    return {
      runId: `test-${process.pid}-${directories.length}`,
      nodes,
      nodeModule: moduleBeside(import.meta.url, '../../fixtures/echo-node'),
      options,
      seed: '1',
      directory,
      progress: () => undefined,
    };
  }

  const ask = (node: string, path: string, body: JsonObject = {}): Promise<Reply> =>
    cluster.call(node, path, body, 1000);

  async function answer(node: string, path: string, body: JsonObject = {}): Promise<Json> {
    const reply = await ask(node, path, body);
    if (reply.kind !== 'answer') assert.fail(`${node}/${path}: ${reply.kind}: ${reply.error}`);
    return reply.body;
  }

  async function heard(links: readonly Link[], waitMs: number): Promise<boolean[]> {
    return (await probeLinks(cluster, links, waitMs)).map((probe) => probe === 'heard');
  }

  before(async () => {
    cluster = processRuntime.create(planOf());
    await cluster.start();
  });

  after(async () => {
    await cluster.stop();
    for (const directory of directories) rmSync(directory, { recursive: true });
  });

  it('should start nodes that answer and reach one another', async () => {
    assert.deepEqual(
      await Promise.all(NODES.map((node) => cluster.state(node))),
      NODES.map(() => 'running'),
    );
    assert.deepEqual(
      await heard(LINKS, HEARD_MS),
      LINKS.map(() => true),
    );
    const response = await fetch(`${cluster.endpoint('n2')}/_/status`);
    assert.deepEqual(await response.json(), { role: 'follower', epoch: 1 });
  });

  it('should keep what was synced over a kill, and lose what was not', async () => {
    const endpoint = cluster.endpoint('n1');
    await answer('n1', 'write', { value: 'synced' });
    await answer('n1', 'write-unsynced', { value: 'not synced' });
    assert.equal(await answer('n1', 'read'), 'not synced');
    await cluster.kill('n1');
    assert.equal(await cluster.state('n1'), 'down');
    await cluster.restart('n1');
    assert.equal(await answer('n1', 'read'), 'synced');
    assert.equal(cluster.endpoint('n1'), endpoint);
    assert.deepEqual(
      await heard(LINKS, HEARD_MS),
      LINKS.map(() => true),
    );
  });

  it('should refuse calls to a node that is down, and quickly', async () => {
    await cluster.kill('n3');
    await cluster.kill('n3');
    const start = performance.now();
    assert.deepEqual(await ask('n3', 'read'), {
      kind: 'refused',
      error: 'n3 is down',
      details: {},
      unreachable: true,
    });
    assert.ok(performance.now() - start < 100);
    await assert.rejects(cluster.pause('n3'), /n3 is down/);
    await cluster.restart('n3');
    await assert.rejects(cluster.restart('n3'), /n3 is running: only a node that is down restarts/);
  });

  it('should draw other numbers in each life of a node', async () => {
    const first = await answer('n2', 'who');
    await cluster.kill('n2');
    await cluster.restart('n2');
    assert.notDeepEqual(await answer('n2', 'who'), first);
  });

  it('should pause and resume a node, and kill a paused one', async () => {
    await cluster.pause('n2');
    assert.equal(await cluster.state('n2'), 'paused');
    assert.equal(await probeHealth(cluster, 'n2', 100), false);
    await cluster.resume('n2');
    assert.equal(await cluster.state('n2'), 'running');
    assert.equal(await probeHealth(cluster, 'n2', 1000), true);
    await cluster.pause('n2');
    await cluster.kill('n2');
    assert.equal(await cluster.state('n2'), 'down');
    await cluster.restart('n2');
    assert.deepEqual(
      await heard(LINKS, HEARD_MS),
      LINKS.map(() => true),
    );
  });

  it('should cut one direction of one link only, and heal it within a second after a long cut', async () => {
    const cut = { from: 'n1', to: 'n2' };
    await cluster.cut([cut]);
    const silent = LINKS.map(({ from, to }) => from === cut.from && to === cut.to);
    assert.deepEqual(
      await heard(LINKS, SILENT_MS),
      silent.map((isCut) => !isCut),
    );
    // Long enough for the sender to notice the silence, and to dial again in vain.
    await sleep(1200);
    await cluster.heal([cut]);
    assert.deepEqual(await heard([cut], HEARD_MS), [true]);
  });

  it('should keep a link cut over the restart of either node', async () => {
    const cut = { from: 'n3', to: 'n1' };
    await cluster.cut([cut]);
    for (const node of ['n1', 'n3']) {
      await cluster.kill(node);
      await cluster.restart(node);
    }
    assert.deepEqual(await heard([cut, { from: 'n1', to: 'n3' }], SILENT_MS), [false, true]);
    await cluster.heal([cut]);
    assert.deepEqual(await heard([cut], HEARD_MS), [true]);
  });

  it('should recover from a reset, and deliver late on a delayed link', async () => {
    const link = { from: 'n2', to: 'n3' };
    await cluster.reset([link]);
    assert.deepEqual(await heard([link], HEARD_MS), [true]);
    await cluster.shape([link], { delayMs: 200 });
    assert.deepEqual(await heard([link], 150), [false]);
    assert.deepEqual(await heard([link], HEARD_MS), [true]);
    await cluster.shape([link], {});
    assert.deepEqual(await heard([link], 150), [true]);
  });

  it('should carry thousands of messages a second between processes', async () => {
    const counted = async (): Promise<number> => {
      const counts = await answer('n2', 'counts');
      return isJsonObject(counts) ? Number(counts['n1'] ?? 0) : 0;
    };
    const before = await counted();
    for (let batch = 0; batch < 20; batch++) await answer('n1', 'say', { to: 'n2', times: 1000 });
    const deadline = performance.now() + 2000;
    while ((await counted()) < before + 20_000 && performance.now() < deadline) await sleep(5);
    assert.equal(await counted(), before + 20_000);
  });

  it('should log a crash of the program and see the node down', async () => {
    await answer('n3', 'crash');
    while ((await cluster.state('n3')) !== 'down') await sleep(5);
    const [plan] = directories;
    const lines = readFileSync(join(String(plan), 'nodes/n3/node.log'), 'utf8')
      .trim()
      .split('\n');
    const last = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    assert.deepEqual([last['event'], last['message']], ['crashed', 'told to crash']);
    assert.match(String(last['stack']), /test\/fixtures\/echo-node\.ts:\d+/, 'the stack names the source');
    await cluster.restart('n3');
  });

  it('should say which links and nodes there are when asked for another', async () => {
    await assert.rejects(
      cluster.cut([{ from: 'n1', to: 'n9' }]),
      /No link n1>n9 in this cluster of n1, n2, n3/,
    );
    await assert.rejects(cluster.kill('n9'), /No node n9/);
    assert.equal((await ask('n9', 'read')).kind, 'refused');
  });

  it('should leave other clusters alone, and nothing behind when stopped', async () => {
    const plan = planOf({}, ['n1', 'n2']);
    const other = processRuntime.create(plan);
    await other.start();
    await other.call('n1', 'write', { value: 'other' }, 1000);
    await answer('n1', 'write', { value: 'mine' });
    const endpoints = ['n1', 'n2'].map((node) => other.endpoint(node));
    await other.pause('n2');
    await other.collect({ disks: false });
    await other.stop();
    await other.stop();
    for (const endpoint of endpoints) await assert.rejects(fetch(endpoint));
    assert.deepEqual(
      ['node.mjs', 'nodes/n1/data', 'nodes/n1/node.log'].map((name) =>
        existsSync(join(plan.directory, name)),
      ),
      [false, false, true],
    );
    assert.equal(await answer('n1', 'read'), 'mine');
  });

  it('should keep disks that were asked for', async () => {
    const plan = planOf({}, ['n1']);
    const other = processRuntime.create(plan);
    await other.start();
    await other.call('n1', 'write', { value: 7 }, 1000);
    await other.collect({ disks: true });
    await other.stop();
    assert.equal(readFileSync(join(plan.directory, 'nodes/n1/data/values.log'), 'utf8'), '7\n');
  });

  it('should refuse to start a node whose disk is not empty', async () => {
    const plan = planOf({}, ['n1']);
    const data = join(plan.directory, 'nodes', 'n1', 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'log'), 'of another run');
    const full = processRuntime.create(plan);
    await assert.rejects(full.start(), { name: 'HarnessError', message: /n1 would not begin empty/ });
    rmSync(join(data, 'log'));
    await full.start();
    await full.stop();
  });

  it('should say why a node does not start, with the end of its log', async () => {
    const failing = processRuntime.create(planOf({ failToStart: true }, ['n1']));
    await assert.rejects(failing.start(), (error) => {
      assert.ok(error instanceof HarnessError);
      assert.match(
        error.message,
        /n1 did not start: it ended by exit code 1\. Its last log lines:\n.*told to fail/,
      );
      return true;
    });
    await failing.stop();
  });

  it('should end a start that hangs when stopped', async () => {
    const hanging = processRuntime.create(planOf({ hang: 'n2' }, ['n1', 'n2']));
    const started = assert.rejects(hanging.start(), /did not start: it ended by signal SIGKILL/);
    while ((await hanging.state('n2')) === 'down') await sleep(5);
    await hanging.stop();
    await started;
  });

  it('should name node and port when a stranger took the port of a node that restarts', async () => {
    await cluster.kill('n2');
    const port = Number(new URL(cluster.endpoint('n2')).port);
    // One that answers as if it were healthy.
    const stranger = createServer((_request, response) => response.end('{"healthy":true}'));
    stranger.listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    await assert.rejects(cluster.restart('n2'), (error) => {
      assert.ok(error instanceof HarnessError);
      assert.match(error.message, new RegExp(`^n2 cannot listen: another program held port ${port}`));
      return true;
    });
    assert.equal((await ask('n2', 'read')).kind, 'refused');
    stranger.closeAllConnections();
    stranger.close();
    await once(stranger, 'close');
    await cluster.restart('n2');
    assert.equal(await probeHealth(cluster, 'n2', 1000), true);
  });
});
