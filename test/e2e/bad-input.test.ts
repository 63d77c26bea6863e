import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CliResult, splitbrain, temporaryDirectory } from './cli.ts';

const STACK_TRACE = /^\s+at /m;

function assertRefused({ code, stdout, stderr }: CliResult, expected: number, message: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, STACK_TRACE);
  assert.equal(stdout, '');
}

describe('bad input', function () {
  this.timeout(60_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const out = ['--out', join(scratch.path, 'store')];
  const file = (name: string, text: string): string => {
    const path = join(scratch.path, name);
    writeFileSync(path, text);
    return path;
  };

  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown target', ['test', 'zookeeper'], /there is no target "zookeeper"; there are raft/],
    ['a target file that is not there', ['test', './nowhere.ts'], /there is no file .*nowhere\.ts/],
    ['a target whose name is misspelt', ['test', 'rfat'], /no target "rfat" \(did you mean raft\?\)/],
    ['no faults by mistake', ['test', 'raft', '--nemesis', ''], /--nemesis: expected .*, or none/],
    [
      'a store that is a file',
      ['test', 'raft', '--runtime', 'sim', '--out', file('store.txt', '')],
      /--out: cannot write into the directory .*store\.txt/,
    ],
    [
      'a model file that is not there',
      ['check', file('m.jsonl', '{}'), '--model', './nowhere.ts'],
      /--model: there is no file .*nowhere\.ts/,
    ],
    [
      'a target that throws, with the line',
      ['test', file('throws.ts', "\nthrow new Error('not today');"), '--runtime', 'process'],
      /cannot load the target .*: not today \(at .*throws\.ts:2\)/,
    ],
    [
      'an unknown runtime',
      ['test', 'raft', '--runtime', 'vmware'],
      /there is no runtime "vmware"; there are docker, process/,
    ],
    [
      'an unknown fault',
      ['test', 'raft', '--runtime', 'process', '--nemesis', 'earthquake'],
      /there is no fault "earthquake"; there are partition/,
    ],
    [
      'a fault that the target has no part in',
      ['test', 'paxos', '--runtime', 'docker', '--nemesis', 'membership'],
      /paxos does not say how its members are changed/,
    ],
    [
      'an unknown workload',
      ['test', 'raft', '--runtime', 'process', '--workload', 'bank'],
      /raft has no workload "bank"; it has kv, register, append/,
    ],
    [
      'an unknown variant',
      ['test', 'raft', '--runtime', 'process', '--variant', 'nice'],
      /raft has no variant "nice"; it has volatile-vote/,
    ],
    [
      'a bad duration',
      ['test', 'raft', '--runtime', 'process', '--time-limit', 'soon'],
      /--time-limit: expected a duration such as .* got "soon"/,
    ],
    [
      'a bad number of nodes',
      ['test', 'raft', '--runtime', 'process', '--nodes', '0'],
      /--nodes: expected a whole number of at least 1, got "0"/,
    ],
    [
      'a bad concurrency',
      ['test', 'raft', '--runtime', 'process', '--concurrency', '2x'],
      /--concurrency: expected a whole number/,
    ],
    ['an unknown option', ['test', 'raft', '--frobnicate'], /unknown option '--frobnicate'/],
    ['an unknown command', ['prove'], /unknown command 'prove'/],
    ['an unknown model', ['check', file('x.jsonl', '{}'), '--model', 'abacus'], /abacus.*cas-register/s],
    [
      'a history that is not there',
      ['check', join(scratch.path, 'none.jsonl'), '--model', 'register'],
      /none\.jsonl/,
    ],
    [
      'a malformed history',
      [
        'check',
        file('bad.jsonl', '{"index":0,"time":0,"process":0,"type":"okay","f":"read","value":null}\n'),
        '--model',
        'register',
      ],
      /bad\.jsonl:1.*type.*invoke.*okay/s,
    ],
    ['a directory that is no run', ['report', scratch.path], /test\.json|no run/],
    [
      'a target that is none',
      ['test', file('none.ts', 'export default 7;'), '--runtime', 'process'],
      /none\.ts: the default export is no target/,
    ],
    [
      'a target that does not parse',
      ['test', file('broken.ts', 'export default {'), '--runtime', 'process'],
      /cannot load the target .*broken\.ts/,
    ],
  ];
  for (const [what, args, message] of usage) {
    it(`should refuse ${what}`, async () => {
      assertRefused(await splitbrain([...args]), 254, message);
    });
  }

  it('should say that Docker does not answer, and what to do', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const result = await splitbrain(['test', 'raft', '--runtime', 'docker', ...out], { env });
    assertRefused(result, 255, /docker runtime cannot be used.*--runtime process/s);
  });

  it('should go on and keep its exit code when nobody reads what it says', async () => {
    const args = ['test', 'raft', '--variant', 'no-dedup', '--runtime', 'sim', '--time-limit', '10s'];
    for (const stream of ['stdout', 'stderr'] as const) {
      const started = (child: ChildProcess): void => void child[stream]?.destroy();
      const { code } = await splitbrain([...args, '--seed', '2', '--rate', '100', ...out], { started });
      assert.equal(code, 1, stream);
    }
    const valid = ['test', 'raft', '--runtime', 'sim', '--time-limit', '2s', '--seed', '1', ...out];
    const { code } = await splitbrain(valid, { started: (child) => void child.stderr?.destroy() });
    assert.equal(code, 0);
  });

  it('should name a node that never starts, with its last words', async () => {
    const path = file(
      'stillborn.ts',
      `import { defineTarget } from 'splitbrain';
       import { register } from 'splitbrain/workloads';
       export const node = { start() { throw new Error('no heart beats here'); } };
       export default defineTarget({ name: 'stillborn', summary: 'never starts', nodeModule: import.meta.url,
         nodes: 1, workloads: [register], claims: [] });`,
    );
    const result = await splitbrain(['test', path, '--runtime', 'process', '--nemesis', 'none', ...out]);
    assert.equal(result.code, 255);
    assert.match(result.stderr, /n1/);
    assert.match(result.stderr, /no heart beats here/);
    assert.doesNotMatch(result.stderr.replace(/"stack":.*/g, ''), STACK_TRACE);
  });

  it('should say that the disk under the store is full, and what to do', async function () {
    if (process.getuid?.() !== 0) {
      process.stdout.write('    skipped: mounting a small file system needs root\n');
      this.skip();
    }
    const small = join(scratch.path, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', small]);
    try {
      const args = [
        'test',
        'raft',
        '--runtime',
        'process',
        '--nemesis',
        'none',
        '--time-limit',
        '20s',
        '--out',
        small,
      ];
      const { code, stderr } = await splitbrain(args);
      assert.equal(code, 255, stderr);
      assert.match(stderr, /small.*the disk is full; free some space/);
      assert.doesNotMatch(stderr, STACK_TRACE);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('should accept what is right: the siblings of all of these', async () => {
    const args = ['test', 'raft', '--runtime', 'process', '--nemesis', 'slow-link:one', '--interval', '1s'];
    const result = await splitbrain([...args, '--time-limit', '3s', '--seed', '4', ...out]);
    assert.equal(result.code, 0, result.stderr + result.stdout);
  });
});
