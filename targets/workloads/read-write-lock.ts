/**
 * Locks for many readers or one writer, and the resource that each guards. Writers do what holders of a plain lock do (lock.ts). Readers read the
 * resource, think and read it again: what they find must be the same, or somebody wrote while they held the lock.
 *
 * A reader presents its token at the resource as a writer does: it is refused if a *writer* with a greater token was there, and from then on
 * writers with a lower one are. Else a writer that was asleep might write, late, in the midst of what a later reader reads. Readers do not refuse one another.
 */
import {
  eventualRelease,
  fencing,
  lostUpdate,
  mutualExclusion,
  readerIsolation,
} from '../../checkers/index.ts';
import {
  type Generator,
  concurrentKeys,
  cycle,
  eachThread,
  once,
  onKey,
  op,
  repeat,
  sequence,
  untilOk,
  weightedMix,
} from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { attempts, byRivals, RELEASED_WITHIN_MS, thought } from './rivals.ts';

/** Clients that want the same lock: enough for two readers beside a writer who waits, and one more. */
const RIVALS = 4;

/** One holder in this mode: takes the lock, works, gives it back or forgets to. */
function holding(mode: 'read' | 'write', work: string): Generator {
  const working = op(work, thought);
  return sequence(
    untilOk(repeat(op('acquire', { mode }))),
    working,
    once(weightedMix([3, working], [2, op('renew')])),
    once(weightedMix([5, op('release')], [1, working])),
  );
}

const reading = holding('read', 'examine');
const writing = holding('write', 'update');

/** In the end each lock is had in both ways, so that something is done under it even where faults left no time for that. */
const lastly: Generator = sequence(
  attempts(op('acquire', { mode: 'read' })),
  op('examine', { think: 0 }),
  op('release'),
  attempts(op('acquire', { mode: 'write' })),
  op('update', { think: 0 }),
  attempts(op('read')),
);

/** The read-write lock workload. */
export const readWriteLock: Workload = {
  name: 'read-write-lock',
  summary:
    'take a lock beside other readers or as the only writer, work at the resource and give it back; leases end under holders',
  operations: {
    acquire:
      '{ key, value: { mode: "read" | "write" } } takes the lock, and gives { token, untilMs, mode }: a fencing token, and for how long it is held, counted from when it was asked',
    renew: '{ key } holds it for longer, and gives the same',
    release: '{ key } gives it back',
    update:
      '{ key, value: { think } } under a write hold reads the resource, thinks for so many times the length of a lease, writes; gives { id, token, base, version }',
    examine:
      '{ key, value: { think } } under a read hold reads the resource, thinks, reads it again; gives the versions { before, after }',
    read: '{ key } gives the resource: { value, version, effects }',
  },
  generator: ({ concurrency }) =>
    byRivals(concurrency, eachThread(cycle(sequence(reading, reading, writing))), RIVALS),
  progressGenerator: () => onKey('progress', attempts(op('acquire', { mode: 'write' }))),
  finalGenerator: ({ keys }) => concurrentKeys(1, keys, () => lastly),
  checkers: [mutualExclusion, readerIsolation, fencing, lostUpdate, eventualRelease(RELEASED_WITHIN_MS)],
};
