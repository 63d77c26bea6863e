/** Run directories read back: whole ones, killed ones, and what is none. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../../../harness/errors.ts';
import { loadRun, readNodeLogs } from '../../../harness/store/load.ts';
import { reporters } from '../../../reports/index.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

describe('loading a run', () => {
  const record = sampleRecord({ valid: false, operations: 500 });
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-load-'));
    write('test.json', JSON.stringify({ ...record.plan, schedule: [] }));
    write('results.json', JSON.stringify(record.results));
    write('history.jsonl', record.history.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    for (const [node, entries] of Object.entries(record.logs)) {
      write(`nodes/${node}/node.log`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    }
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function write(name: string, text: string): void {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }

  const remove = (name: string): void => rmSync(join(directory, name));

  it('should give back the record that was written, and what else the plan holds', async () => {
    const loaded = await loadRun(directory);
    assert.deepEqual(loaded.plan, { ...record.plan, schedule: [] });
    assert.deepEqual(loaded.results, record.results);
    assert.deepEqual(loaded.history, record.history);
    assert.deepEqual(loaded.logs, record.logs);
    assert.equal(loaded.complete, true);
  });

  it('should have the trace of a run that was traced, and none of another', async () => {
    assert.ok(!('trace' in (await loadRun(directory))));
    const entry = { time: 5, what: 'timer', node: 'n1' };
    write('trace.jsonl', `${JSON.stringify(entry)}\n`);
    const { trace = assert.fail() } = await loadRun(directory);
    assert.deepEqual([...trace], [entry]);
    assert.deepEqual([...trace], [entry], 'and again');
  });

  it('should make an unknown verdict of a run that left no results, with reports that say so', async () => {
    remove('results.json');
    const loaded = await loadRun(directory);
    assert.equal(loaded.complete, false);
    assert.equal(loaded.results.valid, 'unknown');
    assert.match(loaded.results.summary, /splitbrain check /);
    assert.deepEqual(loaded.results.counts, record.results.counts);
    for (const reporter of reporters) {
      const text = await reporter.render(loaded);
      assert(reporter.name === 'html' ? text.includes('UNKNOWN') : text.includes('<error'), reporter.name);
    }
  });

  it('should read a run that was killed before its first operation', async () => {
    remove('results.json');
    remove('history.jsonl');
    rmSync(join(directory, 'nodes'), { recursive: true });
    const loaded = await loadRun(directory);
    assert.deepEqual(loaded.history, []);
    assert.match(loaded.notes[0] ?? '', /history\.jsonl is missing or empty/);
    for (const reporter of reporters) assert((await reporter.render(loaded)).length > 0);
  });

  it("should tell the faults of a killed run from the nemesis's entries, none as confirmed", async () => {
    remove('results.json');
    const nemesis = { process: 'nemesis', type: 'info' };
    const entries = [
      { f: 'start-partition', value: { id: 0, kind: 'halves', parameters: null } },
      { f: 'start-partition', value: 'n1 | n2 cut' },
      { f: 'start-kill', value: { id: 1, kind: 'leader', parameters: null } },
      { f: 'start-kill', value: 'skipped: no leader' },
      { f: 'stop-partition', value: { id: 0 } },
      { f: 'stop-partition', value: 'healed: n1 | n2 cut' },
      { f: 'start-pause', value: { id: 2, kind: 'one', parameters: null } },
    ].map((entry, index) => ({ index, time: index * 10, ...nemesis, ...entry }));
    write('history.jsonl', entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    const { faults } = (await loadRun(directory)).results;
    assert.deepEqual(
      faults.map(({ family, kind, start, end, confirmed }) => ({ family, kind, start, end, confirmed })),
      [
        { family: 'partition', kind: 'halves', start: 0, end: 50, confirmed: false },
        { family: 'pause', kind: 'one', start: 60, end: undefined, confirmed: false },
      ],
    );
    assert.equal(faults[0]?.description, 'n1 | n2 cut');
  });

  it('should refuse a directory that is no run, and say what one looks like', async () => {
    remove('test.json');
    await assert.rejects(loadRun(directory), (error) => {
      assert(error instanceof UsageError);
      return /not the directory of a run.*store\/latest/.test(error.message);
    });
  });

  it('should name file and field of what is malformed', async () => {
    const cases: [file: string, text: string, expected: RegExp][] = [
      ['test.json', '{', /test\.json: not readable as JSON/],
      ['test.json', JSON.stringify({ ...record.plan, concurrency: 'ten' }), /test\.json: concurrency: /],
      ['results.json', JSON.stringify({ ...record.results, valid: 'maybe' }), /results\.json: valid: /],
    ];
    for (const [file, text, expected] of cases) {
      const whole = file === 'test.json' ? record.plan : record.results;
      write(file, text);
      await assert.rejects(
        loadRun(directory),
        (error) => error instanceof UsageError && expected.test(error.message),
      );
      write(file, JSON.stringify(whole));
    }
    await loadRun(directory);
  });

  it('should keep output that is no entry, at the time of the entry before it', () => {
    write(
      'nodes/n1/node.log',
      'booting\n{"time":5,"level":"info","event":"up"}\nTrace: x\n{"time":9,"level":"warn"\n',
    );
    const output = (time: number, text: string) => ({ time, level: 'info', event: 'output', text });
    assert.deepEqual(readNodeLogs(directory, ['n1', 'n9']), {
      n1: [
        output(5, 'booting'),
        { time: 5, level: 'info', event: 'up' },
        output(5, 'Trace: x'),
        output(5, '{"time":9,"level":"warn"'),
      ],
      n9: [],
    });
  });
});
