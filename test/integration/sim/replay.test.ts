/** Simulated runs written to directories, and done again from them: the same bytes each time. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedOf } from '../../../harness/explore/evaluate.ts';
import type { Kit } from '../../../harness/explore/kit.ts';
import { compareHistories, readEarlier } from '../../../harness/explore/replay.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { judge, simulate } from '../../../harness/explore/simulate.ts';
import { writeRun, type WriteRunOptions, type WrittenRun } from '../../../harness/explore/write-run.ts';
import { formatLine } from '../../../harness/history/jsonl.ts';
import { pairCalls, type History } from '../../../harness/history/operation.ts';
import { equal, isJsonObject } from '../../../harness/json.ts';
import { loadRun } from '../../../harness/store/load.ts';
import { reporters } from '../../../reports/index.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

const textOf = (history: History): string => history.map(formatLine).join('');

describe('replaying simulated runs', function () {
  this.timeout(60_000);
  let kit: Kit;
  let generated: Scenario;
  const store = mkdtempSync(join(tmpdir(), 'splitbrain-replay-'));
  before(async () => {
    kit = await kitOf('raft');
    const options = { seed: 3, variant: 'local-reads', rate: 100, timeLimitMs: 6000 };
    generated = { ...scenarioOf(kit, options), progressLimitMs: 10_000 };
  });
  after(() => rmSync(store, { recursive: true, force: true }));

  function write(scenario: Scenario, options: Partial<WriteRunOptions> = {}): Promise<WrittenRun> {
    return writeRun(scenario, kit, { store, version: '0.0.0', reporters: [], ...options });
  }

  it('should write the run that is simulated in memory, with its verdict', async () => {
    const run = await simulate(generated, kit);
    const { directory, record } = await write(generated, { reporters });
    assert.equal(readFileSync(join(directory, 'history.jsonl'), 'utf8'), textOf(run.history));
    assert.equal(record.results.valid, (await judge(run, kit, 10_000)).valid);
    assert.match(
      readFileSync(join(directory, 'harness.log'), 'utf8'),
      new RegExp(`checksum ${run.checksum}\\n`),
    );
    for (const file of [
      'test.json',
      'results.json',
      'report.html',
      'junit.xml',
      'harness.log',
      'nodes/n1/node.log',
    ])
      assert.ok(existsSync(join(directory, file)), file);
    assert.ok(!existsSync(join(directory, 'trace.jsonl')));
    assert.ok(record.plan.command.endsWith(`replay ${directory}`), record.plan.command);
  });

  it('should repeat a generated run and a written-out one from their directories, byte by byte', async () => {
    const written = recordedOf(await simulate(generated, kit));
    const calm = { ...generated, faults: [], final: false, progressLimitMs: 0 };
    const slow = { ...calm, settings: { ...calm.settings, loss: 0.02, latencyMs: { constant: 3 } } };
    for (const scenario of [generated, written, slow]) {
      const { directory, record } = await write(scenario);
      const earlier = await readEarlier(directory);
      assert.deepEqual(earlier.scenario, scenario);
      const again = await write(earlier.scenario);
      assert.deepEqual(compareHistories(earlier, again.record.history), {
        same: true,
        entries: record.history.length,
      });
    }
  });

  it('should not repeat another seed', async () => {
    const { directory } = await write(generated);
    const other = await simulate({ ...generated, seed: 'other' }, kit);
    assert.equal(compareHistories(await readEarlier(directory), other.history).same, false);
  });

  it('should trace what happened and change nothing by looking', async () => {
    const halved = scenarioOf(kit, { seed: 3, rate: 100, timeLimitMs: 6000, nemesis: 'partition:halves' });
    const plain = await write(halved);
    const traced = await write(halved, { trace: true });
    assert.equal(textOf(traced.record.history), textOf(plain.record.history));
    const entries = [...((await loadRun(traced.directory)).trace ?? [])];
    const times = entries.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok((times[0] ?? 0) < 0, 'the nodes booted before the test began');
    const sent = entries.filter(({ what }) => what === 'send').length;
    const ended = entries.filter(({ what }) => what === 'deliver' || what === 'drop').length;
    assert.ok(sent > 500 && ended <= sent && ended > sent * 0.99, `${sent} sent, ${ended} ended`);
    const cut = entries.filter((entry) => entry.what === 'drop' && entry.why === 'cut');
    assert.ok(cut.length > 0, 'a partition cut messages off');
    const down = entries.filter((entry) => entry.what === 'drop' && entry.why === 'down');
    assert.deepEqual(down, [], 'no node was killed, and the end of the cluster is no part of the run');
    const asked = new Set(entries.flatMap((entry) => (entry.what === 'request' ? [entry.path] : [])));
    assert.ok(asked.has('read') && asked.has('write'), [...asked].join());
  });

  it('should have the request of each acknowledged write between its beginning and its end', async () => {
    const { record } = await write(generated, { trace: true });
    const requests = [...(record.trace ?? [])].filter((entry) => entry.what === 'request');
    const writes = pairCalls(record.history).filter(
      ({ invoke, completion }) => invoke.f === 'write' && completion?.type === 'ok',
    );
    assert.ok(writes.length > 10);
    for (const { invoke, completion } of writes) {
      const meanwhile = requests.filter(({ time }) => time > invoke.time && time < (completion?.time ?? 0));
      const own = meanwhile.filter(
        ({ path, body }) =>
          path === 'write' && isJsonObject(body) && equal(body['value'] ?? null, invoke.value),
      );
      assert.ok(own.length > 0, JSON.stringify(invoke));
    }
  });
});
