/** The trace on its way to its file, and back. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceWriter } from '../../../harness/explore/trace.ts';
import type { TraceEntry } from '../../../harness/run/trace.ts';
import { traceIn } from '../../../harness/store/trace.ts';

describe('trace.jsonl', () => {
  let directory = '';
  let path = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-trace-'));
    path = join(directory, 'trace.jsonl');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const read = (): TraceEntry[] => [...(traceIn(directory).trace ?? [])];
  const timer = (time: number): TraceEntry => ({ time, what: 'timer', node: 'n1' });

  it('should count time from the start of the test, and keep what was before', () => {
    const writer = new TraceWriter(path);
    writer.note(timer(400));
    writer.begin(1000);
    writer.note(timer(1000));
    writer.note(timer(1500));
    writer.close();
    assert.deepEqual(read(), [timer(-600), timer(0), timer(500)]);
  });

  it('should keep a message as it was, whatever becomes of it later', () => {
    const writer = new TraceWriter(path);
    const message = { entries: [1] };
    writer.note({ time: 1, what: 'send', id: 0, from: 'n1', to: 'n2', message });
    message.entries.push(2);
    writer.begin(0);
    writer.note({ time: 2, what: 'send', id: 1, from: 'n1', to: 'n2', message });
    message.entries.push(3);
    writer.close();
    assert.deepEqual(
      read().map((entry) => entry.what === 'send' && entry.message),
      [{ entries: [1] }, { entries: [1, 2] }],
    );
  });

  it('should write what there is of a run that never began', () => {
    const writer = new TraceWriter(path);
    writer.note(timer(5));
    writer.close();
    assert.deepEqual(read(), [timer(5)]);
  });

  it('should say so when there can be no such file', () => {
    assert.throws(() => new TraceWriter(join(directory, 'no', 'such')), {
      name: 'HarnessError',
      message: /cannot write .*such/,
    });
  });

  it('should be absent from a run that was not traced', () => {
    assert.deepEqual(traceIn(directory), {});
  });

  it('should be read up to a torn last line, and refused at any other that is none', () => {
    writeFileSync(path, `${JSON.stringify(timer(1))}\n${JSON.stringify(timer(2))}\n{"time":3,"wh`);
    assert.deepEqual(read(), [timer(1), timer(2)]);
    appendFileSync(path, `\n${JSON.stringify(timer(4))}\n`);
    assert.throws(read, { name: 'UsageError', message: /trace\.jsonl:3: expected an entry of a trace/ });
    writeFileSync(path, `${JSON.stringify(timer(1))}\n{"when":3}\n`);
    assert.throws(read, { name: 'UsageError', message: /trace\.jsonl:2: / });
    assert.match(readFileSync(path, 'utf8'), /when/);
  });
});
