/** The node's disk, on a real file system. What a crash does to it is tested with a real one in test/integration/process. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiskTrouble } from '../../../harness/cluster/cluster.ts';
import { DiskGate } from '../../../harness/node/disk-gate.ts';
import { openDisk, type OpenDisk } from '../../../harness/node/disk.ts';
import { createRandom } from '../../../harness/random.ts';
import { sleep } from '../../../harness/time.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('node disk', () => {
  let directory: string;
  let disk: OpenDisk;
  let trouble: DiskTrouble;
  let turns: number;

  const openGate = (): DiskGate =>
    new DiskGate({ trouble: () => trouble, random: createRandom('gate'), turn: () => turns++ });
  const read = async (name: string): Promise<string | undefined> => {
    const found = await disk.read(name);
    return found === undefined ? undefined : new TextDecoder().decode(found);
  };
  const onDisk = (name: string): string => readFileSync(join(directory, name), 'utf8');

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-disk-'));
    trouble = {};
    turns = 0;
    disk = await openDisk(directory, openGate());
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

  it('should fail what is to be written on a full disk, and read and remove all the same', async () => {
    disk.append('log', bytes('old'));
    await disk.sync('log');
    trouble = { full: true };
    await assert.rejects(disk.replace('state', bytes('x')), { message: /ENOSPC: no space left on device/ });
    assert.equal(await read('log'), 'old');
    await disk.sync('log');
    await disk.remove('log');
    disk.append('new', bytes('x'));
    await assert.rejects(disk.sync('new'), /ENOSPC/);
    trouble = {};
    await disk.replace('other', bytes('y'));
    assert.deepEqual(readdirSync(directory), ['other']);
  });

  it('should lose what a failed sync was to write, and let nobody use the file until a restart', async () => {
    trouble = { failing: 1, failingOn: ['sync'] };
    disk.append('log', bytes('lost'));
    await assert.rejects(disk.sync('log'), /out of use until a restart: Error: EIO: i\/o error, sync/);
    trouble = {};
    await assert.rejects(disk.sync('log'), /EIO/);
    assert.equal(existsSync(join(directory, 'log')), false);
    const restarted = await openDisk(directory, openGate());
    restarted.append('log', bytes('kept'));
    await restarted.sync('log');
    assert.equal(onDisk('log'), 'kept');
    await restarted.close();
  });

  it('should fail reads without harm to the file, and only those operations that fail', async () => {
    disk.append('log', bytes('a'));
    await disk.sync('log');
    trouble = { failing: 1, failingOn: ['read'] };
    await assert.rejects(disk.read('log'), { code: 'EIO' });
    disk.append('log', bytes('b'));
    await disk.sync('log');
    trouble = { failing: 1, failingOn: ['write'] };
    assert.equal(await read('log'), 'ab');
    await assert.rejects(disk.remove('log'), /EIO: i\/o error, write/);
    trouble = {};
    assert.equal(onDisk('log'), 'ab');
  });

  it('should fail about as many operations as it is told', async () => {
    trouble = { failing: 0.3 };
    const outcomes = await Promise.allSettled(Array.from({ length: 500 }, () => disk.read('none')));
    const failed = outcomes.filter(({ status }) => status === 'rejected').length;
    assert.ok(failed > 100 && failed < 200, `${failed} of 500`);
  });

  it('should hold up reads and changes, but not syncs that have nothing to do', async () => {
    const msOf = async (act: () => Promise<unknown>): Promise<number> => {
      const begun = performance.now();
      await act();
      return performance.now() - begun;
    };
    trouble = { slowMs: 300 };
    assert.ok((await msOf(() => disk.sync('log'))) < 300);
    disk.append('log', bytes('a'));
    assert.ok((await msOf(() => disk.sync('log'))) >= 300);
    assert.ok((await msOf(() => disk.read('log'))) >= 300);
  });

  it('should give each answer a turn of the program', async () => {
    disk.append('log', bytes('a'));
    await disk.sync('log');
    await disk.read('log');
    await assert.rejects(disk.replace('log', bytes('b')).then(() => disk.read('.hidden')));
    assert.equal(turns, 3);
  });

  describe('when the power is cut', () => {
    const SYNCED = 'synced';

    /** What is on a disk that lost its power in this state, by the draws of this seed. */
    async function tornBy(seed: number, prepare: (disk: OpenDisk) => unknown): Promise<Buffer | undefined> {
      const torn = mkdtempSync(join(directory, 'torn-'));
      writeFileSync(join(torn, 'log'), SYNCED);
      const failing = await openDisk(torn, openGate());
      await prepare(failing);
      await failing.cutPower(createRandom(seed));
      const file = join(torn, 'log');
      return existsSync(file) ? readFileSync(file) : undefined;
    }

    const tornOften = (prepare: (disk: OpenDisk) => unknown): Promise<(Buffer | undefined)[]> =>
      Promise.all(Array.from({ length: 40 }, (_, seed) => tornBy(seed, prepare)));

    for (const [state, prepare] of Object.entries<(disk: OpenDisk) => unknown>({
      'was not to be synced yet': (failing) => failing.append('log', bytes('x'.repeat(2000))),
      'was being synced': (failing) => {
        failing.append('log', bytes('x'.repeat(2000)));
        void failing.sync('log');
        failing.append('log', bytes('later'));
      },
      'was just being written': async (failing) => {
        failing.append('log', bytes('x'.repeat(2000)));
        void failing.sync('log');
        await sleep(0);
      },
    })) {
      it(`should keep a part of what ${state}, now and then with an empty last sector`, async () => {
        const found = await tornOften(prepare);
        for (const content of found) assert.match(content?.toString() ?? '', /^syncedx*\0{0,512}$/);
        const lengths = new Set(found.map((content) => content?.length));
        assert.ok(lengths.size > 20, 'any length comes up');
        const emptied = found.filter((content) => content?.includes(0)).length;
        assert.ok(emptied > 1 && emptied < 20, `${emptied} of 40 with an empty sector`);
      });
    }

    it('should keep nothing of what was not synced on a full disk', async () => {
      trouble = { full: true };
      const found = await tornBy(1, (failing) => failing.append('log', bytes('x'.repeat(2000))));
      assert.equal(found?.toString(), SYNCED);
    });

    it('should have replaced a file or not', async () => {
      const found = await tornOften((failing) => void failing.replace('log', bytes('new')));
      for (const content of found) assert.match(content?.toString() ?? '', /^(synced|new)$/);
    });

    it('should answer nothing any more', async () => {
      const answered: string[] = [];
      const failing = await openDisk(join(directory, 'failing'), openGate());
      failing.append('log', bytes('x'));
      void failing.sync('log').then(() => answered.push('sync'));
      const cut = failing.cutPower(createRandom(1));
      void failing.read('log').then(() => answered.push('read'));
      await cut;
      await sleep(20);
      assert.deepEqual(answered, []);
    });
  });
});
