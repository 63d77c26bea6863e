/** Following a run, here and in a thread: a violation is told while the run goes on, and whatever a check does, the run can end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { memoryRecorder, type Recorder } from '../../../harness/history/recorder.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { followApart, type Follower, followHere } from '../../../harness/run/follow.ts';
import { following, WRONG_FROM } from '../../fixtures/followed-target.ts';

const MODULE = moduleBeside(import.meta.url, '../../fixtures/followed-target');

/** Records so many reads, of one client. */
function record(follower: Follower, recorder: Recorder, reads: number): void {
  for (let number = 0; number < reads; number++) {
    for (const type of ['invoke', 'ok'] as const)
      follower.add(recorder.record({ time: number, process: 0, type, f: 'read', value: null }));
  }
}

function apart(workload: string): { readonly follower: Follower; readonly recorder: Recorder } {
  const recorder = memoryRecorder();
  const checkers = (workload.split(':')[0] ?? '').split('+');
  return {
    recorder,
    follower: followApart({ targetModule: MODULE, workload, checkers }, recorder.operations),
  };
}

describe('following in a thread', () => {
  it('should tell a violation while the run goes on', async () => {
    const { follower, recorder } = apart('strict:invalid');
    const violated = once(follower.signal, 'abort');
    record(follower, recorder, WRONG_FROM);
    await violated;
    await follower.close();
    assert.deepEqual(follower.found, { checker: 'strict', index: WRONG_FROM, key: 7 });
    assert.deepEqual(follower.notes, []);
  });

  it('should see every entry before it is closed, also of what was recorded at once', async () => {
    const { follower, recorder } = apart('content');
    record(follower, recorder, 5000);
    await follower.close();
    assert.deepEqual([follower.signal.aborted, follower.notes], [false, []]);
    const last = apart('strict:invalid');
    record(last.follower, last.recorder, WRONG_FROM / 2 + 1);
    await last.follower.close();
    assert.equal(last.follower.found?.index, WRONG_FROM, 'found at the end');
  });

  it('should go on without a check that throws, with a note, and have the others find what is wrong', async () => {
    const { follower, recorder } = apart('throwing');
    record(follower, recorder, WRONG_FROM);
    await follower.close();
    assert.equal(follower.found, undefined);
    assert.match(
      follower.notes.join(),
      /^The check "throwing" did not follow the run to its end, .* lost my way\.$/,
    );
    const both = apart('throwing+strict:invalid');
    record(both.follower, both.recorder, WRONG_FROM);
    await both.follower.close();
    assert.equal(both.follower.found?.checker, 'strict');
    assert.equal(both.follower.notes.length, 1);
  });

  it('should not wait for a check that never returns, and say how far it came', async () => {
    const { follower, recorder } = apart('busy');
    record(follower, recorder, WRONG_FROM);
    const begun = performance.now();
    await follower.close();
    assert.ok(performance.now() - begun < 5000);
    assert.equal(follower.found, undefined);
    assert.deepEqual(follower.notes, [
      `The run was followed by "busy", which had looked at 0 of ${2 * WRONG_FROM} entries when it was over.`,
    ]);
  });

  it('should survive the end of the thread', async () => {
    const { follower, recorder } = apart('leaving');
    record(follower, recorder, WRONG_FROM);
    await follower.close();
    record(follower, recorder, WRONG_FROM);
    assert.equal(follower.found, undefined);
    assert.deepEqual(follower.notes, [
      'The run was followed by "leaving" for its first 0 entries only: its thread ended.',
    ]);
  });

  it('should survive a thread that cannot begin', async () => {
    const recorder = memoryRecorder();
    const task = { targetModule: `${MODULE}.missing`, workload: 'content', checkers: ['content'] };
    const follower = followApart(task, recorder.operations);
    record(follower, recorder, WRONG_FROM);
    await follower.close();
    assert.match(
      follower.notes.join(),
      /^The run was followed by "content" for its first 0 entries only: cannot load the target/,
    );
  });
});

describe('following in the same thread', () => {
  it('should tell a violation with the entry that makes it certain, and look no further', async () => {
    const follower = await followHere([following('strict')]);
    const recorder = memoryRecorder();
    record(follower, recorder, WRONG_FROM / 2);
    assert.equal(follower.signal.aborted, false);
    record(follower, recorder, 1);
    assert.deepEqual(follower.found, { checker: 'strict', index: WRONG_FROM, key: 7 });
    record(follower, recorder, 1);
    assert.equal(follower.found.index, WRONG_FROM);
    await follower.close();
  });

  it('should go on without a check that throws, with a note', async () => {
    const follower = await followHere([following('throwing')]);
    record(follower, memoryRecorder(), WRONG_FROM);
    assert.equal(follower.signal.aborted, false);
    assert.equal(follower.notes.length, 1);
  });
});
