/**
 * The list's monitor against the oracle, and by hand on the histories that its rules are about.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { Random } from '../../../../../harness/random.ts';
import { listMonitor } from '../../../../../checkers/linearizable/monitors/list/monitor.ts';
import { listAppend } from '../../../../../checkers/models/list-append.ts';
import { alone, type Entry } from '../../histories.ts';
import { Asserted, fuzz, requireFrequent } from './held.ts';
import { useSpecimen, type Specimen } from './specimens.ts';

const monitor = listMonitor({ append: ['append'], read: ['read'] });
const asserted = new Asserted(monitor, []);

/** A list whose elements are mostly new; a lie is a read of an earlier list, of two elements swapped, or of one too few. */
function specimen(random: Random): Specimen {
  const init = random.chance(0.3) ? [0] : [];
  let list: readonly Json[] = init;
  let latest = 0;
  const past: Json[] = [null];
  return {
    init,
    draw() {
      if (random.chance(0.45)) return { f: 'read', value: null };
      return { f: 'append', value: random.chance(0.97) ? ++latest : random.int(latest + 1) };
    },
    run(f, argument) {
      if (f === 'read') return list.length === 0 && random.chance(0.5) ? null : list;
      past.push(list);
      list = [...list, argument];
      return argument;
    },
    lie(f, result) {
      if (f !== 'read') return result;
      const seen = (result ?? []) as readonly Json[];
      const kind = random.int(4);
      if (kind === 0) return random.shuffle(seen);
      if (kind === 1) return [...seen, 1 + random.int(latest + 1)];
      return kind === 2 ? list : random.pick(past);
    },
  };
}

describe('the monitor of a list', () => {
  it('should agree with the oracle', () => {
    const tally = fuzz(
      { model: listAppend, monitor },
      (random) => useSpecimen(specimen(random), random),
      'list',
      20_000,
    );
    requireFrequent(tally);
    assert.ok(tally.largest <= 4);
  });

  it('should name a read that lacks what was appended before it, or read before it', () => {
    const start = [...alone(0, 'append', 1), ...alone(0, 'append', 2)];
    asserted.conflict(
      [1, 2],
      /the read lacks 2, which was appended/,
      ...start,
      ...alone(0, 'read', null, [1]),
    );
    const read = alone(0, 'read', null, [1, 2]);
    asserted.linearizable(...start, ...read);
    asserted.conflict([1, 3], /the read lacks 2/, ...start, ...read, ...alone(0, 'read', null, [1]));
    asserted.linearizable(...start, ...read, ...read);
  });

  it('should name reads that order elements differently', () => {
    const history = (read: Json): Entry[] => [
      [0, 'invoke', 'append', 1],
      ...alone(1, 'append', 2),
      [0, 'ok', 'append', 1],
      ...alone(0, 'read', null, [1, 2]),
      ...alone(0, 'read', null, read),
    ];
    asserted.conflict([0, 1, 2, 3], /at place 0 one read has 2 and another has 1/, ...history([2, 1]));
    asserted.linearizable(...history([1, 2]));
  });

  it('should name appends that a read shows against real time', () => {
    const start = [...alone(0, 'append', 1), ...alone(0, 'append', 2)];
    asserted.conflict([0, 1, 2], /1 .*whose append had ended/, ...start, ...alone(0, 'read', null, [2, 1]));
    asserted.conflict([0, 1, 2], /2 was read without 1 before it/, ...start, ...alone(0, 'read', null, [2]));
    asserted.linearizable(...start, ...alone(0, 'read', null, [1, 2]));
  });

  it('should say so where an element that was read is appended twice', () => {
    const twice = [...alone(0, 'append', 1), ...alone(0, 'append', 1)];
    asserted.inapplicable(/1 is appended more than once/, ...twice, ...alone(0, 'read', null, [1, 1]));
    asserted.conflict(
      [0, 1],
      /1 was read twice/,
      ...alone(0, 'append', 1),
      ...alone(0, 'read', null, [1, 1]),
    );
    asserted.conflict([0], /2 was read, but nothing appended it/, ...alone(0, 'read', null, [2]));
    asserted.linearizable(...alone(0, 'append', 2), ...alone(0, 'read', null, [2]));
  });
});
