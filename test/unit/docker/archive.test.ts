/**
 * The engine's formats, against what reads and writes them elsewhere.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { demultiplex, tarOf, unpack } from '../../../harness/cluster/docker/archive.ts';

function frame(stream: 1 | 2, payload: string): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

describe('docker archive', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('should put the streams of an output back into one text, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' }))), (frames) => {
        const output = Buffer.concat(frames.map(([stream, payload]) => frame(stream, payload)));
        assert.equal(demultiplex(output), frames.map(([, payload]) => payload).join(''));
      }),
    );
  });

  it('should give what is there of an output that was cut short', () => {
    const output = Buffer.concat([frame(1, 'whole\n'), frame(2, 'half of it')]);
    assert.equal(demultiplex(output.subarray(0, output.length - 6)), 'whole\nhalf');
  });

  it('should make an archive of files of any size that tar reads', async () => {
    const files = ['', 'x', '*filter\nCOMMIT\n', 'y'.repeat(512), 'ü'.repeat(5000)];
    const archive = tarOf(new Map(files.map((text, index) => [`/folder/${index}`, text])));
    await unpack(Readable.from([archive]), directory);
    for (const [index, text] of files.entries())
      assert.equal(readFileSync(join(directory, 'folder', String(index)), 'utf8'), text);
  });

  it('should date the files that it puts into an archive', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    await unpack(Readable.from([tarOf(new Map([['/dated', '']]))]), directory);
    assert.ok(statSync(join(directory, 'dated')).mtimeMs >= before);
  });

  it('should say where an archive that is none was to go', async () => {
    const rubbish = Readable.from([Buffer.alloc(2048, 'rubbish')]);
    await assert.rejects(unpack(rubbish, directory), (error: Error) => error.message.includes(directory));
  });
});
