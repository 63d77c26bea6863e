/**
 * The disk of a Multi-Paxos node: what was durable comes back, also over gaps, and damage that no crash explains stops the
 * node. (How records are framed and torn ones repaired is in test/unit/targets/raft/storage.test.ts: the journal is the same.)
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SlotLog, type Accepted } from '../../../../targets/multi-paxos/log.ts';
import { LOG_FILE, SNAPSHOT_FILE, Storage } from '../../../../targets/multi-paxos/storage.ts';
import { encodeRecord } from '../../../../targets/replicated-log/record.ts';
import { CrashingDisk } from '../cluster/crashing-disk.ts';

const accepted = (ballot: number, value = 0): Accepted => ({
  ballot,
  command: { f: 'write', key: 'x', value, once: null },
});
const durable = (storage: Storage): Promise<void> => new Promise((resolve) => storage.whenDurable(resolve));

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

const contents = ({ promised, log, snapshot }: Storage): unknown => ({
  promised,
  snapshot,
  base: log.base,
  last: log.last,
  slots: [...log.from(log.base + 1)],
});

describe('multi-paxos storage', () => {
  it('should give back promise, accepted values and gaps, after a restart and after a rewrite', async () => {
    const { open } = disk();
    const storage = await open();
    storage.savePromise(7);
    storage.saveEntries(1, [accepted(7, 1), accepted(7, 2)]);
    storage.saveEntries(5, [accepted(7, 5)]);
    storage.saveEntries(2, [accepted(9, 2)]);
    storage.savePromise(9);
    await durable(storage);
    const again = await open();
    assert.deepEqual(contents(again), contents(storage));
    assert.deepEqual(
      [...again.log.from(1)].map(([slot, { ballot }]) => [slot, ballot]),
      [
        [1, 7],
        [2, 9],
        [5, 7],
      ],
    );
    assert.deepEqual(contents(await open()), contents(storage));
  });

  it('should forget slots that a snapshot covers, whatever a crash left of the log', async () => {
    for (const writes of [0, 1, 2]) {
      const { open, freezeAfter } = disk();
      const storage = await open();
      storage.saveEntries(
        1,
        Array.from({ length: 10 }, (_, value) => accepted(3, value)),
      );
      await durable(storage);
      freezeAfter(writes);
      storage.saveSnapshot({ index: 8, state: 'eight' }, 6);
      assert.equal(storage.log.base, 6);
      await new Promise((resolve) => setImmediate(resolve));
      freezeAfter(Infinity);
      const { log, snapshot } = await open();
      assert.deepEqual(snapshot, writes === 0 ? null : { index: 8, state: 'eight' });
      assert.deepEqual([log.base, log.last], [writes === 0 ? 0 : 8, 10]);
    }
  });

  it('should refuse a log whose snapshot is missing, and a record that is none', async () => {
    const { open, files } = disk();
    files.set(LOG_FILE, encodeRecord({ type: 'base', slot: 8 }).slice());
    await assert.rejects(open(), /no snapshot reaches slot 8/);
    files.set(SNAPSHOT_FILE, encodeRecord({ index: 8, state: '' }).slice());
    assert.equal((await open()).log.base, 8);
    files.set(SNAPSHOT_FILE, encodeRecord({ index: 'x' }).slice());
    await assert.rejects(open(), /no snapshot/);
    files.set(SNAPSHOT_FILE, encodeRecord({ index: 8, state: '' }).slice());
    files.set(LOG_FILE, encodeRecord({ type: 'entries', from: 1, entries: [{ ballot: -1 }] }).slice());
    await assert.rejects(open(), /unknown record/);
  });
});

describe('multi-paxos log', () => {
  it('should answer like a plain map, whatever was written and compacted', () => {
    const step = fc.record({
      from: fc.integer({ min: 1, max: 20 }),
      count: fc.integer({ min: 1, max: 4 }),
      compact: fc.nat(8),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const log = new SlotLog();
        const model = new Map<number, number>();
        let base = 0;
        let last = 0;
        steps.forEach(({ from, count, compact }, ballot) => {
          log.write(
            from,
            Array.from({ length: count }, () => accepted(ballot)),
          );
          for (let slot = from; slot < from + count; slot++) if (slot > base) model.set(slot, ballot);
          last = Math.max(last, from + count - 1);
          log.compact(compact);
          base = Math.max(base, compact);
          last = Math.max(last, base);
          for (const slot of model.keys()) if (slot <= base) model.delete(slot);
          assert.deepEqual([log.base, log.last], [base, last]);
          assert.deepEqual(
            [...log.from(1)].map(([slot, entry]) => [slot, entry.ballot]),
            [...model].sort(([a], [b]) => a - b),
          );
        });
      }),
    );
  });
});
