/**
 * The monitor of a set's element against the oracle, and by hand on the histories that its rules are about. Beside each that is
 * refused stands one that is not.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import { createRandom } from '../../../../../harness/random.ts';
import type { MonitorVerdict } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { set } from '../../../../../checkers/models/set.ts';
import { history, type Entry } from '../../histories.ts';
import { playClients, type Subject } from './clients.ts';
import { fuzz, requireConflict, requireFrequent, requireOrder } from './held.ts';
import { subjects } from './client-subjects.ts';

const { monitor } = subjects['set, mostly looked at'];

const begin = (process: number, f: string): Entry => [process, 'invoke', f, 'e'];
const end = (process: number, f: string, result: Json = null): Entry => [process, 'ok', f, result];
const whole = (process: number, f: string, result: Json = null): Entry[] => [
  begin(process, f),
  end(process, f, result),
];
const look = (process: number, result: Json): Entry[] => whole(process, 'contains', result);

function checkFrom(init: Json, entries: readonly (readonly Entry[])[]): MonitorVerdict {
  return monitor.check(recordCalls(history(...entries.flat())), set.init(init));
}

const check = (...entries: readonly (readonly Entry[])[]): MonitorVerdict => checkFrom([], entries);

const HISTORIES_EACH = 10_000;

describe('the monitor of an element of a set', () => {
  for (const name of ['set, mostly looked at', 'set, mostly changed'] as const) {
    const subject: Subject = subjects[name];
    it(`should agree with the oracle on ${HISTORIES_EACH} histories of a ${name}`, () => {
      const tally = fuzz(subject, (random) => playClients(subject, random), name, HISTORIES_EACH);
      requireFrequent(tally);
      assert.equal(tally.verdicts.inapplicable, 0);
      assert.ok(tally.largest <= 6);
    });
  }

  it('should see an element from when it is added until it is removed', () => {
    const added = whole(0, 'add');
    requireOrder(
      check(look(1, false), added, look(1, true), whole(0, 'remove'), look(1, false)),
      [0, 1, 2, 3, 4],
    );
    requireConflict(
      check(added, look(1, false)),
      [0, 1],
      /"e" must be out at some moment of the last contains/,
    );
    requireConflict(check(added, whole(0, 'remove'), look(1, true)), [1, 2], /must be in at some moment/);
  });

  it('should not take an add for evidence that is only missing in it', () => {
    const removed = whole(0, 'remove');
    const many = Array.from({ length: 9 }, () => [...whole(0, 'add'), ...look(1, true), ...removed]).flat();
    requireConflict(check(many, look(1, true)), [26, 27], /must be in/);
    assert.equal(check(many, look(1, false)).valid, true);
  });

  it('should let an add that overlaps bring the element in once', () => {
    const within = (...looks: readonly Entry[][]): MonitorVerdict =>
      check([begin(0, 'add')], ...looks, [end(0, 'add')]);
    requireOrder(within(look(1, false), look(2, true)), [1, 0, 2]);
    requireConflict(within(look(1, true), look(2, false)), [1, 2], /must be out/);
    assert.equal(check([begin(3, 'remove')], look(1, false)).valid, true);
  });

  it('should use an addition that ends soon before one that may come later', () => {
    const overlapping = (last: boolean): MonitorVerdict =>
      check(
        [begin(0, 'add'), begin(1, 'remove'), begin(2, 'add')],
        look(3, true),
        look(3, false),
        [end(1, 'remove')],
        look(3, last),
        look(3, last),
        [end(2, 'add'), end(0, 'add')],
      );
    assert.equal(overlapping(true).valid, true);
    assert.equal(overlapping(false).valid, true);
    const once = [begin(0, 'add'), begin(1, 'remove')];
    assert.equal(check(once, look(3, true), look(3, false), look(3, true)).valid, false);
    assert.equal(check(once, [begin(2, 'add')], look(3, true), look(3, false), look(3, true)).valid, true);
  });

  it('should use crashed additions or leave them out', () => {
    const crashed: Entry[] = [begin(0, 'add'), [0, 'info', 'add']];
    requireOrder(check(crashed, look(1, false), look(1, true)), [1, 0, 2]);
    requireOrder(check(crashed, look(1, false)), [1]);
    assert.equal(check(crashed, look(1, true), look(1, false)).valid, false);
  });

  it('should know whether the element is there at first', () => {
    requireOrder(checkFrom(['e'], [look(0, true)]), [0]);
    requireConflict(checkFrom(['f'], [look(0, true)]), [0], /must be in/);
  });

  it('should refuse an answer that is neither true nor false', () => {
    requireConflict(check(look(0, 'perhaps')), [0], /neither true nor false/);
    assert.equal(check(look(0, false)).valid, true);
  });

  it('should not apply to several elements, whole reads or other states', () => {
    const other: Entry[] = [
      [1, 'invoke', 'add', 'f'],
      [1, 'ok', 'add'],
    ];
    assert.equal(check(whole(0, 'add'), other).valid, 'inapplicable');
    assert.equal(check(whole(0, 'add'), [[1, 'invoke', 'read']]).valid, 'inapplicable');
    assert.equal(monitor.check(recordCalls(history(...look(0, false))), null).valid, 'inapplicable');
  });

  it('should know when too much overlaps, and still refuse what is certainly wrong', () => {
    const random = createRandom('crowd');
    const clients = Array.from({ length: 70 }, (_, process) => process);
    const f = clients.map(() => random.pick(['add', 'remove']));
    const crowd = [
      clients.map((process) => begin(process, f[process] ?? '')),
      clients.map((p) => end(p, f[p] ?? '')),
    ];
    assert.equal(check(...crowd).valid, 'inapplicable');
    requireConflict(check(...crowd, whole(99, 'add'), look(100, false)), [70, 71], /must be out/);
  });
});
