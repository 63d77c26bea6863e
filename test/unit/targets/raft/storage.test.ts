/**
 * The disk of a Raft node: what was durable comes back, what a crash tore goes, and damage that no crash
 * explains stops the node with a message that says what to do.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NodeDisk } from '../../../../harness/node/program.ts';
import type { Entry } from '../../../../targets/raft/log.ts';
import { ofVoters } from '../../../../targets/raft/members.ts';
import { CorruptFileError, encodeRecord } from '../../../../targets/replicated-log/record.ts';
import { LOG_FILE, SNAPSHOT_FILE, Storage } from '../../../../targets/raft/storage.ts';

const MEMBERS = ofVoters(['n1', 'n2', 'n3']);

/** A disk that is as fast as promises are, and whose files can be seen. `broken` makes syncs fail. */
function memoryDisk(files = new Map<string, Uint8Array>()) {
  const state = { files, syncs: 0, broken: false, freezeAfter: Infinity };
  const write = (name: string, bytes: Uint8Array): Promise<void> => {
    state.freezeAfter -= 1;
    if (state.freezeAfter < 0) return new Promise(() => undefined);
    files.set(name, bytes);
    return Promise.resolve();
  };
  let unsynced: Uint8Array[] = [];
  const disk: NodeDisk = {
    read: (name) => Promise.resolve(files.get(name)),
    append: (_name, bytes) => unsynced.push(Buffer.from(bytes)),
    sync: (name) => {
      state.syncs += 1;
      if (state.broken) return Promise.reject(new Error('EIO'));
      const appended = unsynced;
      unsynced = [];
      return write(name, Buffer.concat([files.get(name) ?? new Uint8Array(), ...appended]));
    },
    replace: write,
    remove: (name) => Promise.resolve(void files.delete(name)),
  };
  return { disk, state };
}

const entry = (term: number, value = 0): Entry => ({
  term,
  command: { f: 'write', key: 'x', value, once: null },
});
const durable = (storage: Storage): Promise<void> => new Promise((resolve) => storage.whenDurable(resolve));

/** The log file after a vote, five entries, a conflict at 4 and another vote. */
async function someFile(): Promise<{ bytes: Uint8Array; histories: string[] }> {
  const { disk, state } = memoryDisk();
  const storage = await Storage.open(disk, MEMBERS);
  const histories = [describeLog(storage)];
  const step = async (change: () => void): Promise<void> => {
    change();
    await durable(storage);
    histories.push(describeLog(storage));
  };
  await step(() => storage.saveHardState({ term: 1, vote: 'n2' }));
  for (let index = 1; index <= 5; index++) await step(() => storage.saveEntries(index, [entry(1, index)]));
  await step(() => storage.saveEntries(4, [entry(2, 4), entry(2, 5), entry(2, 6)]));
  await step(() => storage.saveHardState({ term: 3, vote: null }));
  return { bytes: state.files.get(LOG_FILE) ?? new Uint8Array(), histories };
}

function describeLog({ hardState, log }: Storage): string {
  return JSON.stringify({ hardState, base: log.baseIndex, entries: log.slice(log.baseIndex + 1) });
}

describe('raft storage', () => {
  it('should give back what was durable', async () => {
    const { bytes, histories } = await someFile();
    const storage = await Storage.open(memoryDisk(new Map([[LOG_FILE, bytes]])).disk, MEMBERS);
    assert.equal(describeLog(storage), histories.at(-1));
    assert.equal(storage.tornBytes, 0);
  });

  it('should recover a state that once was from a file that ends at any byte', async () => {
    const { bytes, histories } = await someFile();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        const { disk, state } = memoryDisk(new Map([[LOG_FILE, bytes.slice(0, length)]]));
        const storage = await Storage.open(disk, MEMBERS);
        assert.ok(histories.includes(describeLog(storage)), `cut at ${length}`);
        // And what was torn is gone for good: what is written next follows what was recovered.
        storage.saveEntries(storage.log.lastIndex + 1, [entry(9)]);
        await durable(storage);
        const again = await Storage.open(memoryDisk(state.files).disk, MEMBERS);
        assert.equal(describeLog(again), describeLog(storage));
        assert.equal(again.tornBytes, 0);
      }),
    );
  });

  it('should tolerate zeros at the end, where a file grew before its data arrived', async () => {
    const { bytes, histories } = await someFile();
    const padded = Buffer.concat([bytes, new Uint8Array(100)]);
    const storage = await Storage.open(memoryDisk(new Map([[LOG_FILE, padded]])).disk, MEMBERS);
    assert.equal(describeLog(storage), histories.at(-1));
    assert.equal(storage.tornBytes, 100);
  });

  it('should refuse a file in which any one byte changed, also in the last record', async () => {
    const { bytes } = await someFile();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const damaged = bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
        await assert.rejects(
          Storage.open(memoryDisk(new Map([[LOG_FILE, damaged]])).disk, MEMBERS),
          CorruptFileError,
        );
      }),
    );
  });

  it('should name the file, the place and what to do when it refuses', async () => {
    const { bytes } = await someFile();
    const damaged = bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte));
    await assert.rejects(
      Storage.open(memoryDisk(new Map([[LOG_FILE, damaged]])).disk, MEMBERS),
      /"raft\.log": the record at byte 0 fails its checksum.*Restore the file/,
    );
  });

  it('should share one sync among all that is recorded while another runs', async () => {
    const { disk, state } = memoryDisk();
    const storage = await Storage.open(disk, MEMBERS);
    const order: number[] = [];
    for (let index = 1; index <= 100; index++) {
      storage.saveEntries(index, [entry(1, index)]);
      storage.whenDurable(() => order.push(index));
    }
    assert.deepEqual(order, [], 'nothing is durable yet');
    await durable(storage);
    assert.deepEqual(
      order,
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    assert.equal(state.syncs, 1);
  });

  it('should keep a snapshot and the log after it, and recover when the crash comes between the two files', async () => {
    for (const writes of [0, 1, 2]) {
      const { disk, state } = memoryDisk();
      const storage = await Storage.open(disk, MEMBERS);
      for (let index = 1; index <= 10; index++) storage.saveEntries(index, [entry(1, index)]);
      await durable(storage);
      state.freezeAfter = writes;
      storage.saveSnapshot({ index: 8, term: 1, state: 'eight', members: MEMBERS }, 2);
      await new Promise((resolve) => setImmediate(resolve));
      const again = await Storage.open(memoryDisk(new Map(state.files)).disk, MEMBERS);
      assert.equal(again.log.lastIndex, 10);
      assert.deepEqual(
        again.snapshot,
        writes === 0 ? null : { index: 8, term: 1, state: 'eight', members: MEMBERS },
      );
      assert.equal(again.log.baseIndex, writes < 2 ? 0 : 6);
    }
  });

  it('should drop a log that contradicts an installed snapshot', async () => {
    const { disk, state } = memoryDisk();
    const storage = await Storage.open(disk, MEMBERS);
    for (let index = 1; index <= 10; index++) storage.saveEntries(index, [entry(1, index)]);
    await durable(storage);
    state.freezeAfter = 1;
    storage.saveSnapshot({ index: 8, term: 2, state: 'eight', members: MEMBERS }, 2);
    assert.equal(storage.log.lastIndex, 8);
    await new Promise((resolve) => setImmediate(resolve));
    const again = await Storage.open(memoryDisk(new Map(state.files)).disk, MEMBERS);
    assert.equal(describeLog(again), describeLog(storage));
  });

  it('should refuse a missing log or snapshot that must have been there', async () => {
    const snapshot = encodeRecord({ index: 8, term: 1, state: '', members: MEMBERS });
    await assert.rejects(
      Storage.open(memoryDisk(new Map([[SNAPSHOT_FILE, snapshot]])).disk, MEMBERS),
      /"raft\.log": it is missing/,
    );
    const log = encodeRecord({ type: 'base', index: 8, term: 1, members: MEMBERS });
    await assert.rejects(
      Storage.open(memoryDisk(new Map([[LOG_FILE, log]])).disk, MEMBERS),
      /no snapshot reaches entry 8/,
    );
    const both = new Map([
      [LOG_FILE, log],
      [SNAPSHOT_FILE, snapshot],
    ]);
    assert.equal((await Storage.open(memoryDisk(both).disk, MEMBERS)).log.lastIndex, 8);
  });

  it('should never call durable what could not be synced, and let the failure end the process', async () => {
    const { disk, state } = memoryDisk();
    const storage = await Storage.open(disk, MEMBERS);
    const mochas = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const failure = new Promise((resolve) => process.once('unhandledRejection', resolve));
    state.broken = true;
    let said = false;
    storage.saveHardState({ term: 1, vote: 'n1' });
    storage.whenDurable(() => (said = true));
    assert.match(String(await failure), /EIO/);
    for (const listener of mochas) process.on('unhandledRejection', listener);
    assert.equal(said, false);
  });
});
