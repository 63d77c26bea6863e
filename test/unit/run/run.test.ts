/** One test from set-up to verdict, on a cluster in memory: what is left when something goes wrong on the way. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '../../../harness/cluster/cluster.ts';
import { HarnessError, UsageError } from '../../../harness/errors.ts';
import type { Generator } from '../../../harness/generator/generator.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { readSchedule } from '../../../harness/run/given-faults.ts';
import { parseNemesis } from '../../../harness/run/nemesis-spec.ts';
import type { RunObserver } from '../../../harness/run/drive.ts';
import type { Reporter, RunRecord } from '../../../harness/run/reporter.ts';
import type { TestPlan } from '../../../harness/run/results.ts';
import { type TestRequest, runTest } from '../../../harness/run/run.ts';
import type { TraceSink } from '../../../harness/run/trace.ts';
import { faults, kill } from '../../../nemesis/index.ts';
import target from '../../fixtures/checked-target.ts';
import { FAKE_ABILITIES, FakeCluster } from '../../fixtures/fake-cluster.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

const MODULE = moduleBeside(import.meta.url, '../../fixtures/checked-target');
const NODES = ['n1', 'n2', 'n3'];

const [workload = assert.fail()] = target.workloads;
const plan: TestPlan = {
  ...sampleRecord({ valid: true, operations: 1 }).plan,
  workload: workload.name,
  nodes: NODES,
  concurrency: 2,
  rate: 200,
  timeLimitMs: 300,
  intervalMs: 100,
  operationTimeoutMs: 100,
};

describe('runTest', () => {
  let directory: string;
  let cluster: FakeCluster;
  let lines: string[];
  let stop: AbortController;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-run-'));
    cluster = new FakeCluster(NODES);
    lines = [];
    stop = new AbortController();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const observer: RunObserver = { phase: (line) => void lines.push(line), live: () => undefined };

  function run(changes: Partial<TestRequest> = {}, nemesis = 'none'): Promise<RunRecord> {
    const runtime: Runtime = {
      name: 'fake',
      summary: '',
      abilities: FAKE_ABILITIES,
      probe: () => Promise.resolve({ available: true, detail: '' }),
      create: () => cluster,
      reap: () => Promise.resolve([]),
    };
    return runTest({
      plan: { ...plan, nemesis },
      directory,
      target,
      targetModule: MODULE,
      workload,
      runtime,
      nemesis: parseNemesis(nemesis, { families: faults, runtime, nodes: NODES }),
      standardModule: MODULE,
      reporters: [],
      signal: stop.signal,
      observer,
      ...changes,
    });
  }

  const problems = ({ results }: RunRecord): string[] => results.harnessProblems.map(({ title }) => title);

  it('should pass, write its directory, and take the cluster down', async () => {
    const record = await run({}, 'partition:one');
    assert.deepEqual([record.results.valid, problems(record)], [true, []]);
    assert.equal(cluster.stopped, true);
    for (const file of ['test.json', 'history.jsonl', 'results.json', 'faults.json', 'harness.log'])
      assert.ok(existsSync(join(directory, file)), file);
  });

  it('should leave the faults that happened as a file that can be given again', async () => {
    const given = { family: 'kill', kind: 'one', trigger: { operations: 5 }, lastsMs: 100 };
    const killing = { nemesis: [{ family: kill, kinds: ['one'] }] };
    const first = await run({
      ...killing,
      faults: [given],
      plan: { ...plan, nemesis: 'kill', scheduleFile: 'f' },
    });
    const [record] = first.results.faults;
    assert.deepEqual([record?.trigger, record?.confirmed], ['after 5 operations', true]);
    const ground = { families: faults, runtime: { name: 'fake', abilities: FAKE_ABILITIES }, nodes: NODES };
    const left = readSchedule(join(directory, 'faults.json'), { ...ground, timeLimitMs: plan.timeLimitMs });
    assert.deepEqual(
      left.map(({ family, parameters }) => [family, parameters]),
      [['kill', record?.nodes]],
    );
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    const again = await run({
      ...killing,
      faults: left,
      plan: { ...plan, nemesis: 'kill', scheduleFile: 'f' },
    });
    assert.deepEqual(again.results.faults[0]?.nodes, record?.nodes);
  });

  it('should have no verdict when a fault is not seen to hold, and say which', async () => {
    cluster.leaky = true;
    const { results } = await run({}, 'partition:one');
    assert.equal(results.valid, 'unknown');
    assert.match(
      results.summary,
      /the fault partition:one at .* was injected, and no probe saw that it holds: 0 of 4/,
    );
    assert.deepEqual(results.harnessProblems, [], 'which is no failure of the harness');
  });

  it('should have in its history how each fault ended, also when it was healed after the time was over', async () => {
    const { history, results } = await run({}, 'pause:one');
    const invoked = (prefix: string): number =>
      history.filter(({ f, value }) => f.startsWith(prefix) && typeof value === 'object').length;
    assert.ok(results.faults.length > 0);
    assert.equal(invoked('stop-'), invoked('start-'));
    assert.ok(results.faults.every(({ healed, end }) => healed && end !== undefined));
  });

  it('should do what it is given, and write that down', async () => {
    const killing = {
      id: 4,
      start: 50,
      end: 150,
      plan: { family: 'kill', kind: 'one', parameters: ['n2'] },
    };
    const operations = [{ at: 20, thread: 1, f: 'read', value: 'given' }];
    const given = { schedule: [killing], operations, final: false };
    const { history, results } = await run({ given }, 'kill:one');
    const invoked = history.filter(({ type }) => type === 'invoke');
    assert.deepEqual(
      invoked.map(({ process, f, value }) => ({ process, f, value })),
      [{ process: 1, f: 'read', value: 'given' }],
    );
    assert.equal(results.faults.length, 1);
    const written = JSON.parse(readFileSync(join(directory, 'test.json'), 'utf8')) as object;
    assert.deepEqual(written, { ...plan, nemesis: 'kill:one', ...given });
  });

  it('should ask that a fault fires where they are drawn, and not where they are given one by one', async () => {
    const given = { schedule: [], final: false };
    const asked = await run({ given }, 'kill:one');
    assert.equal(asked.results.valid, 'unknown');
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    const free = await run({ given, plan: { ...plan, nemesis: 'kill', intervalMs: 0 } }, 'kill:one');
    assert.equal(free.results.valid, true);
  });

  it('should tell a trace when the test begins, and that it is over before anything is made of it', async () => {
    const seen: string[] = [];
    const trace: TraceSink = {
      begin: () => void seen.push('begin'),
      close: () => {
        seen.push('close');
        throw new HarnessError('no room');
      },
    };
    const reporter: Reporter = {
      name: 'late',
      file: 'x.txt',
      render: () => {
        seen.push('report');
        return '';
      },
    };
    const record = await run({ trace, reporters: [reporter] });
    assert.deepEqual(seen, ['begin', 'close', 'report']);
    assert.deepEqual(problems(record), ['The trace could not be written to its end']);
  });

  it('should end with what the program is refused for, whatever else comes of it, and close everything', async () => {
    const refuse = (): Promise<never> => Promise.reject(new UsageError('n1 calls Date.now()'));
    cluster.state = cluster.collect = refuse;
    cluster.stop = () => {
      cluster.stopped = true;
      return refuse();
    };
    const seen: string[] = [];
    const trace: TraceSink = { begin: () => void seen.push('begin'), close: () => void seen.push('close') };
    await assert.rejects(run({ trace }), { name: 'UsageError', message: 'n1 calls Date.now()' });
    assert.deepEqual([seen, cluster.stopped], [['begin', 'close'], true]);
    assert.ok(lines.includes('The test cannot go on: n1 calls Date.now()'));
    assert.equal(lines.at(-1), 'failed: n1 calls Date.now()');
  });

  it('should not pass when a fault cannot be healed', async () => {
    for (const node of NODES) cluster.mishaps.set(`restart ${node}`, 99);
    const record = await run({}, 'kill:one');
    assert.equal(record.results.valid, 'unknown');
    assert.ok(problems(record).includes('A fault operation failed'));
    assert.ok(problems(record).includes('The cluster was not whole after all faults were healed'));
    assert.match(record.results.summary, /No verdict/);
  });

  it('should not begin on a cluster that is not whole, and take it down', async () => {
    cluster.states.set('n2', 'down');
    await assert.rejects(run(), { name: 'HarnessError', message: /before the test began n2 did not answer/ });
    assert.equal(cluster.stopped, true);
    assert.ok(!existsSync(join(directory, 'results.json')));
  });

  it('should keep the verdict when a report fails, and write the other reports', async () => {
    const broken: Reporter = {
      name: 'broken',
      file: 'x.txt',
      render: () => Promise.reject(new Error('ink')),
    };
    const good: Reporter = { name: 'good', file: 'y.txt', render: () => 'good' };
    const record = await run({ reporters: [broken, good] });
    assert.equal(record.results.valid, true);
    assert.deepEqual(problems(record), ['The report broken could not be written']);
    assert.equal(readFileSync(join(directory, 'y.txt'), 'utf8'), 'good');
    assert.ok(lines.includes('The report broken could not be written: ink'));
  });

  it('should take the cluster down when the test cannot go on, and keep what there is', async () => {
    const broken: Generator = {
      next: () => {
        throw new HarnessError('out of ideas');
      },
      update: () => broken,
    };
    const stopped = run({ workload: { ...workload, generator: () => broken } });
    await assert.rejects(stopped, { name: 'HarnessError', message: 'out of ideas' });
    assert.equal(cluster.stopped, true);
    assert.deepEqual(
      [existsSync(join(directory, 'test.json')), lines.at(-1)],
      [true, 'failed: out of ideas'],
    );
  });

  it('should take the cluster down when its logs cannot be collected, and say so', async () => {
    cluster.collect = () => Promise.reject(new HarnessError('no logs'));
    const record = await run();
    assert.deepEqual(problems(record), ['Logs could not be collected']);
    assert.equal(cluster.stopped, true);
  });

  it('should end at once when it is interrupted just before the clients begin', async () => {
    cluster.start = () => {
      stop.abort();
      return Promise.resolve();
    };
    const record = await run({ plan: { ...plan, timeLimitMs: 60_000 } });
    assert.deepEqual([record.results.valid, problems(record)], ['unknown', ['Interrupted']]);
    assert.deepEqual(record.history, []);
  });

  it('should not wait for a cluster that is starting when it is interrupted, and take it down', async () => {
    cluster.start = () => new Promise(() => undefined);
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(run(), {
      name: 'HarnessError',
      message: /interrupted while the cluster was starting/,
    });
    assert.equal(cluster.stopped, true);
  });
});
