/**
 * What is left when a run is cut short: by the user, by the system, or by another run at the same time.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readHistory } from '../../../harness/history/read.ts';
import { type CliResult, latest, splitbrain, temporaryDirectory, untilAtWork } from '../cli.ts';

/** Command lines of processes that run a node of the run directory. */
function nodesOf(directory: string): string[] {
  return execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(directory) && line.includes('.mjs') && !/^\s*\d+\s+Z/.test(line));
}

describe('interruption', function () {
  this.timeout(90_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());

  const history = (store: string): string => latest(store, 'history.jsonl');

  async function interrupted(store: string, ...signals: readonly NodeJS.Signals[]): Promise<CliResult> {
    const children: ChildProcess[] = [];
    const finished = splitbrain(
      [
        'test',
        'raft',
        '--runtime',
        'process',
        '--nemesis',
        'pause:minority',
        '--interval',
        '1s',
        '--time-limit',
        '60s',
        '--out',
        store,
      ],
      { started: (child) => children.push(child) },
    );
    await untilAtWork(store);
    for (const signal of signals) {
      children[0]?.kill(signal);
      // Signals of a kind that nobody has taken yet are one to the system.
      await delay(50);
    }
    return finished;
  }

  it('should stop the cluster on SIGINT and keep a readable history', async () => {
    const store = join(scratch.path, 'sigint');
    const { code, stdout } = await interrupted(store, 'SIGINT');
    assert.equal(code, 2, stdout);
    assert.deepEqual(nodesOf(store), []);
    const { history: entries } = await readHistory(history(store));
    assert.ok(entries.length >= 100);
    assert.match(readFileSync(latest(store, 'results.json'), 'utf8'), /interrupted/i);
  });

  it('should take two signals that come at once for one, as a terminal and a launcher send them', async () => {
    const store = join(scratch.path, 'twice');
    const { code, stdout } = await interrupted(store, 'SIGINT', 'SIGINT');
    assert.equal(code, 2, stdout);
    assert.deepEqual(nodesOf(store), []);
  });

  it('should leave a readable history on SIGKILL, and nothing running after the next start', async () => {
    const store = join(scratch.path, 'sigkill');
    const { code } = await interrupted(store, 'SIGKILL');
    assert.equal(code, null);
    const { history: entries } = await readHistory(history(store));
    assert.ok(entries.length >= 100);
    const next = await splitbrain([
      'test',
      'raft',
      '--runtime',
      'process',
      '--nemesis',
      'none',
      '--workload',
      'append',
      '--time-limit',
      '1s',
      '--out',
      join(scratch.path, 'next'),
    ]);
    assert.equal(next.code, 0, next.stderr);
    assert.deepEqual(nodesOf(store), []);
    const checked = await splitbrain(['check', history(store), '--model', 'kv']);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  });

  it('should let three runs at once not disturb one another', async () => {
    const stores = ['a', 'b', 'c'].map((name) => join(scratch.path, name));
    const results = await Promise.all(
      stores.map((store, index) =>
        splitbrain([
          'test',
          'raft',
          '--runtime',
          'process',
          '--nemesis',
          'kill,partition',
          '--interval',
          '2s',
          '--time-limit',
          '6s',
          '--nodes',
          '3',
          '--concurrency',
          '4',
          '--rate',
          '100',
          '--seed',
          String(index),
          '--out',
          store,
        ]),
      ),
    );
    for (const [index, { code, stdout, stderr }] of results.entries()) {
      assert.equal(code, 0, stdout + stderr);
      assert.equal(
        readdirSync(join(stores[index] ?? '', 'raft')).filter((name) => name !== 'latest').length,
        1,
      );
    }
  });
});
