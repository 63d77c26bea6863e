/** What generated tests assert: nothing while it is mended, and never that of another program than the one named. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertMended } from '../../../harness/explore/mended.ts';
import { writeRepro } from '../../../harness/explore/repro.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

describe('assertMended', () => {
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-mended-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function write(changes: Partial<Scenario>): Promise<string> {
    const options = { seed: 1, nemesis: 'none', timeLimitMs: 1000, rate: 10 };
    const scenario = { ...scenarioOf(await kitOf('raft'), options), ...changes };
    return writeRepro(directory, { scenario, failure: { kind: 'linearizable', summary: 'No order.' } });
  }

  it('should accept a run in which nothing fails', async () => {
    await assertMended(await write({}));
  });

  it('should refuse a run of what is no longer there, rather than run something else', async () => {
    for (const [changes, message] of [
      [{ variant: 'gone' }, /repro\.json: variant: raft has no variant "gone"/],
      [{ target: 'gone' }, /repro\.json: target: there is no target "gone"/],
    ] as const)
      await assert.rejects(assertMended(await write(changes)), { name: 'UsageError', message });
  });
});
