/** What a running command shows: a line that is overwritten on a terminal, lines elsewhere. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { terminalObserver, type ProgressStream } from '../../../harness/cli/terminal.ts';

function streamOf(isTTY: boolean): ProgressStream & { readonly written: string[] } {
  const written: string[] = [];
  return { isTTY, columns: 40, written, write: (text) => written.push(text) };
}

const counts = { limitMs: 30_000, faults: ['n1 killed'] };

describe('terminal observer', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  it('should print lines where there is no terminal, and no control characters', () => {
    const stream = streamOf(false);
    const observer = terminalObserver(false, stream);
    observer.phase('starting');
    let elapsedMs = 0;
    observer.live(() => ({ ...counts, elapsedMs, succeeded: elapsedMs / 10, failed: 0 }));
    elapsedMs = 5000;
    mock.timers.tick(5000);
    observer.phase('done');
    mock.timers.tick(60_000);
    const [starting, live, done, ...more] = stream.written;
    assert.deepEqual([starting, done, more], ['· starting\n', '· done\n', []]);
    assert.match(live ?? '', /^ {2}.*25\.0 s left.*500 operations.*100\/s.*n1 killed\n$/);
  });

  it('should overwrite one line on a terminal, within its width, and clear it in the end', () => {
    const stream = streamOf(true);
    const observer = terminalObserver(false, stream);
    observer.live(() => ({ ...counts, elapsedMs: 1000, succeeded: 10, failed: 2 }));
    mock.timers.tick(500);
    assert.equal(stream.written.length, 2);
    for (const text of stream.written) {
      assert.ok(text.startsWith('\r\u001b[2K') && !text.includes('\n'));
      assert.ok(text.length - '\r\u001b[2K'.length < 40);
    }
    observer.end();
    observer.end();
    mock.timers.tick(5000);
    assert.deepEqual(stream.written.slice(2), ['\r\u001b[2K']);
  });

  it('should show any other line in the same way, until the next phase', () => {
    const stream = streamOf(false);
    const observer = terminalObserver(false, stream);
    let runs = 0;
    observer.watch((columns) => `${++runs} runs in ${columns} columns`);
    mock.timers.tick(10_000);
    observer.phase('done');
    mock.timers.tick(60_000);
    assert.deepEqual(stream.written, ['  1 runs in 160 columns\n', '  2 runs in 160 columns\n', '· done\n']);
  });

  it('should say nothing when it is quiet', () => {
    const stream = streamOf(false);
    const observer = terminalObserver(true, stream);
    observer.phase('starting');
    observer.live(() => assert.fail('nobody looks'));
    observer.watch(() => assert.fail('nobody looks'));
    mock.timers.tick(60_000);
    observer.end();
    assert.deepEqual(stream.written, []);
  });
});
