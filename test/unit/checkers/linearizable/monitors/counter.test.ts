/**
 * The monitor of counters against the oracle, and by hand on the histories that its rules are about. Beside each that is refused
 * stands one that is not.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { MonitorVerdict } from '../../../../../checkers/linearizable/monitors/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { history, type Entry } from '../../histories.ts';
import { playClients, type Subject } from './clients.ts';
import { fuzz, requireConflict, requireFrequent, requireInapplicable, requireOrder } from './held.ts';
import { subjects } from './client-subjects.ts';

const { monitor } = subjects['counter of ones'];

let clients = 0;
const add = (amount: Json = 1): Entry[] => {
  const process = clients++;
  return [
    [process, 'invoke', 'add', amount],
    [process, 'ok', 'add'],
  ];
};
const crashedAdd = (): Entry[] => add().slice(0, 1);
const read = (sum: Json): Entry[] => {
  const process = clients++;
  return [
    [process, 'invoke', 'read'],
    [process, 'ok', 'read', sum],
  ];
};

function check(initial: unknown, ...entries: readonly (readonly Entry[])[]): MonitorVerdict {
  return monitor.check(recordCalls(history(...entries.flat())), initial);
}

const HISTORIES_EACH = 10_000;

describe('the monitor of a counter', () => {
  for (const name of ['counter of ones', 'counter of minus twos'] as const) {
    const subject: Subject = subjects[name];
    it(`should agree with the oracle on ${HISTORIES_EACH} histories of a ${name}`, () => {
      const tally = fuzz(subject, (random) => playClients(subject, random), name, HISTORIES_EACH);
      requireFrequent(tally);
      assert.ok(tally.largest <= 5);
    });
  }

  it('should refuse a read that misses an addition before it', () => {
    requireConflict(check(7, add(), read(7)), [0, 1], /reads 7 when at least 1 additions had been done/);
    requireOrder(check(7, add(), read(8)), [0, 1]);
  });

  it('should refuse a sum that goes down, and show the two reads', () => {
    const [begin, end] = add();
    assert.ok(begin !== undefined && end !== undefined);
    requireConflict(check(0, [begin], read(1), read(0), [end]), [1, 2], /reads 0 after it was read as 1/);
    requireOrder(check(0, [begin], read(0), read(1), [end]), [1, 0, 2]);
  });

  it('should show an addition between two reads of the same sum, of many', () => {
    const many = Array.from({ length: 9 }, () => add());
    requireConflict(check(0, ...many, read(9), add(), read(9)), [9, 10, 11], /at least 10 additions/);
    assert.equal(check(0, ...many, read(9), add(), read(10)).valid, true);
    requireConflict(check(0, ...many, read(8)), [5, 6, 7, 8, 9], /at least 9 additions/);
  });

  it('should refuse a sum for which too few additions had begun', () => {
    requireConflict(check(0, add(), read(2), add()), [1], /before so many additions had begun/);
    requireOrder(check(0, crashedAdd(), add(), read(2)), [1, 0, 2]);
    requireConflict(check(0, add(), read(1e9)), [1], /before so many additions had begun/);
  });

  it('should use crashed additions only where a read needs them', () => {
    requireOrder(check(0, crashedAdd(), read(0), read(1)), [1, 0, 2]);
    requireOrder(check(0, crashedAdd(), add(), read(1)), [1, 2]);
    requireConflict(check(0, crashedAdd(), read(2)), [1], /before so many/);
  });

  it('should refuse a sum that no number of additions gives', () => {
    requireConflict(check(1, add(2), read(2)), [1], /reads 2, which no additions of 2 to 1/);
    requireConflict(check(1, add(2), read(-1)), [1], /no additions/);
    requireConflict(check(1, read(null)), [0], /reads null/);
    assert.equal(check(1, add(2), read(3)).valid, true);
    assert.equal(check(1, add(-2), read(-1)).valid, true);
  });

  it('should not apply to different amounts, other numbers or other operations', () => {
    requireInapplicable(check(0, add(1), add(2)), /different amounts/);
    requireInapplicable(check(0, add(0.5)), /not a whole number/);
    requireInapplicable(check(0, add(0)), /not a whole number/);
    requireInapplicable(check(0, add(Number.MAX_SAFE_INTEGER), add(Number.MAX_SAFE_INTEGER)), /too large/);
    requireInapplicable(check(0.5, add(1)), /does not start with a whole number/);
    requireInapplicable(check(0, [[0, 'invoke', 'reset']]), /reset is neither an addition nor a read/);
  });
});
