/** What a simulated disk keeps over a crash, and what it loses. */
import assert from 'node:assert/strict';
import { SimDisk } from '../../../../harness/cluster/sim/disk.ts';
import { DEFAULT_SETTINGS } from '../../../../harness/cluster/sim/options.ts';
import { World } from '../../../../harness/cluster/sim/world.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';

const LONG_MS = 100;
const SEEDS = Array.from({ length: 60 }, (_, seed) => String(seed));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function diskOf(seed: string): { world: World; disk: SimDisk; content: () => string | undefined } {
  const world = new World(seed);
  const disk = new SimDisk({ node: 'n1', world, settings: DEFAULT_SETTINGS });
  const content = (): string | undefined => {
    const durable = disk.contents().get('file');
    return durable === undefined ? undefined : new TextDecoder().decode(durable);
  };
  return { world, disk, content };
}

/** What a file with `old` in it holds after a crash in the middle of this. */
async function afterCrash(seed: string, change: (disk: SimDisk) => void): Promise<string | undefined> {
  const { world, disk, content } = diskOf(seed);
  disk.file('file').append(bytes('old'));
  disk.file('file').sync(() => undefined);
  await world.time.sleep(LONG_MS);
  change(disk);
  disk.crash();
  await world.time.sleep(LONG_MS);
  return content();
}

describe('simulator: disk', () => {
  it('should keep what was synced, and lose what was not, in a crash', async () => {
    const found = await Promise.all(
      SEEDS.map((seed) => afterCrash(seed, (disk) => disk.file('file').append(bytes('new')))),
    );
    assert.deepEqual(new Set(found), new Set(['old']));
  });

  it('should keep any part of what was just being written, the last append torn', async () => {
    const found = await Promise.all(
      SEEDS.map((seed) =>
        afterCrash(seed, (disk) => {
          disk.file('file').append(bytes('12'));
          disk.file('file').append(bytes('34'));
          disk.file('file').sync(() => assert.fail('it died before'));
        }),
      ),
    );
    assert.deepEqual([...new Set(found)].sort(), ['old', 'old1', 'old12', 'old123', 'old1234']);
  });

  it('should replace and remove as a whole or not at all', async () => {
    const replaced = await Promise.all(
      SEEDS.map((seed) =>
        afterCrash(seed, (disk) => disk.file('file').replace(bytes('new'), () => assert.fail())),
      ),
    );
    assert.deepEqual(new Set(replaced), new Set(['old', 'new']));
    const removed = await Promise.all(
      SEEDS.map((seed) => afterCrash(seed, (disk) => disk.file('file').remove(() => assert.fail()))),
    );
    assert.deepEqual(new Set(removed), new Set(['old', undefined]));
  });

  it('should refuse to replace a file with appends unsynced, and do it once they are synced', async () => {
    const { world, disk, content } = diskOf('1');
    const file = disk.file('file');
    const answers: (string | undefined)[] = [];
    file.append(bytes('x'));
    file.replace(bytes('new'), (error) => answers.push(error?.message));
    file.sync(() => undefined);
    file.replace(bytes('newer'), (error) => answers.push(error?.message));
    await world.time.sleep(LONG_MS);
    assert.deepEqual(answers, ['replace of file with appends unsynced: sync first', undefined]);
    assert.equal(content(), 'newer');
  });

  it('should read what is synced and what is not', async () => {
    const { world, disk } = diskOf('1');
    const read: (string | undefined)[] = [];
    const ask = (): void =>
      disk.file('file').read((_, found) => read.push(found && new TextDecoder().decode(found)));
    ask();
    disk.file('file').append(bytes('a'));
    disk.file('file').sync(() => undefined);
    await world.time.sleep(LONG_MS);
    disk.file('file').append(bytes('b'));
    ask();
    await world.time.sleep(LONG_MS);
    assert.deepEqual(read, ['a', 'ab'], 'a read sees what was appended while it waited');
  });

  it('should let syncs that overlap share one write, and each file take its own time', async () => {
    const { world, disk } = diskOf('1');
    let synced = 0;
    for (let append = 0; append < 1000; append++) {
      disk.file('file').append(bytes('x'));
      disk.file('file').sync(() => synced++);
    }
    await world.time.sleep(4.1);
    assert.equal(synced, 1000);
  });

  it('should keep a copy of what it was given', async () => {
    const { world, disk, content } = diskOf('1');
    const own = bytes('mine');
    disk.file('file').append(own);
    own.fill(0);
    disk.file('file').sync(() => undefined);
    await world.time.sleep(LONG_MS);
    assert.equal(content(), 'mine');
  });

  it('should write nothing while it is full, and again when it is not', async () => {
    const { world, disk, content } = diskOf('1');
    const file = disk.file('file');
    const answers: (string | undefined)[] = [];
    const note = (error: Error | undefined): number => answers.push(error?.message.split(':')[0]);
    file.replace(bytes('old'), note);
    await world.time.sleep(LONG_MS);
    disk.trouble = { full: true };
    file.sync(note);
    await world.time.sleep(LONG_MS);
    assert.deepEqual(answers, [undefined, undefined], 'there was nothing to write');
    file.append(bytes('lost'));
    file.sync(note);
    file.replace(bytes('new'), note);
    file.read(note);
    await world.time.sleep(LONG_MS);
    assert.deepEqual(answers.slice(2), ['ENOSPC', 'ENOSPC', undefined]);
    assert.equal(content(), 'old');
    disk.trouble = {};
    file.append(bytes(', newer'));
    file.sync(note);
    await world.time.sleep(LONG_MS);
    assert.equal(content(), 'old, newer', 'what the failed sync was to write is gone');
  });

  it('should fail the share of operations that it is told, and forget what a failed sync was to write', async () => {
    const { world, disk, content } = diskOf('1');
    disk.trouble = { failing: 0.3 };
    let written = '';
    let failed = 0;
    for (let write = 0; write < 500; write++) {
      disk.file('file').append(bytes('x'));
      disk.file('file').sync((error) => {
        if (error === undefined) written += 'x';
        else failed++;
      });
      await world.time.sleep(3);
    }
    assert.ok(failed > 110 && failed < 190, `${failed} of 500`);
    assert.equal(content(), written);
    disk.trouble = { failing: 1 };
    const answers: (string | undefined)[] = [];
    disk.file('file').read((error, found) => answers.push(error?.message, found?.toString()));
    await world.time.sleep(LONG_MS);
    assert.deepEqual(answers, ['EIO: i/o error, read file', undefined]);
  });

  it('should lose on a full disk what was just being written when its node crashed', async () => {
    const found = await Promise.all(
      SEEDS.map((seed) =>
        afterCrash(seed, (disk) => {
          disk.trouble = { full: true };
          disk.file('file').append(bytes('new'));
          disk.file('file').sync(() => assert.fail('it died before'));
        }),
      ),
    );
    assert.deepEqual(new Set(found), new Set(['old']));
  });

  it('should take longer by what it is slow', async () => {
    const { world, disk } = diskOf('1');
    const took: Record<string, number> = {};
    disk.trouble = { slowMs: 50 };
    disk.file('a').sync(() => (took['a'] = world.now));
    await world.time.sleep(LONG_MS);
    const mended = world.now;
    disk.trouble = {};
    disk.file('b').sync(() => (took['b'] = world.now - mended));
    await world.time.sleep(LONG_MS);
    assert.ok((took['a'] ?? 0) >= 50 * NANOS_PER_MS && (took['a'] ?? 0) <= 52 * NANOS_PER_MS);
    assert.ok((took['b'] ?? 0) <= 2 * NANOS_PER_MS);
  });

  it('should flip bits of what is durable, and flip back those that were not written anew', async () => {
    const { world, disk, content } = diskOf('1');
    disk.file('file').replace(bytes('abcd'), () => undefined);
    disk.file('other').replace(bytes('abcd'), () => undefined);
    await world.time.sleep(LONG_MS);
    // Two files of 32 bits: the first byte of one, the last bit of the other.
    const flipped = disk.flip([1 / 64, 63.5 / 64]);
    assert.deepEqual(
      flipped.map(({ file, offset, was, is }) => [file, offset, was, is]),
      [
        ['file', 0, 0x61, 0x63],
        ['other', 3, 0x64, 0xe4],
      ],
    );
    assert.equal(content(), 'cbcd');
    disk.file('other').replace(bytes('zzzz'), () => undefined);
    await world.time.sleep(LONG_MS);
    disk.unflip(flipped);
    disk.unflip(flipped);
    assert.equal(content(), 'abcd');
    assert.equal(new TextDecoder().decode(disk.contents().get('other')), 'zzzz');
  });

  it('should have nothing to flip on an empty disk', () => {
    assert.deepEqual(diskOf('1').disk.flip([0, 0.5, 0.999]), []);
  });

  it('should refuse names that are not flat', () => {
    const { disk } = diskOf('1');
    assert.throws(() => disk.file('../file'), /file name '\.\.\/file'/);
    assert.ok(disk.file('file.log'));
  });

  it('should keep any part of what was appended, synced or not, when the power fails, and of nothing else', async () => {
    const afterPowerFailure = (seed: string): Promise<string | undefined> =>
      afterCrash(seed, (disk) => {
        disk.file('file').append(bytes('12'));
        disk.crash(true);
      });
    const found = await Promise.all(SEEDS.map(afterPowerFailure));
    assert.deepEqual([...new Set(found)].sort(), ['old', 'old1', 'old12']);
  });

  it('should fail those operations alone that are told to', async () => {
    for (const failingOn of ['read', 'write', 'sync'] as const) {
      const { world, disk } = diskOf('1');
      disk.trouble = { failing: 1, failingOn: [failingOn] };
      const answers: string[] = [];
      const note = (error: Error | undefined): void => void answers.push(error?.message ?? 'done');
      const file = disk.file('file');
      file.append(bytes('x'));
      file.sync(note);
      file.read(note);
      file.replace(bytes('y'), note);
      await world.time.sleep(LONG_MS);
      const failed = `EIO: i/o error, ${failingOn} file`;
      assert.deepEqual(
        answers,
        failingOn === 'read' ? ['done', failed, 'done'] : [failed, 'done', failed],
        failingOn,
      );
    }
  });

  it('should open nothing without descriptors, and go on with what is open', async () => {
    const { world, disk, content } = diskOf('1');
    const codes: unknown[] = [];
    const note = (error: (Error & { code?: string }) | undefined): void => void codes.push(error?.code);
    const append = (name: string): void => {
      disk.file(name).append(bytes('x'));
      disk.file(name).sync(note);
    };
    append('file');
    await world.time.sleep(LONG_MS);
    disk.limited = true;
    append('file');
    await world.time.sleep(LONG_MS);
    append('other');
    await world.time.sleep(LONG_MS);
    disk.file('file').replace(bytes('new'), note);
    disk.file('file').read(note);
    await world.time.sleep(LONG_MS);
    assert.deepEqual(codes, [undefined, undefined, 'EMFILE', 'EMFILE', 'EMFILE']);
    assert.equal(content(), 'xx');
  });

  it('should lose the end of a file, mix blocks up, and be put back as it was', async () => {
    const { world, disk, content } = diskOf('1');
    disk.file('file').append(bytes('abcdefgh'));
    disk.file('file').sync(() => undefined);
    await world.time.sleep(LONG_MS);
    const saved = disk.contents();
    assert.deepEqual(disk.truncate([0.5]), [{ file: 'file', was: 8, is: 4 }]);
    assert.equal(content(), 'abcd');
    disk.load(saved);
    assert.equal(content(), 'abcdefgh');
    const [swapped] = disk.swap([[0, 0.5]]);
    assert.equal(swapped?.bytes, 1);
    assert.equal(content(), 'ebcdafgh');
    disk.load(new Map());
    assert.equal(content(), undefined);
  });

  it('should not flip back bits of a file that was replaced since', async () => {
    for (const replaced of [true, false]) {
      const { world, disk, content } = diskOf('1');
      disk.file('file').append(bytes('a'));
      disk.file('file').sync(() => undefined);
      await world.time.sleep(LONG_MS);
      const bits = disk.flip([0]);
      assert.equal(content(), '`');
      if (replaced) disk.file('file').replace(bytes('`'), () => undefined);
      await world.time.sleep(LONG_MS);
      disk.unflip(bits);
      assert.equal(content(), replaced ? '`' : 'a');
    }
  });
});
