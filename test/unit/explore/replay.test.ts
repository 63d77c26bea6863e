/** What an earlier run left, read back as a scenario; and histories compared with those on record. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS } from '../../../harness/cluster/sim/options.ts';
import { UsageError } from '../../../harness/errors.ts';
import {
  compareHistories,
  kitFor,
  readEarlier,
  requireFitting,
  type Earlier,
} from '../../../harness/explore/replay.ts';
import { formatLine } from '../../../harness/history/jsonl.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';
import { kitOf } from '../../fixtures/simulate.ts';

const record = sampleRecord({ valid: false, operations: 300 });
const SCHEDULE = [
  { id: 0, start: 100, end: 900, plan: { family: 'kill', kind: 'leader', parameters: { nth: 1 } } },
];
const HISTORY = record.history.map(formatLine).join('');

describe('reading what an earlier run left', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'splitbrain-replay-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** A run directory whose plan differs in this. */
  function write(changes: JsonObject, files: { history?: string; results?: boolean } = {}): void {
    const plan = { ...record.plan, runtime: 'sim', schedule: SCHEDULE, ...changes };
    writeFileSync(join(directory, 'test.json'), JSON.stringify(plan));
    writeFileSync(join(directory, 'history.jsonl'), files.history ?? HISTORY);
    if (files.results !== false)
      writeFileSync(join(directory, 'results.json'), JSON.stringify(record.results));
  }

  it('should give the scenario of a simulated run, which generates its operations again', async () => {
    const settings = { ...DEFAULT_SETTINGS, loss: 0.25 };
    write({ settings, progressLimitMs: 7000 });
    const { scenario, history, complete, asked, failure } = await readEarlier(directory);
    assert.deepEqual(scenario.faults, SCHEDULE);
    assert.deepEqual(scenario.settings, settings);
    const { seed, variant, rate, final, progressLimitMs, operations } = scenario;
    assert.deepEqual([seed, variant, rate, final], ['1', 'local-reads', 200, true]);
    assert.deepEqual([progressLimitMs, operations], [7000, undefined]);
    assert.deepEqual([history, complete], [HISTORY, true]);
    assert.deepEqual(asked, { nemesis: 'partition,kill,pause', intervalMs: 5000 });
    assert.equal(failure?.kind, 'linearizable');
  });

  it('should take operations that were given one by one as they are', async () => {
    const operations = [{ at: 5, thread: 2, f: 'read', value: null, key: 'x' }];
    write({ operations, final: false, intervalMs: 0 });
    const { scenario, asked } = await readEarlier(directory);
    assert.deepEqual([scenario.operations, scenario.final, scenario.rate], [operations, false, undefined]);
    assert.equal(asked, undefined);
  });

  it('should take the operations of a run in containers from its history, and promise no bytes', async () => {
    write({ runtime: 'docker' });
    const { scenario, history, notes } = await readEarlier(directory);
    const invoked = record.history.filter(({ type }) => type === 'invoke');
    assert.deepEqual(
      scenario.operations?.map(({ f, value }) => [f, value]),
      invoked.map(({ f, value }) => [f, value]),
    );
    assert.deepEqual([history, scenario.rate], [undefined, undefined]);
    assert.match(notes.join(), /recorded on docker: .* not on record/);
  });

  it('should read the directory by its test.json and through a link, and call it by its own name', async () => {
    write({});
    const link = `${directory}-latest`;
    symlinkSync(directory, link);
    try {
      for (const path of [join(directory, 'test.json'), link])
        assert.equal((await readEarlier(path)).path, directory);
    } finally {
      rmSync(link);
    }
  });

  it('should know a run that was killed by its missing results', async () => {
    write({}, { results: false });
    const { complete, failure } = await readEarlier(directory);
    assert.deepEqual([complete, failure], [false, undefined]);
  });

  const flawed: readonly [what: string, changes: JsonObject, message: RegExp][] = [
    ['no schedule', { schedule: null }, /test\.json: schedule: /],
    ['a fault without its end', { schedule: [{ id: 0, start: 1 }] }, /test\.json: schedule\.0\.end: /],
    ['a node twice', { nodes: ['n1', 'n1'] }, /test\.json: nodes: each node once/],
    ['a setting that there is not', { settings: { lossy: 1 } }, /test\.json: settings: .*lossy/],
    ['a loss of more than all', { settings: { loss: 2 } }, /test\.json: settings: loss: /],
    ['no time-out', { operationTimeoutMs: 'soon' }, /test\.json: operationTimeoutMs: /],
  ];
  for (const [what, changes, message] of flawed) {
    it(`should refuse a plan with ${what}, and name the field`, async () => {
      write(changes);
      await assert.rejects(
        readEarlier(directory),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('should refuse what is no run, and say what would be one', async () => {
    await assert.rejects(readEarlier(directory), { name: 'UsageError', message: /has no test\.json/ });
    const path = join(directory, 'nowhere');
    await assert.rejects(readEarlier(path), { name: 'UsageError', message: /nothing at .*nowhere; name/ });
    const file = join(directory, 'repro.json');
    writeFileSync(file, '{"splitbrainRepro":');
    await assert.rejects(readEarlier(file), { name: 'UsageError', message: /repro\.json/ });
    mkdirSync(join(directory, 'empty'));
    await assert.rejects(readEarlier(join(directory, 'empty')), { name: 'UsageError' });
  });

  it('should refuse a schedule that is not there at all', async () => {
    const { ...plan } = { ...record.plan, runtime: 'sim' };
    writeFileSync(join(directory, 'test.json'), JSON.stringify(plan));
    writeFileSync(join(directory, 'history.jsonl'), HISTORY);
    await assert.rejects(readEarlier(directory), {
      name: 'UsageError',
      message: /test\.json: schedule: is missing/,
    });
  });

  it('should require that the target still has what the scenario names', async () => {
    write({ target: 'raft', workload: 'kv' });
    const earlier = await readEarlier(directory);
    const kit = await kitOf('raft');
    requireFitting(earlier, kit);
    const { scenario } = earlier;
    const [fault = assert.fail()] = scenario.faults;
    const alien = { ...fault, plan: { ...fault.plan, family: 'flood' } };
    const refused: readonly [Earlier['scenario'], RegExp][] = [
      [{ ...scenario, variant: 'gone' }, /variant: raft has no variant "gone" now; it has .*local-reads/],
      [{ ...scenario, workload: 'gone' }, /workload: raft has no workload "gone" now; it has kv/],
      [{ ...scenario, faults: [alien] }, /faults: there is no fault family "flood"; there are partition/],
    ];
    for (const [changed, message] of refused)
      assert.throws(() => requireFitting({ ...earlier, scenario: changed }, kit), {
        name: 'UsageError',
        message,
      });
  });

  it('should give what it is run with, or be refused with the file that names what is gone', async () => {
    write({ target: 'raft', workload: 'kv' });
    const earlier = await readEarlier(directory);
    assert.equal((await kitFor(earlier)).target.name, 'raft');
    for (const [changes, message] of [
      [{ target: 'gone' }, /test\.json: target: there is no target "gone"/],
      [{ target: './gone.ts' }, /test\.json: target: there is no file .*gone\.ts/],
      [{ variant: 'gone' }, /test\.json: variant: raft has no variant "gone"/],
    ] as const) {
      const changed = { ...earlier, scenario: { ...earlier.scenario, ...changes } };
      await assert.rejects(kitFor(changed), { name: 'UsageError', message });
    }
  });
});

describe('comparing histories', () => {
  const { history } = record;
  const entries = history.length;

  it('should find the same history the same', () => {
    assert.deepEqual(compareHistories({ history: HISTORY, complete: true }, history), {
      same: true,
      entries,
    });
  });

  it('should name the first entry that differs, with both sides', () => {
    const changed = history.map((entry) => (entry.index === 7 ? { ...entry, time: entry.time + 1 } : entry));
    const comparison = compareHistories({ history: HISTORY, complete: true }, changed);
    assert.ok(!comparison.same);
    assert.equal(comparison.entry, 7);
    const timeIn = (line = ''): number => (JSON.parse(line) as Operation).time;
    assert.equal(timeIn(comparison.now), timeIn(comparison.before) + 1);
  });

  it('should name the end of the shorter one', () => {
    const shorter = history.slice(0, -1);
    const ended = compareHistories({ history: HISTORY, complete: true }, shorter);
    assert.deepEqual(
      [ended.same, !ended.same && ended.entry, !ended.same && ended.now],
      [false, entries - 1, undefined],
    );
    const text = shorter.map(formatLine).join('');
    const longer = compareHistories({ history: text, complete: true }, history);
    assert.deepEqual([longer.same, !longer.same && longer.before], [false, undefined]);
  });

  it('should ask of a run that was killed only that it began the same', () => {
    const text = history.slice(0, 50).map(formatLine).join('');
    const torn = `${text}{"index":50,"ti`;
    assert.deepEqual(compareHistories({ history: torn, complete: false }, history), {
      same: true,
      entries: 50,
    });
    assert.equal(
      compareHistories({ history: text.replace('"f":"', '"f":"x'), complete: false }, history).same,
      false,
    );
  });
});
