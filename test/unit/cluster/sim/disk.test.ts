/** What a simulated disk keeps over a crash, and what it loses. */
import assert from 'node:assert/strict';
import { SimDisk } from '../../../../harness/cluster/sim/disk.ts';
import { DEFAULT_SETTINGS } from '../../../../harness/cluster/sim/options.ts';
import { World } from '../../../../harness/cluster/sim/world.ts';

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

  it('should refuse names that are not flat', () => {
    const { disk } = diskOf('1');
    assert.throws(() => disk.file('../file'), /file name '\.\.\/file'/);
    assert.ok(disk.file('file.log'));
  });
});
