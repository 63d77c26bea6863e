/**
 * The published package: packed, installed elsewhere, its command and exports used.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, temporaryDirectory } from './cli.ts';

const TARGET = `
import { defineTarget } from 'splitbrain';
import { register } from 'splitbrain/workloads';
const values = new Map();
export const node = {
  start({ clients }) {
    clients.serve({
      read: ({ key }) => values.get(key) ?? null,
      write: ({ key, value }) => { values.set(key, value); return null; },
      cas: ({ key, value: [expected, next] }) => {
        if (values.get(key) !== expected) throw new Error('no');
        values.set(key, next);
        return null;
      },
    });
    return { status: () => ({}) };
  },
};
export default defineTarget({ name: 'tiny', summary: 'one register', nodeModule: import.meta.url, nodes: 1,
  workloads: [register], claims: [{ property: 'linearizable', checker: 'linearizable', under: 'any' }] });
`;

const EXPORTS = `
import { checkLinearizable, models } from 'splitbrain/checkers';
import { defineTarget, limit, op } from 'splitbrain';
import { register } from 'splitbrain/workloads';
import { faults } from 'splitbrain/nemesis';
import { clusterProperty } from 'splitbrain/explore';
const entry = (index, type, value) => ({ index, time: index, process: 0, type, f: index < 2 ? 'write' : 'read', value });
const history = (seen) => [entry(0, 'invoke', 1), entry(1, 'ok', 1), entry(2, 'invoke', null), entry(3, 'ok', seen)];
const good = await checkLinearizable(history(1), { model: models.register });
const bad = await checkLinearizable(history(2), { model: models.register });
console.log(JSON.stringify([good.valid, bad.valid, typeof defineTarget, typeof limit, typeof op, register.name, faults.length > 0, typeof clusterProperty]));
`;

describe('the package', function () {
  this.timeout(180_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const home = join(scratch.path, 'node_modules', 'splitbrain');

  before(() => {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch.path], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    mkdirSync(home, { recursive: true });
    execFileSync('tar', [
      '-xzf',
      join(scratch.path, `splitbrain-${version}.tgz`),
      '-C',
      home,
      '--strip-components=1',
    ]);
    // Its dependencies are those that this checkout has: installing them again would test npm.
    symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  });

  const run = (script: string, ...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [script, ...args], { cwd: scratch.path, encoding: 'utf8' });

  it('should bring no sources that need a build', () => {
    assert.throws(() => readFileSync(join(home, 'harness/cli/main.ts')));
  });

  it('should export checkers, contracts, workloads and faults', () => {
    writeFileSync(join(scratch.path, 'uses.mjs'), EXPORTS);
    const { stdout, stderr } = run('uses.mjs');
    assert.equal(
      String(stdout).trim(),
      '[true,false,"function","function","function","register",true,"function"]',
      String(stderr),
    );
  });

  it('should list, and test a target, from its command', () => {
    const command = join(home, 'harness/cli/splitbrain.js');
    assert.match(String(run(command, 'list').stdout), /raft/);
    writeFileSync(join(scratch.path, 'tiny.mjs'), TARGET);
    const args = [
      '--runtime',
      'process',
      '--nemesis',
      'kill',
      '--interval',
      '2s',
      '--time-limit',
      '4s',
      '--rate',
      '100',
      '--seed',
      '1',
    ];
    const { status, stdout, stderr } = run(command, 'test', './tiny.mjs', ...args);
    // It forgets when it is killed: exit code 1, and the report is written by the built page script.
    assert.equal(status, 1, String(stdout) + String(stderr));
    const raft = run(
      command,
      'test',
      'raft',
      '--runtime',
      'process',
      '--nemesis',
      'none',
      '--time-limit',
      '2s',
      '--seed',
      '1',
    );
    assert.equal(raft.status, 0, String(raft.stdout) + String(raft.stderr));
    assert.match(readFileSync(join(scratch.path, 'store/latest/report.html'), 'utf8'), /^<!doctype html>/i);
  });
});
