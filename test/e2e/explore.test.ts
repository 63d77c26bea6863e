/** The search from the command line: a broken variant is caught and kept, a correct target is not, and nothing is left behind. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExplorationReport } from '../../reports/index.ts';
import { readRepro } from '../../harness/explore/repro.ts';
import { splitbrain, temporaryDirectory } from './cli.ts';

const FORGETFUL = `
import { Refusal, defineTarget } from 'splitbrain';
import { register } from 'splitbrain/workloads';

export const node = {
  start({ clients }) {
    const values = new Map();
    clients.serve({
      read: ({ key }) => values.get(key) ?? null,
      write: ({ key, value }) => { values.set(key, value); return null; },
      cas: ({ key, value: [expected, next] }) => {
        if (values.get(key) !== expected) throw new Refusal('it holds something else');
        values.set(key, next);
        return null;
      },
    });
    return { status: () => ({ role: 'leader' }) };
  },
};

export default defineTarget({
  name: 'forgetful', summary: 'a register that forgets', nodeModule: import.meta.url, nodes: 1, workloads: [register],
  claims: [{ property: 'linearizable', checker: 'linearizable', under: 'any' }],
});
`;

/** Processes that this one has started, by their numbers. */
function workersOf(child: ChildProcess): number[] {
  const listed = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n');
  return listed.flatMap((line) => {
    const [, pid = '', parent = ''] = /^\s*(\d+)\s+(\d+)\s.*pool-worker/.exec(line) ?? [];
    return Number(parent) === child.pid ? [Number(pid)] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain: ${what}`);
    await delay(50);
  }
}

describe('splitbrain explore', function () {
  this.timeout(120_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const out = ['--out', join(scratch.path, 'store')];

  it('should catch a broken variant, and leave a run directory with repro.json and its test', async () => {
    const args = ['explore', 'raft', '--variant', 'no-dedup', '--seeds', '200', '--time-limit', '5s'];
    const { code, stdout, stderr } = await splitbrain([...args, '--shrink-budget', '5s', ...out]);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /^FAIL\s+raft, variant no-dedup/);
    assert.match(stdout, /Found\s+linearizable in run \d+, seed \d+/);
    assert.match(stdout, /Shrunk\s+to [\d,]+ operations?/);
    const [, repro = ''] = /npx splitbrain replay (\S+repro\.json)/.exec(stdout) ?? [];
    const { failure, scenario } = readRepro(repro);
    assert.equal(failure.kind, 'linearizable');
    assert.equal(scenario.variant, 'no-dedup');
    for (const file of ['test.json', 'history.jsonl', 'results.json', 'report.html', 'repro.test.ts'])
      assert.ok(existsSync(join(repro, '..', file)), file);
    const replayed = await splitbrain(['replay', repro, ...out]);
    assert.equal(replayed.code, 1, replayed.stdout + replayed.stderr);
  });

  it('should find nothing in the correct Raft', async () => {
    const args = ['explore', 'raft', '--seeds', '11..22', '--time-limit', '3s', '--json'];
    const { code, stdout, stderr } = await splitbrain([...args, ...out]);
    assert.equal(code, 0, stdout + stderr);
    const report = JSON.parse(stdout) as ExplorationReport;
    assert.equal(report.valid, true);
    assert.equal(report.runs, 12);
    assert.deepEqual(report.seeds, { first: 11, last: 22 });
    assert.deepEqual(report.found, []);
    assert.ok(report.behaviours > 50 && report.simulatedMs > 12 * 3000);
    assert.equal(stderr, '');
  });

  it("should catch a user's own target, given by its path", async () => {
    const path = join(scratch.path, 'forgetful.mjs');
    writeFileSync(path, FORGETFUL);
    const args = [
      'explore',
      './forgetful.mjs',
      '--nemesis',
      'kill',
      '--seeds',
      '50',
      '--no-shrink',
      '--json',
    ];
    const { code, stdout, stderr } = await splitbrain([...args, ...out], { cwd: scratch.path });
    assert.equal(code, 1, stdout + stderr);
    const [found] = (JSON.parse(stdout) as ExplorationReport).found;
    assert.equal(found?.kind, 'linearizable');
    assert.equal(found.shrunk, undefined);
    assert.match(
      readFileSync(resolve(scratch.path, found.directory, 'repro.json'), 'utf8'),
      /"family":"kill"/,
    );
  });

  it('should sum up what was done when it is interrupted, and leave no process', async () => {
    const children: ChildProcess[] = [];
    const finished = splitbrain(['explore', 'raft', '--jobs', '2', ...out], {
      started: (child) => children.push(child),
    });
    const [child] = children;
    assert.ok(child !== undefined);
    await until('two processes work', () => workersOf(child).length === 2);
    const workers = workersOf(child);
    // To all of them, as a terminal does.
    for (const pid of workers) process.kill(pid, 'SIGINT');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await finished;
    assert.equal(code, 2, stdout + stderr);
    assert.match(stdout, /^UNKNOWN\s+raft: .*interrupted/s);
    assert.deepEqual(workers.filter(isAlive), []);
  });

  it('should leave no process when it is killed', async () => {
    const children: ChildProcess[] = [];
    const finished = splitbrain(['explore', 'raft', '--jobs', '2', ...out], {
      started: (child) => children.push(child),
    });
    const [child] = children;
    assert.ok(child !== undefined);
    await until('two processes work', () => workersOf(child).length === 2);
    const workers = workersOf(child);
    child.kill('SIGKILL');
    await finished;
    await until('they end', () => !workers.some(isAlive));
  });

  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown target', ['zookeeper'], /there is no target "zookeeper"/],
    ['an unknown variant', ['raft', '--variant', 'nice'], /raft has no variant "nice"/],
    ['an unknown workload', ['raft', '--workload', 'bank'], /raft has no workload "bank"/],
    ['an unknown fault', ['raft', '--nemesis', 'earthquake'], /there is no fault "earthquake"/],
    [
      'seeds that are none',
      ['raft', '--seeds', 'many'],
      /--seeds: expected how many.*100\.\.199, got "many"/,
    ],
    ['seeds that run backwards', ['raft', '--seeds', '9..3'], /--seeds: .*got "9\.\.3"/],
    ['a bad budget', ['raft', '--budget', 'soon'], /--budget: expected a duration .* got "soon"/],
    ['no processes', ['raft', '--jobs', '0'], /--jobs: expected a whole number of at least 1/],
    ['a bad number of nodes', ['raft', '--nodes', 'three'], /--nodes: expected a whole number/],
    [
      'an --out in which nothing can be written, before it searches',
      ['raft', '--out', join(import.meta.filename, 'below')],
      /--out: cannot write into the directory .*below/,
    ],
    ['a bad rate', ['raft', '--rate', '0'], /--rate: expected a whole number of at least 1/],
  ];
  for (const [what, args, message] of usage) {
    it(`should refuse ${what}`, async () => {
      const { code, stdout, stderr } = await splitbrain(['explore', ...out, ...args]);
      assert.equal(code, 254, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m);
      assert.equal(stdout, '');
    });
  }
});
