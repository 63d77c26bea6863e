/**
 * The register's monitor against the oracle, and by hand on the histories that its rules are about.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import type { Random } from '../../../../../harness/random.ts';
import { registerMonitor } from '../../../../../checkers/linearizable/monitors/register/monitor.ts';
import { casRegister } from '../../../../../checkers/models/cas-register.ts';
import { register } from '../../../../../checkers/models/register.ts';
import { alone, type Entry } from '../../histories.ts';
import { Asserted, fuzz, requireFrequent, type Tally } from './held.ts';
import { useSpecimen, type Specimen } from './specimens.ts';

const monitor = registerMonitor({ read: ['read'], write: ['write'], cas: ['cas'] });

const asserted = new Asserted(monitor, null);

/** A register whose written values are mostly new; `cas` of them are compare-and-sets. */
function specimen(random: Random, cas: number): Specimen {
  let value: Json = random.chance(0.5) ? null : 0;
  let latest = 0;
  const init = value;
  const fresh = (): Json => (random.chance(0.95) ? ++latest : random.int(latest + 1));
  const known = (): Json => (random.chance(0.1) ? init : random.int(latest + 1));
  return {
    init,
    draw() {
      const kind = random.next();
      if (kind < cas)
        return {
          f: 'cas',
          value: [random.chance(0.7) ? value : known(), random.chance(0.95) ? fresh() : value],
        };
      return kind < (1 + cas) / 2 ? { f: 'read', value: null } : { f: 'write', value: fresh() };
    },
    run(f, argument) {
      if (f === 'read') return value;
      if (f === 'write') return (value = argument);
      const [expected, next] = argument as [Json, Json];
      if (expected !== value) return false;
      value = next;
      return argument;
    },
    lie: (f, result) => (f === 'cas' ? (result === false ? true : false) : f === 'read' ? known() : result),
  };
}

/** Random histories in which so many of the operations are compare-and-sets. */
const fuzzed = (cas: number, seed: string, histories: number): Tally =>
  fuzz(
    { model: cas === 0 ? register : casRegister, monitor },
    (random) => useSpecimen(specimen(random, cas), random),
    seed,
    histories,
  );

describe('the monitor of a register', () => {
  it('should agree with the oracle on reads and writes', () => {
    const tally = fuzzed(0, 'register', 10_000);
    requireFrequent(tally);
    assert.ok(tally.largest <= 6);
  });

  it('should agree with the oracle on compare-and-sets', () => {
    const tally = fuzzed(0.4, 'cas-register', 12_000);
    requireFrequent(tally);
    assert.ok(tally.conflicting / tally.verdicts.false < 5);
  });

  it('should name a value that is read again after another', () => {
    const history = (value: Json): Entry[] => [
      ...alone(0, 'write', 1),
      ...alone(0, 'read', null, 1),
      ...alone(0, 'write', 2),
      ...alone(0, 'read', null, value),
    ];
    asserted.conflict([0, 2, 3], /the value 1 was there both before and after 2/, ...history(1));
    asserted.linearizable(...history(2));
  });

  it('should name a value that nothing wrote, and one read before its write', () => {
    asserted.conflict(
      [1],
      /the value 2 was found, but nothing/,
      ...alone(0, 'write', 1),
      ...alone(0, 'read', null, 2),
    );
    asserted.linearizable(...alone(0, 'write', 1), ...alone(0, 'read', null, 1));
    asserted.conflict([0, 1], /before the call began/, ...alone(0, 'read', null, 1), ...alone(0, 'write', 1));
    asserted.linearizable(...alone(0, 'read', null, null), ...alone(0, 'write', 1));
  });

  it('should refuse a second compare-and-set of a value that was there once', () => {
    const history = (expected: Json): Entry[] => [
      ...alone(0, 'write', 1),
      ...alone(0, 'cas', [1, 2]),
      ...alone(0, 'cas', [expected, 3]),
    ];
    asserted.conflict([0, 1, 2], /two calls of compare-and-set found the value 1/, ...history(1));
    asserted.linearizable(...history(2));
  });

  it('should refuse compare-and-sets that only follow each other', () => {
    const round: Entry[] = [
      [0, 'invoke', 'cas', [1, 2]],
      [1, 'invoke', 'cas', [2, 1]],
      [0, 'ok', 'cas', [1, 2]],
      [1, 'ok', 'cas', [2, 1]],
    ];
    asserted.conflict([0, 1], /only what others of them had left/, ...round);
    asserted.linearizable(...alone(2, 'write', 1), ...round.slice(0, 1), ...round.slice(2, 3));
  });

  it('should use a crashed write whose value is read, and leave out one that nobody saw', () => {
    const crashed: Entry[] = [
      [1, 'invoke', 'write', 1],
      [1, 'info', 'write', 1],
    ];
    asserted.linearizable(...crashed, ...alone(0, 'write', 2), ...alone(0, 'read', null, 1));
    asserted.linearizable(...crashed, ...alone(0, 'write', 2), ...alone(0, 'read', null, 2));
    const again = alone(0, 'read', null, 1);
    asserted.conflict(
      [0, 1, 2, 3],
      /the value 1 was there both/,
      ...crashed,
      ...again,
      ...alone(0, 'write', 2),
      ...again,
    );
  });

  it('should follow crashed compare-and-sets to what they found', () => {
    const history = (read: Json): Entry[] => [
      [1, 'invoke', 'cas', [1, 2]],
      [2, 'invoke', 'cas', [2, 3]],
      ...alone(0, 'read', null, read),
    ];
    asserted.conflict([0, 1, 2], /the value 1 was found, but nothing/, ...history(3));
    asserted.linearizable(...alone(3, 'write', 1), ...history(3));
    asserted.linearizable(...history(null));
  });

  it('should place a compare-and-set that did not match where the value is away', () => {
    const history = (expected: Json): Entry[] => [
      ...alone(0, 'write', 1),
      ...alone(0, 'read', null, 1),
      ...alone(1, 'cas', [expected, 9], false),
      ...alone(0, 'read', null, 1),
    ];
    asserted.conflict([0, 2, 3], /did not find the value 1 while it was there/, ...history(1));
    asserted.linearizable(...history(2));
  });

  it('should say so where a value may come from two calls, and only then', () => {
    const twice = [...alone(0, 'write', 1), ...alone(0, 'write', 1)];
    asserted.inapplicable(
      /the value 1 may come from more than one call/,
      ...twice,
      ...alone(0, 'read', null, 1),
    );
    asserted.linearizable(...twice, ...alone(0, 'write', 2), ...alone(0, 'read', null, 2));
    asserted.inapplicable(/the value nil may/, ...alone(0, 'read', null, null), ...alone(0, 'write', null));
    asserted.inapplicable(/does not know append/, ...alone(0, 'append', 1));
  });

  it('should not grow its conflict with a chain of compare-and-sets', () => {
    const chain = Array.from({ length: 1000 }, (_, at) =>
      alone(0, 'cas', [at === 0 ? null : at, at + 1]),
    ).flat();
    asserted.conflict(
      [899, 900, 1000],
      /900 was there again after 901/,
      ...chain,
      ...alone(0, 'read', null, 900),
    );
    asserted.linearizable(...chain, ...alone(0, 'read', null, 1000));
  });
});
