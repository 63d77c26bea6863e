/** Simulated tests from the command line: virtual seconds, and the same history from every process. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResults } from '../../harness/run/results.ts';
import { splitbrain, temporaryDirectory } from './cli.ts';

const COMMAND = 'test raft --runtime sim --workload register --rate 100 --time-limit 20s --json'.split(' ');

interface Run {
  readonly code: number | null;
  readonly results: RunResults;
  readonly history: string;
  readonly log: string;
}

describe('splitbrain test --runtime sim', function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();
  after(() => directory.remove());

  async function run(...more: string[]): Promise<Run> {
    const { code, stdout, stderr } = await splitbrain([...COMMAND, ...more, '--out', directory.path]);
    assert.notEqual(stdout, '', stderr);
    const written = JSON.parse(stdout) as { directory: string; results: RunResults };
    const read = (file: string): string => readFileSync(join(written.directory, file), 'utf8');
    return { code, results: written.results, history: read('history.jsonl'), log: read('harness.log') };
  }

  const checksumIn = ({ log }: Run): string | undefined => /checksum ([0-9a-f]{8})/.exec(log)?.[1];

  it('should write the same history in every process for the same seed, and another for another', async () => {
    const [first, again, other] = [
      await run('--seed', '5'),
      await run('--seed', '5'),
      await run('--seed', '6'),
    ];
    assert.equal(first.code, 0);
    assert.equal(first.results.valid, true);
    assert.ok(first.results.durationNs > 19e9, 'virtual seconds');
    assert.equal(again.history, first.history);
    assert.notEqual(other.history, first.history);
    assert.equal(checksumIn(again), checksumIn(first));
    assert.notEqual(checksumIn(other), checksumIn(first));
  });

  const leaky = (variant: string, workload: string): readonly string[] => [
    ...`test test/fixtures/rumour-target.ts --runtime sim --nemesis none --rate 100 --seed 3`.split(' '),
    ...['--variant', variant, '--workload', workload, '--out', directory.path],
  ];

  it('should exit 254 for a node that uses real time, with file, line, call and remedy', async () => {
    const { code, stderr } = await splitbrain(leaky('clock', 'swallow'));
    assert.equal(code, 254);
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    assert.match(
      last,
      /^splitbrain: .*forbidden-node\.ts:\d+: n\d calls \S+\(\), which is .*: use context\.\w+\.$/,
    );
    assert.doesNotMatch(stderr, /^ {4}at /m);
  });

  it('should prove with --verify-determinism that the run it makes is repeatable', async () => {
    const run = await splitbrain([
      ...COMMAND.filter((word) => word !== '--json'),
      ...['--seed', '5', '--verify-determinism', '--out', directory.path],
    ]);
    assert.equal(run.code, 0, run.stderr);
    const [, verified] =
      /repeatable: \d+ events.*twice the same \(checksum ([0-9a-f]{8})\)/.exec(run.stderr) ?? [];
    const [, simulated] = /simulated .* events, checksum ([0-9a-f]{8})/.exec(run.stderr) ?? [];
    assert.notEqual(verified, undefined);
    assert.equal(verified, simulated);
  });

  it('should exit 254 with --verify-determinism for a program that is not, and name the first difference', async () => {
    const { code, stdout, stderr } = await splitbrain([
      ...leaky('counter', 'rumours'),
      '--verify-determinism',
    ]);
    assert.equal(code, 254);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^splitbrain: two runs of the same scenario, seed 3, differ\.\nThey part at event \d+/m,
    );
    const unasked = await splitbrain(leaky('counter', 'rumours'));
    assert.doesNotMatch(unasked.stderr, /differ/);
  });

  it('should refuse --verify-determinism where nothing is repeated to the byte', async () => {
    const { code, stderr } = await splitbrain([
      'test',
      'raft',
      '--runtime',
      'process',
      '--verify-determinism',
    ]);
    assert.equal(code, 254);
    assert.match(stderr, /^splitbrain: --verify-determinism: .*use --runtime sim\n$/);
  });

  it('should exit 1 for a broken variant', async () => {
    const { code, results } = await run('--seed', '1', '--variant', 'early-ack');
    assert.equal(code, 1);
    assert.equal(results.valid, false);
  });
});
