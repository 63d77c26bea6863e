/**
 * The disk of a Fast Paxos node: promise, votes and what is chosen come back, also after a compaction and whatever a crash left of it;
 * and damage that no crash explains stops the node.
 */
import assert from 'node:assert/strict';
import type { Entry } from '../../../../targets/fast-paxos/entry.ts';
import { JOURNAL_FILE, SNAPSHOT_FILE, Storage } from '../../../../targets/fast-paxos/storage.ts';
import type { Vote } from '../../../../targets/fast-paxos/votes.ts';
import { encodeRecord } from '../../../../targets/replicated-log/record.ts';
import { CrashingDisk } from '../cluster/crashing-disk.ts';

const entryOf = (slot: number): Entry => ({
  id: `c/${slot}`,
  command: { f: 'write', key: 'x', value: slot, once: null },
  query: null,
});
const voteIn = (slot: number): Vote => ({
  slot,
  round: { ballot: 7, step: 2, fast: true },
  entry: entryOf(slot),
  delays: 2,
});

/** A disk whose writes take no time, and which can be made to do nothing from a moment on. */
function disk(): {
  open: () => Promise<Storage>;
  files: CrashingDisk;
  freezeAfter: (writes: number) => void;
} {
  const files = new CrashingDisk();
  let left = Infinity;
  const life = {
    isAlive: () => true,
    after: (_ms: number, run: () => void) => {
      if (left-- > 0) run();
    },
  };
  return { open: () => Storage.open(files.forLife(life)), files, freezeAfter: (writes) => (left = writes) };
}

const durable = (storage: Storage): Promise<void> => new Promise((resolve) => storage.whenDurable(resolve));
const contents = (
  { promised, base, snapshot, votes, ...storage }: Storage,
  chosenAt: Storage['chosenAt'],
): unknown => ({
  ...storage,
  promised,
  base,
  snapshot,
  votes,
  chosen: Array.from({ length: 12 }, (_, slot) => chosenAt(slot)?.id ?? null),
});
const seen = (storage: Storage): unknown => contents(storage, (slot) => storage.chosenAt(slot));

/** Votes in ten slots, the first eight of which are chosen and applied. */
async function filled(open: () => Promise<Storage>): Promise<Storage> {
  const storage = await open();
  for (let slot = 1; slot <= 10; slot++) storage.vote(voteIn(slot));
  for (let slot = 1; slot <= 8; slot++) {
    storage.choose(slot, entryOf(slot));
    storage.release(slot);
  }
  storage.vote(voteIn(11));
  await durable(storage);
  return storage;
}

describe('fast-paxos storage', () => {
  it('should give back promise, votes and what was chosen', async () => {
    const { open } = disk();
    const storage = await filled(open);
    storage.promise(9);
    await durable(storage);
    const again = await open();
    assert.equal(again.promised, 9);
    assert.equal(again.chosenAt(8)?.id, 'c/8');
    assert.equal(again.voteAt(10)?.entry.id, 'c/10');
    assert.deepEqual([again.base, again.snapshot], [0, null]);
  });

  it('should forget slots that a snapshot covers, whatever a crash left of the log', async () => {
    for (const writes of [0, 1, 2]) {
      const { open, freezeAfter } = disk();
      const storage = await filled(open);
      freezeAfter(writes);
      storage.saveSnapshot({ index: 8, state: 'eight' }, 6);
      assert.deepEqual([storage.base, storage.chosenAt(6), storage.chosenAt(7)?.id], [6, undefined, 'c/7']);
      await new Promise((resolve) => setImmediate(resolve));
      freezeAfter(Infinity);
      const again = await open();
      assert.deepEqual(again.snapshot, writes === 0 ? null : { index: 8, state: 'eight' });
      assert.equal(again.base, writes === 0 ? 0 : 8);
      assert.equal(again.chosenAt(8)?.id, writes === 0 ? 'c/8' : undefined);
      assert.deepEqual(
        again.votes.map(({ slot }) => slot).filter((slot) => slot > 8),
        [9, 10, 11],
      );
    }
  });

  it('should be whole when something becomes chosen while it is being compacted', async () => {
    const { open } = disk();
    const storage = await filled(open);
    storage.choose(9, entryOf(9));
    storage.saveSnapshot({ index: 8, state: 'eight' }, 6);
    storage.choose(10, entryOf(10));
    storage.release(9);
    storage.release(10);
    await durable(storage);
    storage.vote(voteIn(12));
    await durable(storage);
    const again = await open();
    assert.deepEqual([again.chosenAt(9)?.id, again.chosenAt(10)?.id], ['c/9', 'c/10']);
    assert.equal(again.voteAt(12)?.entry.id, 'c/12');
    assert.deepEqual(seen(await open()), seen(again));
  });

  it('should refuse a log whose snapshot is missing, and a snapshot that is none', async () => {
    const { open, files } = disk();
    files.set(JOURNAL_FILE, encodeRecord({ type: 'base', slot: 8 }).slice());
    await assert.rejects(open(), /no snapshot reaches slot 8/);
    files.set(SNAPSHOT_FILE, encodeRecord({ index: 8, state: '' }).slice());
    assert.equal((await open()).base, 8);
    files.set(SNAPSHOT_FILE, encodeRecord({ index: 'x' }).slice());
    await assert.rejects(open(), /no snapshot/);
  });
});
