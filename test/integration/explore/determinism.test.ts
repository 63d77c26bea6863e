/** Whether two runs of a scenario are the same, and where they part when they are not. */
import assert from 'node:assert/strict';
import { requireDeterminism, verifyDeterminism } from '../../../harness/explore/determinism.ts';
import { UsageError } from '../../../harness/errors.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { simulate } from '../../../harness/explore/simulate.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

const TARGET = moduleBeside(import.meta.url, '../../fixtures/rumour-target');
const kit = await kitOf(TARGET);

function scenario(changes: { readonly variant?: string; readonly workload?: string } = {}): Scenario {
  return {
    ...scenarioOf(kit, { seed: 1, timeLimitMs: 2000, rate: 50, nemesis: 'none', ...changes }),
    target: TARGET,
  };
}

/** Where the runs part. */
async function reportOn(changes: { readonly variant?: string; readonly workload?: string }): Promise<string> {
  const found = await verifyDeterminism(scenario(changes), kit);
  if (found.repeatable) assert.fail(`repeatable: ${found.events} events`);
  return found.report;
}

describe('verifying determinism', function () {
  this.timeout(30_000);

  it('should find a program repeatable that keeps its state to itself', async () => {
    const found = await verifyDeterminism(scenario(), kit);
    if (!found.repeatable) assert.fail(found.report);
    assert.ok(found.events > 200);
    assert.equal(found.operations, 80);
    assert.match(found.checksum, /^[0-9a-f]{8}$/);
  });

  it('should find Raft repeatable under partitions, kills and pauses', async () => {
    const raft = await kitOf('raft');
    const line = await requireDeterminism(scenarioOf(raft, { seed: 1, timeLimitMs: 5000, rate: 100 }), raft);
    assert.match(line, /^repeatable: \d+ events and \d+ entries of history, twice the same/);
  });

  it('should not judge runs that were interrupted', async () => {
    const stopped = AbortSignal.abort();
    assert.match(
      await requireDeterminism(scenario({ variant: 'counter' }), kit, stopped),
      /^interrupted before/,
    );
  });

  it('should name the first event that differs when answers do, with twenty before it', async () => {
    const report = await reportOn({ variant: 'counter' });
    const [head, , ...rest] = report.split('\n');
    assert.match(head ?? '', /^They part at event \d+\. In both runs, until then:$/);
    const shown = rest.slice(0, rest.indexOf('then in the first run:'));
    assert.equal(shown.length, 18);
    for (const line of shown) assert.match(line, /^ {2}\d+\.\d{9} s {2}\w+ (harness|n\d)/);
    assert.match(
      report,
      /then in the first run:\n {2}(.* s {2}reply n\d answer)\n[^]*and in the second:\n {2}\1\n/,
    );
    assert.match(report, /The event is the same, but what comes with it .* is not\./);
    assert.match(report, /a variable at the top of a\nmodule/);
  });

  it('should name the first event that differs when a node iterates over what an earlier run left', async () => {
    const report = await reportOn({ variant: 'order' });
    assert.match(report, /message n\d>n\d rumour/);
    const [, first, second] = /first run:\n(.*)\n[^]*in the second:\n(.*)\n/.exec(report) ?? [];
    assert.notEqual(first, undefined);
    assert.notEqual(first, second);
  });

  it('should name the first entry of the history that differs when all events are the same', async () => {
    const report = await reportOn({ workload: 'peek' });
    assert.match(
      report,
      /^All \d+ events are the same; the histories part at entry \d+:\n {2}first run: {2}\{.*"peek".*\n/,
    );
  });

  it('should end a run with the refusal of its program, also where that was swallowed', async () => {
    const swallowing = scenario({ variant: 'clock', workload: 'swallow' });
    for (const attempt of [simulate, verifyDeterminism]) {
      await assert.rejects(attempt(swallowing, kit), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /forbidden-node\.ts:\d+: n\d calls \S+\(\), which is/);
        return true;
      });
    }
  });

  it('should make it the error of a command', async () => {
    await assert.rejects(requireDeterminism(scenario({ variant: 'counter' }), kit), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^two runs of the same scenario, seed 1, differ\.\nThey part at event/);
      return true;
    });
  });
});
