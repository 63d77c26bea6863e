/** The node's disk, on a real file system. What a crash does to it is tested with a real one in test/integration/process. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDisk, type OpenDisk } from '../../../harness/node/disk.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('node disk', () => {
  let directory: string;
  let disk: OpenDisk;

  const read = async (name: string): Promise<string | undefined> => {
    const found = await disk.read(name);
    return found === undefined ? undefined : new TextDecoder().decode(found);
  };
  const onDisk = (name: string): string => readFileSync(join(directory, name), 'utf8');

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-disk-'));
    disk = await openDisk(directory);
  });

  afterEach(async () => {
    await disk.close();
    rmSync(directory, { recursive: true });
  });

  it('should keep appends in memory until they are synced, and read both', async () => {
    disk.append('log', bytes('a'));
    assert.equal(await read('log'), 'a');
    assert.equal(existsSync(join(directory, 'log')), false);
    await disk.sync('log');
    disk.append('log', bytes('b'));
    assert.equal(onDisk('log'), 'a');
    assert.equal(await read('log'), 'ab');
  });

  it('should make durable with each sync what was appended before it, however syncs overlap', async () => {
    const syncs = Array.from({ length: 50 }, async (_, number) => {
      disk.append('log', bytes(`${number},`));
      await disk.sync('log');
      assert.ok(onDisk('log').includes(`${number},`));
    });
    await Promise.all(syncs);
    assert.equal(onDisk('log'), Array.from({ length: 50 }, (_, number) => `${number},`).join(''));
  });

  it('should not see changes that the program makes to appended bytes afterwards', async () => {
    const buffer = bytes('a');
    disk.append('log', buffer);
    buffer.fill(0);
    assert.equal(await read('log'), 'a');
  });

  it('should answer undefined for a file that is not there, and sync it without making it', async () => {
    await disk.sync('none');
    assert.equal(await disk.read('none'), undefined);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('should replace a file as a whole and append to the new one', async () => {
    disk.append('state', bytes('old'));
    await disk.sync('state');
    await disk.replace('state', bytes('new'));
    assert.equal(onDisk('state'), 'new');
    disk.append('state', bytes('er'));
    await disk.sync('state');
    assert.equal(onDisk('state'), 'newer');
    assert.deepEqual(readdirSync(directory), ['state']);
  });

  it('should refuse to replace a file with appends unsynced', async () => {
    disk.append('state', bytes('x'));
    await assert.rejects(disk.replace('state', bytes('y')), /appends unsynced/);
    await disk.sync('state');
    await disk.replace('state', bytes('y'));
    assert.equal(onDisk('state'), 'y');
  });

  it('should remove a file, and begin it anew', async () => {
    disk.append('log', bytes('a'));
    await disk.sync('log');
    await disk.remove('log');
    await disk.remove('log');
    assert.equal(await disk.read('log'), undefined);
    disk.append('log', bytes('b'));
    await disk.sync('log');
    assert.equal(onDisk('log'), 'b');
  });

  it('should let what is appended while a file is replaced or removed follow that', async () => {
    disk.append('log', bytes('old'));
    const synced = disk.sync('log');
    const replaced = disk.replace('log', bytes('new'));
    disk.append('log', bytes('er'));
    await Promise.all([synced, replaced, disk.sync('log')]);
    assert.equal(onDisk('log'), 'newer');
    const removed = disk.remove('log');
    disk.append('log', bytes('last'));
    await Promise.all([removed, disk.sync('log')]);
    assert.equal(onDisk('log'), 'last');
  });

  it('should refuse names that are not flat', async () => {
    for (const name of ['../x', 'a/b', '.hidden', '', 'x'.repeat(101)]) {
      assert.throws(() => disk.append(name, bytes('x')), /file name/);
      await assert.rejects(disk.read(name), /file name/);
    }
    disk.append('snapshot-1.bin', bytes('x'));
  });

  it('should poison a file whose write failed, and no other', async function () {
    // A device that is always full; elsewhere than on Linux there is none.
    if (!existsSync('/dev/full')) {
      process.stdout.write('    skipped: this system has no /dev/full\n');
      this.skip();
    }
    symlinkSync('/dev/full', join(directory, 'log'));
    disk.append('log', bytes('a'));
    await assert.rejects(disk.sync('log'), /out of use until a restart: .*ENOSPC/);
    rmSync(join(directory, 'log'));
    disk.append('log', bytes('b'));
    await assert.rejects(disk.sync('log'), /ENOSPC/);
    await assert.rejects(disk.read('log'), /ENOSPC/);
    disk.append('other', bytes('c'));
    await disk.sync('other');
    assert.equal(onDisk('other'), 'c');
  });
});
