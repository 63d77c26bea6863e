/** The recorder: what is acknowledged is in the file, whatever happens to disk or harness. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { HarnessError } from '../../../harness/errors.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { parseHistory } from '../../../harness/history/read.ts';
import { memoryRecorder, openRecorder, recordTo } from '../../../harness/history/recorder.ts';
import { anyJson, histories } from './histories.ts';

type Entry = Omit<Operation, 'index'>;
const invocation: Entry = { time: 1, process: 0, type: 'invoke', f: 'write', value: 'ä' };
const completion: Entry = { ...invocation, time: 2, type: 'ok', node: 'n1' };

/** A disk of so many bytes that takes a few bytes at a time, and can grow. */
function smallDisk(capacity: number) {
  const disk = { capacity, content: Buffer.alloc(0), closed: false };
  const sink = {
    write(bytes: Buffer): number {
      const room = Math.min(bytes.length, disk.capacity - disk.content.length, 7);
      if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      disk.content = Buffer.concat([disk.content, bytes.subarray(0, room)]);
      return room;
    },
    close: () => void (disk.closed = true),
  };
  return { disk, sink };
}

describe('recorder', () => {
  let directory = '';
  before(() => void (directory = mkdtempSync(join(tmpdir(), 'splitbrain-recorder-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('should have each entry in the file when record returns', () => {
    const path = join(directory, 'history.jsonl');
    const recorder = openRecorder(path);
    for (const [position, entry] of [invocation, completion].entries()) {
      const recorded = recorder.record(entry);
      assert.deepEqual(recorded, { ...entry, index: position });
      assert.deepEqual(parseHistory(readFileSync(path), path).history, recorder.operations);
    }
    assert.equal(recorder.operations.length, 2);
    recorder.close();
  });

  it('should record any history so that it is read back the same', () => {
    const everything = {
      values: anyJson,
      keys: anyJson,
      errors: anyJson,
      times: true,
      nodes: true,
      nemesis: true,
      echo: false,
    };
    fc.assert(
      fc.property(histories(everything), (history) => {
        const { disk, sink } = smallDisk(Infinity);
        const recorder = recordTo('h', sink);
        for (const { index: _, ...entry } of history) recorder.record(entry);
        recorder.close();
        assert.deepEqual(parseHistory(disk.content, 'h', { format: 'jsonl' }).history, history);
      }),
    );
  });

  it('should keep everything in memory when the disk is full, and write it when there is room again', () => {
    const { disk, sink } = smallDisk(100);
    const recorder = recordTo('store/history.jsonl', sink);
    recorder.record(invocation);
    assert.throws(
      () => recorder.record(completion),
      (error) => {
        assert.ok(error instanceof HarnessError);
        assert.match(
          error.message,
          /^cannot write store\/history\.jsonl: the disk is full; free some space.*ENOSPC/,
        );
        return true;
      },
    );
    assert.equal(recorder.operations.length, 2);
    assert.equal(parseHistory(disk.content, 'h').history.length, 1);
    disk.capacity = 10_000;
    recorder.record({ ...invocation, time: 3 });
    assert.deepEqual(parseHistory(disk.content, 'h'), {
      history: recorder.operations,
      notes: [],
      format: 'jsonl',
    });
  });

  it('should close the file and say so when something stays unwritten', () => {
    const full = smallDisk(10);
    const recorder = recordTo('h', full.sink);
    assert.throws(() => recorder.record(invocation), HarnessError);
    assert.throws(() => recorder.close(), HarnessError);
    assert.ok(full.disk.closed);
    recorder.close();
    const roomy = smallDisk(1000);
    recordTo('h', roomy.sink).close();
    assert.ok(roomy.disk.closed);
  });

  it('should name the file on a disk that is really full', function () {
    if (!existsSync('/dev/full')) {
      process.stdout.write('      this system has no /dev/full: 1 test skipped\n');
      this.skip();
    }
    const recorder = openRecorder('/dev/full');
    assert.throws(
      () => recorder.record(invocation),
      /HarnessError: cannot write \/dev\/full: the disk is full/,
    );
    assert.deepEqual(
      recorder.operations.map(({ value }) => value),
      ['ä'],
    );
    assert.throws(() => recorder.close(), HarnessError);
  });

  it('should refuse a file that it cannot open or that holds something already', () => {
    const used = join(directory, 'used.jsonl');
    writeFileSync(used, 'x');
    assert.throws(() => openRecorder(used), /HarnessError: cannot record to .*: it already holds a history/);
    assert.throws(
      () => openRecorder(join(directory, 'no/file')),
      /HarnessError: cannot open .*its directory does not exist/,
    );
    assert.throws(() => openRecorder(directory), /HarnessError: cannot open .*it is a directory/);
    writeFileSync(used, '');
    openRecorder(used).close();
  });

  it('should hold its caller to the rules of processes', () => {
    const recorder = memoryRecorder();
    assert.throws(
      () => recorder.record(completion),
      /entry 0: process 0 completes write, but has no operation open/,
    );
    recorder.record(invocation);
    assert.throws(
      () => recorder.record(invocation),
      /entry 1: process 0 invokes write, but its write of entry 0/,
    );
    recorder.close();
    assert.throws(() => recorder.record(invocation), /after the recorder was closed/);
    const other = memoryRecorder();
    other.record(invocation);
    other.record({ ...completion, type: 'info' });
    assert.throws(() => other.record(invocation), /but ended in info at entry 1/);
    assert.equal(other.record({ ...invocation, process: 1 }).index, 2);
  });
});
