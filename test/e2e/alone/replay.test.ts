/** `splitbrain replay` as a user runs it: the same bytes in the simulator, the same operations elsewhere, and mistakes. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEarlier } from '../../../harness/explore/replay.ts';
import { writeRepro } from '../../../harness/explore/repro.ts';
import type { RunResults, TestPlan } from '../../../harness/run/results.ts';
import { readHistory } from '../../../harness/history/read.ts';
import { requireDocker } from '../../integration/docker/engine.ts';
import { splitbrain, temporaryDirectory, type CliResult } from '../cli.ts';
import { containersOf } from '../containers.ts';

/** Cut off, a leader that asks nobody before it answers a read is wrong with almost any seed. */
const TEST =
  'test raft --runtime sim --variant local-reads --workload kv --nemesis partition:leader --rate 100 --time-limit 10s --seed 3 --json'.split(
    ' ',
  );
/** As short as a run can be that has an operation of each kind, and a fault. */
const SHORT =
  'test raft --runtime sim --workload register --nemesis partition:one --interval 1s --nodes 3 --concurrency 5 --rate 40 --time-limit 2s --seed 2 --json'.split(
    ' ',
  );

interface Printed {
  readonly directory: string;
  readonly plan: TestPlan;
  readonly results: RunResults;
  readonly replay: { readonly comparison?: { readonly same: boolean; readonly entries?: number } };
}

describe('splitbrain replay', function () {
  this.timeout(120_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const store = join(scratch.path, 'store');
  const replay = (...args: string[]): Promise<CliResult> => splitbrain(['replay', ...args, '--out', store]);
  const printed = ({ stdout, stderr }: CliResult): Printed => {
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Printed;
  };

  let first: Printed;
  before(async () => {
    const result = await splitbrain([...TEST, '--out', store]);
    assert.equal(result.code, 1, result.stderr);
    first = printed(result);
  });

  it('should repeat a run to the byte, say so, and exit as it did', async () => {
    const { code, stdout } = await replay(first.directory);
    assert.equal(code, 1);
    const entries = (await readHistory(join(first.directory, 'history.jsonl'))).history.length.toLocaleString(
      'en-US',
    );
    assert.ok(stdout.includes(`the same history as on record, byte for byte: ${entries} entries`), stdout);
    assert.match(stdout, /Failure +as on record: linearizable fails/);
  });

  it('should trace the run into its directory and its report', async () => {
    const { directory, replay: told } = printed(await replay(first.directory, '--trace', '--json'));
    assert.equal(told.comparison?.same, true);
    assert.ok(existsSync(join(directory, 'trace.jsonl')));
    assert.match(readFileSync(join(directory, 'report.html'), 'utf8'), /<section id="messages"/);
    assert.doesNotMatch(readFileSync(join(first.directory, 'report.html'), 'utf8'), /<section id="messages"/);
    const again = await splitbrain(['report', directory, '--format', 'html']);
    assert.equal(again.code, 0, again.stderr);
    assert.match(readFileSync(join(directory, 'report.html'), 'utf8'), /<section id="messages"/);
  });

  it('should name the first entry that is not as on record', async () => {
    const path = join(scratch.path, 'changed');
    const changed = printed(await splitbrain([...TEST, '--out', path])).directory;
    const history = join(changed, 'history.jsonl');
    writeFileSync(history, readFileSync(history, 'utf8').replace('{"index":5,', '{"index": 5,'));
    const { code, stdout } = await replay(changed);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /NOT the history on record, from entry 5 on:\n +then: \{"index": 5,.*\n +now: +\{"index":5,/,
    );
  });

  it('should repeat a repro.json as often as it is asked to, and prove that it is deterministic', async () => {
    const { scenario, failure } = await readEarlier(first.directory);
    assert.ok(failure !== undefined);
    const repro = writeRepro(scratch.path, { scenario, failure });
    const { code, stdout, stderr } = await replay(repro, '--times', '3', '--verify-determinism');
    assert.equal(code, 1, stderr);
    assert.match(
      stdout,
      /Failure +as on record: linearizable fails\nRepeated +3 of 3 runs failed, all with the same history/,
    );
    const mended = writeRepro(scratch.path, { scenario: withoutVariant(scenario), failure });
    const passes = await replay(mended);
    assert.equal(passes.code, 0, passes.stdout);
    assert.match(passes.stdout, /Failure +not as on record: linearizable failed then, and does not now/);
  });

  it('should do the operations and faults of a run on another runtime, and count what showed', async () => {
    const { directory } = printed(await splitbrain([...SHORT, '--out', store]));
    const result = await replay(directory, '--runtime', 'process', '--times', '2');
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const lines = result.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? '', /^run 1 of 2 +PASS +\//);
    assert.equal(lines[2], 'A violation showed in 0 of 2 runs on process');
    const there = lines[1]?.split(/ +/).at(-1) ?? '';
    await requireSameOperations(there, directory);
  });

  describe('in containers', () => {
    before(requireDocker);

    it('should do the same operations and faults there, and leave nothing running', async () => {
      const { directory, results } = printed(await splitbrain([...SHORT, '--out', store]));
      const result = await replay(directory, '--runtime', 'docker', '--times', '1', '--json');
      const real = printed(result);
      assert.equal(result.code, 0, result.stderr);
      await requireSameOperations(real.directory, directory);
      // A machine that is slow to cut may come to fewer faults before the time is over, but to no other.
      const partitions = ({ faults }: RunResults): string[] =>
        faults
          .filter(({ family }) => family === 'partition')
          .map(({ kind, confirmed }) => `${kind} ${confirmed}`);
      const there = partitions(real.results);
      assert.ok(there.length > 0);
      assert.deepEqual(there, partitions(results).slice(0, there.length));
      assert.match(real.plan.command, /replay .* --runtime docker --times 1$/);
      assert.deepEqual(await containersOf(real.plan.runId), []);
    });
  });

  describe('given what cannot be', () => {
    const refused = async (message: RegExp, ...args: string[]): Promise<void> => {
      const { code, stderr, stdout } = await replay(...args);
      assert.deepEqual([code, stdout], [254, ''], stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n +at /, 'no stack trace');
    };

    it('should say what would be right', async () => {
      await refused(
        /there is nothing at .*nowhere; name the directory of a run/,
        join(scratch.path, 'nowhere'),
      );
      await refused(/has no test\.json/, scratch.path);
      await refused(/there is no runtime "moon"/, first.directory, '--runtime', 'moon');
      await refused(/--times: expected a whole number/, first.directory, '--times', '0');
      await refused(/--trace: only the simulator/, first.directory, '--runtime', 'process', '--trace');
      await refused(
        /--verify-determinism: only the simulator/,
        first.directory,
        '--runtime',
        'process',
        '--verify-determinism',
      );
    });

    it('should name file and field of what is malformed', async () => {
      const repro = join(scratch.path, 'broken.json');
      writeFileSync(repro, '{}');
      await refused(/broken\.json: splitbrainRepro: /, repro);
      const plan = join(first.directory, 'test.json');
      const text = readFileSync(plan, 'utf8');
      writeFileSync(plan, text.replace('"variant": "local-reads"', '"variant": "gone"'));
      await refused(/test\.json: variant: raft has no variant "gone" now; it has /, first.directory);
      writeFileSync(plan, text.replace('"operationTimeoutMs": 3000', '"operationTimeoutMs": "3s"'));
      await refused(/test\.json: operationTimeoutMs: /, first.directory);
      appendFileSync(plan, '}');
      await refused(/test\.json: not readable as JSON/, first.directory);
    });
  });
});

function withoutVariant<S extends { readonly variant?: string }>({
  variant: _,
  ...rest
}: S): Omit<S, 'variant'> {
  return rest;
}

/** Of the operations of a test most are done again; a thread whose operation hangs longer than then comes to fewer. */
async function requireSameOperations(again: string, first: string): Promise<void> {
  const before = new Set(await operationsIn(first));
  const now = await operationsIn(again);
  assert.ok(now.length > before.size / 2, `${now.length} of ${before.size}`);
  assert.deepEqual(
    now.filter((operation) => !before.has(operation)),
    [],
  );
}

/** What clients did during the test, thread by thread. */
async function operationsIn(directory: string): Promise<string[]> {
  const { history } = await readHistory(join(directory, 'history.jsonl'));
  const plan = JSON.parse(readFileSync(join(directory, 'test.json'), 'utf8')) as TestPlan;
  return history
    .filter(({ type, time }) => type === 'invoke' && time < plan.timeLimitMs * 1e6)
    .map(({ process, f, key, value }) => JSON.stringify([Number(process) % plan.concurrency, f, key, value]));
}
