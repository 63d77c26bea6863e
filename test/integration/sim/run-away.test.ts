/** Nodes that never give way, and nodes that give way for ever: caught, named, and the end of themselves alone. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import type { RunAway } from '../../../harness/cluster/sim/run-away.ts';
import { moduleBeside } from '../../../harness/module-url.ts';

const PROCESS = fileURLToPath(moduleBeside(import.meta.url, '../../fixtures/run-away-process'));
const PROGRAM = fileURLToPath(moduleBeside(import.meta.url, '../../fixtures/run-away-node'));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly messages: readonly unknown[];
}

function run(...parameters: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = fork(PROCESS, parameters, { silent: true });
    const [messages, out, err]: [unknown[], string[], string[]] = [[], [], []];
    child.on('message', (message) => messages.push(message));
    child.stdout?.on('data', (data) => out.push(String(data)));
    child.stderr?.on('data', (data) => err.push(String(data)));
    child.on('close', (code) => resolve({ code, stdout: out.join(''), stderr: err.join(''), messages }));
  });
}

describe('simulator: a node that never gives way', function () {
  this.timeout(30_000);

  for (const { handler, place } of [
    { handler: 'spin', place: 'spin' },
    { handler: 'chain', place: 'chain' },
  ]) {
    it(`should end the process with exit code 1, and say where it is: ${handler}`, async () => {
      const { code, stdout, stderr } = await run(handler);
      assert.equal(code, 1, stderr);
      const summary = `n2 does not give way: at 1\\.0 s of simulated time .* in ${place} \\(.*run-away-node\\.ts:\\d+\\)`;
      assert.match(stderr, new RegExp(summary));
      assert.ok(stderr.includes(`    at ${place} (${PROGRAM}:`), stderr);
      assert.doesNotMatch(stderr, /debugger|harness\/cluster/);
      assert.equal(stdout, 'exit handlers ran\n');
    });
  }

  it('should tell whoever asked to be told', async () => {
    const { code, stderr, messages } = await run('spin', 'message');
    assert.equal(code, 1);
    assert.equal(stderr, '');
    const [{ node, atMs, stack }] = messages as [RunAway];
    assert.equal(node, 'n2');
    assert.ok(atMs > 1000 && atMs < 1100);
    assert.match(stack[0] ?? '', /^spin \(/);
  });

  it('should let nodes work, and the harness for as long as it likes', async () => {
    const { code, stdout, stderr } = await run('work');
    assert.equal(stderr, '');
    assert.equal(stdout, 'alive, answer\nexit handlers ran\n');
    assert.equal(code, 0);
  });
});

describe('simulator: a node that gives way for ever', function () {
  this.timeout(30_000);

  async function clusterAfter(handler: string, timerLatenessMs: number): Promise<SimCluster> {
    const cluster = new SimCluster({
      runId: 'test',
      nodes: ['n1', 'n2'],
      nodeModule: moduleBeside(import.meta.url, '../../fixtures/run-away-node'),
      options: {},
      seed: '1',
      settings: { timerLatenessMs: { constant: timerLatenessMs }, latencyMs: { constant: 0.0001 } },
      directory: '',
      progress: () => undefined,
    });
    await cluster.start();
    await cluster.call('n1', handler, {}, 1000);
    await cluster.time.sleep(10);
    return cluster;
  }

  for (const handler of ['timers', 'flood', 'echo']) {
    it(`should end the node, whose log says why: ${handler}`, async () => {
      const cluster = await clusterAfter(handler, 0);
      assert.equal(await cluster.state('n1'), 'down');
      assert.match(
        cluster.log('n1'),
        /"crashed".*run-away: more than 100000 events and messages in a simulated milli/,
      );
      assert.equal((await cluster.call('n1', 'work', { rounds: 1 }, 1000)).kind, 'refused');
      await cluster.restart('n1');
      assert.equal((await cluster.call('n1', 'work', { rounds: 1 }, 1000)).kind, 'answer');
      await cluster.stop();
    });
  }

  it('should let a node be busy whose timers take time', async () => {
    const cluster = await clusterAfter('timers', 0.01);
    assert.equal(await cluster.state('n1'), 'running');
    await cluster.stop();
  });
});
