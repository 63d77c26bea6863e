/**
 * The monitors of locks against the oracle, and by hand on the histories that their rules are about. Beside each that is refused
 * stands one that is not.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { MonitorVerdict } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { history, type Entry } from '../../histories.ts';
import { playClients, type Subject } from './clients.ts';
import { fuzz, requireConflict, requireFrequent, requireOrder } from './held.ts';
import { subjects } from './client-subjects.ts';

const begin = (process: number, f: string): Entry => [process, 'invoke', f];
const end = (process: number, f: string, result: Json = null): Entry => [process, 'ok', f, result];
const whole = (process: number, f: string, result: Json = null): Entry[] => [
  begin(process, f),
  end(process, f, result),
];
const crashed = (process: number, f: string): Entry[] => [begin(process, f), [process, 'info', f]];

const checkOf =
  ({ monitor, model }: Subject, init?: Json) =>
  (...entries: readonly (readonly Entry[])[]): MonitorVerdict =>
    monitor.check(recordCalls(history(...entries.flat())), model.init(init));

const HISTORIES_EACH = 6_000;

function fuzzed(subject: Subject, seed: string): void {
  it(`should agree with the oracle on ${HISTORIES_EACH} histories`, () => {
    const tally = fuzz(subject, (random) => playClients(subject, random), seed, HISTORIES_EACH);
    requireFrequent(tally);
    assert.ok(tally.largest <= 4);
  });
}

describe('the monitor of a mutex', () => {
  const check = checkOf(subjects.mutex);
  fuzzed(subjects.mutex, 'mutex');

  it('should refuse two holders and accept them one after the other', () => {
    const first = whole(0, 'acquire');
    requireConflict(check(first, whole(1, 'acquire')), [0, 1], /no release had begun/);
    requireOrder(check(first, whole(0, 'release'), whole(1, 'acquire')), [0, 1, 2]);
    requireOrder(check(first, [begin(0, 'release')], whole(1, 'acquire')), [0, 1, 2]);
  });

  it('should show the two that hold, of many that held', () => {
    const once = (process: number): Entry[] => [...whole(process, 'acquire'), ...whole(process, 'release')];
    requireConflict(check(once(0), once(1), whole(2, 'acquire'), whole(3, 'acquire')), [4, 5], /hold|held/);
    assert.equal(
      check(once(0), once(1), whole(2, 'acquire'), once(2).slice(2), whole(3, 'acquire')).valid,
      true,
    );
  });

  it('should refuse a release of what nobody held, unless an acquire that crashed may have held it', () => {
    requireConflict(check(whole(1, 'release')), [0], /nothing was held/);
    requireOrder(check(crashed(0, 'acquire'), whole(1, 'release')), [0, 1]);
    requireConflict(
      check(crashed(0, 'acquire'), whole(1, 'release'), whole(1, 'release')),
      [2],
      /nothing was held/,
    );
  });

  it('should let a crashed release free the lock once', () => {
    const freed = [whole(0, 'acquire'), crashed(0, 'release'), whole(1, 'acquire')];
    requireOrder(check(...freed), [0, 1, 2]);
    requireConflict(check(...freed, whole(2, 'acquire')), [2, 3], /no release had begun/);
  });

  it('should leave out a crashed acquire that nobody needs', () => {
    requireOrder(check(crashed(0, 'acquire'), whole(1, 'acquire')), [1]);
  });

  it('should know the state in which a mutex starts', () => {
    const locked = checkOf(subjects.mutex, 'locked');
    requireConflict(locked(whole(0, 'acquire')), [0], /1 from the start/);
    assert.equal(locked(whole(1, 'release'), whole(0, 'acquire')).valid, true);
  });

  it('should not apply to other operations or states', () => {
    const calls = recordCalls(history(...whole(0, 'acquire'), ...whole(0, 'extend')));
    const { monitor } = subjects.mutex;
    assert.deepEqual(monitor.check(calls, 'unlocked'), {
      valid: 'inapplicable',
      why: "extend is not a lock's",
    });
    assert.equal(monitor.check(recordCalls(history(...whole(0, 'acquire'))), 7).valid, 'inapplicable');
  });
});

describe('the monitor of a semaphore', () => {
  const check = checkOf(subjects.semaphore, 2);
  fuzzed(subjects.semaphore, 'semaphore');

  it('should refuse more holders than permits', () => {
    const two = [whole(0, 'acquire'), whole(1, 'acquire')];
    requireConflict(check(...two, whole(2, 'acquire')), [0, 1, 2], /all 2 permits/);
    assert.equal(check(...two, whole(0, 'release'), whole(2, 'acquire')).valid, true);
  });
});

describe('the monitor of a fenced lock', () => {
  const check = checkOf(subjects['fenced lock'], 3);
  fuzzed(subjects['fenced lock'], 'fenced');
  const release = whole(0, 'release');

  it('should refuse tokens that are not greater than all before', () => {
    const first = whole(0, 'acquire', 5);
    requireConflict(check(first, release, whole(1, 'acquire', 4)), [0, 2], /token 4 .* after 5 was given/);
    requireConflict(check(first, release, whole(1, 'acquire', 5)), [0, 2], /token 5 was given twice/);
    requireConflict(check(whole(0, 'acquire', 3)), [0], /token 3 is not above the last one before, 3/);
    requireOrder(check(first, release, whole(1, 'acquire', 6)), [0, 1, 2]);
  });

  it('should order acquires that overlap by their tokens', () => {
    const both: Entry[] = [begin(0, 'acquire'), begin(1, 'acquire'), end(0, 'acquire', 9)];
    const freed = [...release, end(1, 'acquire', 8)];
    requireConflict(check(both, freed), [0, 1], /no release had begun/);
    requireOrder(check(both.slice(0, 2), [begin(2, 'release')], both.slice(2), freed.slice(2)), [1, 2, 0]);
  });

  it('should refuse two holders', () => {
    requireConflict(check(whole(0, 'acquire', 5), whole(1, 'acquire', 6)), [0, 1], /no release had begun/);
    assert.equal(check(whole(0, 'acquire', 5), crashed(0, 'release'), whole(1, 'acquire', 6)).valid, true);
  });

  it('should not apply to tokens that are not numbers', () => {
    assert.equal(check(whole(0, 'acquire', 'five')).valid, 'inapplicable');
  });
});

describe('the monitor of a read-write lock', () => {
  const check = checkOf(subjects['read-write lock']);
  fuzzed(subjects['read-write lock'], 'read-write');
  const reader = whole(0, 'acquire-read');

  it('should refuse a writer beside a reader, and accept two readers', () => {
    requireConflict(
      check(reader, whole(1, 'acquire-write')),
      [0, 1],
      /process 1 was let in to write while process 0/,
    );
    requireConflict(
      check(whole(1, 'acquire-write'), reader),
      [0, 1],
      /to read while process 1, let in to write/,
    );
    requireOrder(check(reader, whole(1, 'acquire-read')), [0, 1]);
    requireOrder(check(reader, [begin(0, 'release-read')], whole(1, 'acquire-write')), [0, 1, 2]);
  });

  it('should leave out a crashed acquire, and let a crashed release do its work', () => {
    requireOrder(check(crashed(1, 'acquire-write'), reader), [1]);
    requireOrder(check(reader, crashed(0, 'release-read'), whole(1, 'acquire-write')), [0, 1, 2]);
  });

  it('should know a process that holds the lock twice', () => {
    const twice = [...reader, ...reader, ...whole(0, 'release-read')];
    requireConflict(
      check(twice, whole(1, 'acquire-write')),
      [0, 3],
      /let in to write while process 0, let in to read/,
    );
    assert.equal(check(twice, whole(0, 'release-read'), whole(1, 'acquire-write')).valid, true);
  });

  it('should leave it to others where somebody released what he did not hold', () => {
    assert.equal(check(reader, whole(2, 'acquire-read'), whole(1, 'acquire-write')).valid, false);
    assert.equal(
      check(reader, whole(2, 'acquire-read'), whole(3, 'release-read'), whole(1, 'acquire-write')).valid,
      'inapplicable',
    );
    requireOrder(check(reader, whole(3, 'release-read'), whole(1, 'acquire-write')), [0, 1, 2]);
  });
});
