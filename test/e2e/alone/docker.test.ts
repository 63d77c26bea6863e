/**
 * The main job as a user runs it, in containers: it passes, runs do not disturb one another, and whatever goes
 * away in the middle - the harness, the engine - leaves a readable history and in the end nothing running.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { readHistory } from '../../../harness/history/read.ts';
import type { RunResults, TestPlan } from '../../../harness/run/results.ts';
import { requireDocker } from '../../integration/docker/engine.ts';
import { latest, splitbrain, temporaryDirectory, untilAtWork } from '../cli.ts';
import { containersOf } from '../containers.ts';

interface Printed {
  readonly directory: string;
  readonly plan: TestPlan;
  readonly results: RunResults;
}

/** A run that is soon over and easy to check, for what its start does. */
const QUICK = [
  '--nodes',
  '1',
  '--nemesis',
  'none',
  '--workload',
  'append',
  '--time-limit',
  '1s',
  '--rate',
  '100',
];

describe('the main job in containers', function () {
  this.timeout(180_000);
  before(requireDocker);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const run = (...more: string[]): string[] => ['test', 'raft', '--runtime', 'docker', ...more];

  it('should pass with faults that were confirmed, and leave nothing running', async () => {
    const store = join(scratch.path, 'passes');
    const args = run(
      '--nemesis',
      'partition,kill,pause',
      '--interval',
      '2s',
      '--time-limit',
      '8s',
      '--seed',
      '1',
    );
    const { code, stdout, stderr } = await splitbrain([...args, '--json', '--out', store]);
    assert.equal(code, 0, stdout + stderr);
    const { directory, plan, results } = JSON.parse(stdout) as Printed;
    const families = new Set(results.faults.filter((fault) => fault.confirmed).map((fault) => fault.family));
    assert.deepEqual([...families].sort(), ['kill', 'partition', 'pause']);
    for (const file of [
      'test.json',
      'history.jsonl',
      'report.html',
      'junit.xml',
      'harness.log',
      'nodes/n1/node.log',
    ]) {
      assert.ok(existsSync(join(directory, file)), file);
    }
    assert.deepEqual(await containersOf(plan.runId), []);
  });

  it('should let three runs at once not disturb one another', async () => {
    const results = await Promise.all(
      ['a', 'b', 'c'].map((name, index) =>
        splitbrain(
          run(
            '--nodes',
            '3',
            '--concurrency',
            '4',
            '--rate',
            '60',
            '--nemesis',
            'partition,kill',
            '--interval',
            '3s',
            '--time-limit',
            '8s',
            '--seed',
            String(index),
            '--out',
            join(scratch.path, name),
          ),
        ),
      ),
    );
    for (const { code, stdout, stderr } of results) assert.equal(code, 0, stdout + stderr);
  });

  it('should clean up at the next start after the harness was killed, under a fault', async () => {
    const store = join(scratch.path, 'killed');
    const children: ChildProcess[] = [];
    const killed = splitbrain(
      run(
        '--nodes',
        '3',
        '--nemesis',
        'pause:minority,partition',
        '--interval',
        '1s',
        '--time-limit',
        '60s',
        '--out',
        store,
      ),
      {
        started: (child) => children.push(child),
      },
    );
    await untilAtWork(store);
    children[0]?.kill('SIGKILL');
    await killed;
    const { runId } = JSON.parse(readFileSync(latest(store, 'test.json'), 'utf8')) as TestPlan;
    assert.equal((await containersOf(runId)).length, 3, 'the killed harness could not clean up');
    const { history } = await readHistory(latest(store, 'history.jsonl'));
    assert.ok(history.length >= 100);
    const next = await splitbrain(run(...QUICK, '--out', join(scratch.path, 'next')));
    assert.equal(next.code, 0, next.stdout + next.stderr);
    assert.match(next.stderr, /cleaned up after a dead run/);
    assert.deepEqual(await containersOf(runId), []);
  });

  it('should end early when the engine goes away, say so, and keep the history', async () => {
    const store = join(scratch.path, 'engine-gone');
    const socket = join(scratch.path, 'docker.sock');
    const engine = await forwardedEngine(socket);
    const running = splitbrain(
      run('--nodes', '3', '--nemesis', 'kill', '--interval', '2s', '--time-limit', '60s', '--out', store),
      {
        env: { DOCKER_HOST: `unix://${socket}` },
      },
    );
    await untilAtWork(store);
    const gone = Date.now();
    engine.close();
    const { code, stdout, stderr } = await running;
    assert.ok(Date.now() - gone < 45_000, 'it did not wait for the time limit');
    assert.equal(code, 255, stdout + stderr);
    assert.match(stdout + stderr, /went away|stopped answering|does not answer/i);
    assert.doesNotMatch(stderr, /^\s+at /m);
    const { history } = await readHistory(latest(store, 'history.jsonl'));
    assert.ok(history.length >= 100);
    const next = await splitbrain(run(...QUICK, '--out', join(scratch.path, 'after')));
    assert.equal(next.code, 0, next.stdout + next.stderr);
    const { runId } = JSON.parse(readFileSync(latest(store, 'test.json'), 'utf8')) as TestPlan;
    assert.deepEqual(await containersOf(runId), []);
  });
});

/** The engine behind a socket of our own, which can go away without harm to anybody else. */
async function forwardedEngine(path: string): Promise<{ close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect('/var/run/docker.sock');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
