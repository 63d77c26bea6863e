/** Simulated runs that are followed: where one is stopped is part of the run, and the same for the same seed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcomeOf, recordedOf } from '../../../harness/explore/evaluate.ts';
import type { Kit } from '../../../harness/explore/kit.ts';
import { compareHistories, readEarlier } from '../../../harness/explore/replay.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { judge, simulate } from '../../../harness/explore/simulate.ts';
import { writeRun } from '../../../harness/explore/write-run.ts';
import { formatLine } from '../../../harness/history/jsonl.ts';
import type { History } from '../../../harness/history/operation.ts';
import { following, WRONG_FROM } from '../../fixtures/followed-target.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

const LIMIT_MS = 15_000;
const CHECK_MS = 10_000;

describe('simulated runs with --fail-fast', function () {
  this.timeout(60_000);
  let kit: Kit;
  const scratch = mkdtempSync(join(tmpdir(), 'splitbrain-fail-fast-'));
  before(async () => (kit = await kitOf('raft')));
  after(() => rmSync(scratch, { recursive: true, force: true }));

  const textOf = (history: History): string => history.map(formatLine).join('');
  const scenario = (variant?: string): Scenario => ({
    ...scenarioOf(kit, {
      seed: 3,
      rate: 100,
      timeLimitMs: LIMIT_MS,
      workload: 'register',
      nemesis: 'partition:leader',
      ...(variant === undefined ? {} : { variant }),
    }),
    failFast: true,
  });

  it('should stop at the first violation, with every fault healed, and be found invalid', async () => {
    const run = await simulate(scenario('local-reads'), kit);
    assert.equal(run.stopped?.checker, 'linearizable');
    assert.ok(run.stopped.time / 1e6 < LIMIT_MS / 2, JSON.stringify(run.stopped));
    assert.ok((run.history.at(-1)?.time ?? 0) / 1e6 < LIMIT_MS / 2);
    assert.ok(run.faults.length > 0 && run.faults.every(({ healed }) => healed));
    const judgement = await judge(run, kit, CHECK_MS);
    assert.deepEqual([judgement.valid, judgement.problems], [false, []]);
    // On its key it is certain with that entry, and without it is not. Another key may have gone wrong before: that is found when no
    // call on it is open any more.
    const { key, operation } = run.stopped;
    const valid = async (length: number): Promise<unknown> => {
      const history = run.history.slice(0, length).filter((entry) => entry.key === key);
      return (await judge({ ...run, history }, kit, CHECK_MS)).checks.find(
        ({ checker }) => checker === 'linearizable',
      )?.valid;
    };
    assert.equal(await valid(operation + 1), false);
    assert.equal(await valid(operation), true);
  });

  it('should go on to the end of a run in which nothing is wrong, as if nobody had looked', async () => {
    const followed = await simulate(scenario(), kit);
    assert.equal(followed.stopped, undefined);
    assert.ok((followed.history.at(-1)?.time ?? 0) / 1e6 > LIMIT_MS - 1000);
    const alone = await simulate({ ...scenario(), failFast: false }, kit);
    assert.equal(textOf(followed.history), textOf(alone.history));
    assert.equal(followed.checksum, alone.checksum);
  });

  it('should give the same bytes for the same seed, also with its operations written out', async () => {
    const first = await simulate(scenario('local-reads'), kit);
    const again = await simulate(scenario('local-reads'), kit);
    assert.equal(textOf(again.history), textOf(first.history));
    assert.deepEqual([again.checksum, again.stopped], [first.checksum, first.stopped]);
    const written = await simulate(recordedOf(first), kit);
    assert.equal(textOf(written.history), textOf(first.history));
    const other = await simulate({ ...scenario('local-reads'), seed: 'other' }, kit);
    assert.notEqual(textOf(other.history), textOf(first.history));
  });

  it('should be repeated from its directory, byte by byte', async () => {
    const options = { store: scratch, version: '0.0.0', reporters: [] };
    const { directory, record } = await writeRun(scenario('local-reads'), kit, options);
    assert.equal(record.results.valid, false);
    assert.ok(record.results.stopped !== undefined);
    const earlier = await readEarlier(directory);
    assert.deepEqual(earlier.scenario, scenario('local-reads'));
    const repeated = await writeRun(earlier.scenario, kit, options);
    assert.deepEqual(compareHistories(earlier, repeated.record.history), {
      same: true,
      entries: record.history.length,
    });
    assert.deepEqual(repeated.record.results.stopped, record.results.stopped);
  });

  it('should not be told as a failure, nor as a run in which little happened, when it was not confirmed', async () => {
    const [workload = assert.fail()] = kit.target.workloads;
    const mistaken = {
      ...kit,
      target: { ...kit.target, claims: [], workloads: [{ ...workload, checkers: [following('strict')] }] },
    };
    const run = await simulate({ ...scenario(), workload: workload.name }, mistaken);
    assert.equal(run.stopped?.operation, WRONG_FROM);
    const outcome = outcomeOf(run, await judge(run, mistaken, CHECK_MS), {});
    assert.deepEqual([outcome.valid, outcome.failure, outcome.thin], ['unknown', undefined, undefined]);
    assert.match(outcome.unknown ?? '', /stopped at a violation that was not confirmed/);
  });
});
