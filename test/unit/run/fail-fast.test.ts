/** A run that is followed, on a cluster in memory: stopped at a violation, and by nothing else that a check does. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '../../../harness/cluster/cluster.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { findWorkload } from '../../../harness/run/load-target.ts';
import { parseNemesis } from '../../../harness/run/nemesis-spec.ts';
import type { RunRecord } from '../../../harness/run/reporter.ts';
import type { RunResults, TestPlan } from '../../../harness/run/results.ts';
import { runTest } from '../../../harness/run/run.ts';
import { clients, op, repeat } from '../../../harness/generator/index.ts';
import { loadRun } from '../../../harness/store/load.ts';
import { faults } from '../../../nemesis/index.ts';
import { FAKE_ABILITIES, FakeCluster } from '../../fixtures/fake-cluster.ts';
import target, { WRONG_FROM } from '../../fixtures/followed-target.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

const MODULE = moduleBeside(import.meta.url, '../../fixtures/followed-target');
const NODES = ['n1', 'n2', 'n3'];
const LIMIT_MS = 10_000;

describe('a run with --fail-fast', () => {
  let directory: string;
  let cluster: FakeCluster;
  let lines: string[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-fail-fast-'));
    cluster = new FakeCluster(NODES);
    lines = [];
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function run(workload: string, changes: Partial<TestPlan> = {}, nemesis = 'none'): Promise<RunRecord> {
    const runtime: Runtime = {
      name: 'fake',
      summary: '',
      abilities: FAKE_ABILITIES,
      probe: () => Promise.resolve({ available: true, detail: '' }),
      create: () => cluster,
      reap: () => Promise.resolve([]),
    };
    const plan = {
      ...sampleRecord({ valid: true, operations: 1 }).plan,
      workload,
      nemesis,
      nodes: NODES,
      concurrency: 2,
      rate: 200,
      timeLimitMs: LIMIT_MS,
      intervalMs: 100,
      operationTimeoutMs: 100,
      failFast: true,
      ...changes,
    };
    return runTest({
      plan,
      directory,
      target,
      targetModule: MODULE,
      workload: {
        ...findWorkload(target, workload),
        finalGenerator: () => clients(repeat(op('read', 'last'), 1)),
      },
      runtime,
      nemesis: parseNemesis(nemesis, { families: faults, runtime, nodes: NODES }),
      standardModule: MODULE,
      reporters: [],
      signal: new AbortController().signal,
      observer: { phase: (line) => void lines.push(line), live: () => undefined },
    });
  }

  const isFinal = ({ value }: RunRecord['history'][number]): boolean => value === 'last';

  it('should be stopped at the first violation, all healed, and found invalid', async () => {
    const { results, history } = await run('strict:invalid', {}, 'partition:one');
    assert.equal(results.valid, false);
    const { stopped, faults: injected, harnessProblems } = results;
    assert.deepEqual(harnessProblems, []);
    assert.ok(stopped !== undefined && stopped.time / 1e6 < LIMIT_MS / 2, JSON.stringify(stopped));
    assert.deepEqual(
      { ...stopped, time: 0 },
      {
        checker: 'strict',
        operation: WRONG_FROM,
        key: 7,
        time: 0,
        why: `key 7 fails the check "strict" up to index ${WRONG_FROM}`,
      },
    );
    assert.ok(results.durationNs / 1e6 < LIMIT_MS / 2);
    assert.ok(injected.every(({ healed }) => healed));
    assert.equal(history.some(isFinal), false, 'no final operations');
    assert.equal(cluster.stopped, true);
    assert.ok(lines.includes(`stopping: ${stopped.why}`), lines.join('\n'));
    assert.match(results.summary, /failed|broke/);
    assert.match(results.summary, /and was stopped after [\d.]+ m?s\./);
    const written = JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8')) as RunResults;
    assert.deepEqual(written.stopped, stopped);
    assert.equal((await loadRun(directory)).plan.failFast, true);
  });

  it('should go on to its end where nothing is wrong, and without --fail-fast in any case', async () => {
    const short = { timeLimitMs: 300 };
    const content = await run('content', short);
    assert.equal(content.results.valid, true);
    assert.deepEqual([content.results.stopped, content.results.notes], [undefined, undefined]);
    assert.ok(content.history.some(isFinal));
    rmSync(join(directory, 'history.jsonl'));
    const unasked = await run('strict:invalid', { ...short, failFast: false });
    assert.equal(unasked.results.valid, false);
    assert.equal(unasked.results.stopped, undefined);
    assert.ok(unasked.history.length > 2 * WRONG_FROM && unasked.history.some(isFinal));
  });

  it('should not be stopped by a check that has no say under its faults', async () => {
    const { results } = await run('strict:invalid', { timeLimitMs: 300 }, 'kill:one');
    assert.equal(results.stopped, undefined);
    assert.equal(results.valid, true);
  });

  it('should say plainly that a violation was not confirmed, and not pass', async () => {
    const { results } = await run('strict:valid');
    assert.equal(results.valid, 'unknown');
    assert.ok(results.stopped !== undefined);
    const [problem] = results.harnessProblems;
    assert.equal(problem?.title, 'The run was stopped at a violation that was not confirmed');
    assert.match(problem.explanation, /said that key 7 fails .* the whole history says: strict says true\./);
  });

  for (const [name, note] of [
    ['throwing', /"throwing" did not follow the run to its end, for it failed at entry 20: lost my way/],
    ['busy', /followed by "busy", which had looked at 0 of \d+ entries/],
    ['leaving', /followed by "leaving" for its first 0 entries only/],
  ] as const) {
    it(`should be neither stopped nor failed by a check that is ${name}, and have a note of it`, async () => {
      const { results, history } = await run(name, { timeLimitMs: 700 });
      assert.deepEqual([results.valid, results.stopped, results.harnessProblems], [true, undefined, []]);
      assert.equal(results.notes?.length, 1);
      assert.match(results.notes[0] ?? '', note);
      assert.ok(lines.includes(results.notes[0] ?? ''));
      assert.ok(history.some(isFinal));
    });
  }
});
