/**
 * The monitor of a set that only grows against the oracle, and by hand on the histories that its rules are about.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { Random } from '../../../../../harness/random.ts';
import { growOnlySetMonitor } from '../../../../../checkers/linearizable/monitors/set/grow-only.ts';
import { set } from '../../../../../checkers/models/set.ts';
import { alone, type Entry } from '../../histories.ts';
import { Asserted, fuzz, requireFrequent } from './held.ts';
import { useSpecimen, type Specimen } from './specimens.ts';

const monitor = growOnlySetMonitor({ add: ['add'], read: ['read'] });
const asserted = new Asserted(monitor, []);

/** A set to which elements are added up to a few times; a lie is a read of an earlier set, or of one element more or less. */
function specimen(random: Random): Specimen {
  const init: readonly Json[] = random.chance(0.3) ? [0, 'x'] : [];
  const elements = new Set<Json>(init);
  const repeating = random.chance(0.5);
  let latest = 0;
  const past: Json[] = [init];
  return {
    init,
    draw() {
      if (random.chance(0.45)) return { f: 'read', value: null };
      return { f: 'add', value: repeating ? random.int(4) : ++latest };
    },
    run(f, argument) {
      if (f === 'read') return random.shuffle([...elements]);
      past.push([...elements]);
      elements.add(argument);
      return argument;
    },
    lie(f, result) {
      if (f !== 'read') return result;
      const seen = result as readonly Json[];
      const kind = random.int(4);
      if (kind === 0) return seen.slice(1);
      if (kind === 1) return [...seen, 1 + random.int(latest + 1)];
      return kind === 2 ? [...elements] : random.pick(past);
    },
  };
}

describe('the monitor of a set that only grows', () => {
  it('should agree with the oracle', () => {
    const tally = fuzz(
      { model: set, monitor },
      (random) => useSpecimen(specimen(random), random),
      'grow-only-set',
      20_000,
    );
    requireFrequent(tally);
    assert.ok(tally.largest <= 4);
    assert.equal(tally.verdicts.inapplicable, 0);
  });

  it('should name a read that lacks what was added before it, or read before it', () => {
    const start = [...alone(0, 'add', 1), ...alone(0, 'add', 2)];
    asserted.conflict([1, 2], /the read lacks 2, which was added/, ...start, ...alone(0, 'read', null, [1]));
    const read = alone(0, 'read', null, [2, 1]);
    asserted.linearizable(...start, ...read);
    const open: Entry = [1, 'invoke', 'add', 3];
    const full = alone(0, 'read', null, [1, 3]);
    asserted.conflict(
      [0, 2, 3],
      /the read lacks 3, which an earlier/,
      open,
      ...start.slice(0, 2),
      ...full,
      ...alone(0, 'read', null, [1]),
    );
    asserted.linearizable(open, ...start.slice(0, 2), ...full, ...full);
  });

  it('should name reads that do not include each other', () => {
    const history = (read: Json): Entry[] => [
      [0, 'invoke', 'add', 1],
      [1, 'invoke', 'add', 2],
      ...alone(2, 'read', null, [1]),
      ...alone(2, 'read', null, read),
    ];
    asserted.conflict([0, 1, 2, 3], /without .*, another has it the other way round/, ...history([2]));
    asserted.linearizable(...history([2, 1]));
  });

  it('should let an element be added again', () => {
    const history = (...first: readonly Entry[]): Entry[] => [
      ...first,
      ...alone(0, 'read', null, [1]),
      ...alone(0, 'add', 1),
      ...alone(0, 'read', null, [1]),
    ];
    asserted.linearizable(...history(...alone(0, 'add', 1)));
    asserted.conflict([0, 1], /1 was read before its addition began/, ...history());
  });

  it('should know what the set started with, and refuse what is removed', () => {
    const filled = new Asserted(monitor, ['"x"']);
    filled.conflict([0], /a read lacks "x", which was there from the start/, ...alone(0, 'read', null, []));
    filled.linearizable(...alone(0, 'read', null, ['x']));
    filled.inapplicable(/does not know remove/, ...alone(0, 'remove', 'x'));
  });
});
