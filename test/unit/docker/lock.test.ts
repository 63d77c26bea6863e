/**
 * The lock between processes.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../../harness/cluster/docker/lock.ts';
import { markOf, ownMark } from '../../../harness/cluster/owner.ts';
import { sleep } from '../../../harness/time.ts';

describe('docker lock', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
    path = join(directory, 'lock');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const patient = { timeoutMs: 5000, onWait: () => undefined };

  it('should let one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, patient, work)));
    assert.equal(most, 1);
  });

  it('should be free again after work that failed', async () => {
    await assert.rejects(
      withLock(path, patient, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(existsSync(path), false);
    assert.equal(await withLock(path, patient, () => Promise.resolve('yes')), 'yes');
  });

  it('should take over from an owner that died', async () => {
    writeFileSync(path, `${process.pid}@1`);
    const onWait = (): void => {
      assert.fail('a dead owner is not waited for');
    };
    assert.equal(await withLock(path, { timeoutMs: 0, onWait }, () => Promise.resolve(1)), 1);
  });

  it('should wait for an owner that lives, say for whom, and give up in time', async () => {
    const owner = markOf(process.ppid);
    writeFileSync(path, owner);
    const waited: string[] = [];
    const options = { timeoutMs: 100, onWait: (mark: string) => waited.push(mark) };
    await assert.rejects(
      withLock(path, options, () => Promise.resolve()),
      { name: 'HarnessError', message: new RegExp(`process ${owner}, which holds .*lock`) },
    );
    assert.deepEqual(waited, [owner]);
    assert.notEqual(owner, ownMark());
    assert.equal(existsSync(path), true, "it is still the owner's");
  });
});
