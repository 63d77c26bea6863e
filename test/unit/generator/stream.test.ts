/** Randomness: what a seed fixes, whatever the timing. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Generator } from '../../../harness/generator/generator.ts';
import type { Outcomes } from '../../../harness/generator/index.ts';
import {
  clientsAndNemesis,
  cycle,
  fromFunction,
  imperfectOutcomes,
  invocationsOf,
  limit,
  mix,
  nothing,
  op,
  repeat,
  seeded,
  sequence,
  simulate,
  stagger,
  stream,
  weightedMix,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { canonical } from '../../../harness/json.ts';
import { values } from './helpers.ts';

const draw = (f: string) => repeat(op(f, (random) => random.int(1e6)));
const reads = repeat(op('read'));
const workload = limit(
  150,
  stagger(3, weightedMix([2, mix(draw('write'), reads)], [1, cycle(sequence(op('a'), draw('b')))])),
);
const faults = limit(20, stagger(40, mix(draw('kill'), draw('partition'))));

function run(
  generator: Generator,
  seed: string,
  outcomeSeed: string,
): { clients: string[]; nemesis: string[] } {
  const options = { clients: 5, seed, outcomeSeed };
  const given = invocationsOf(simulate(generator, imperfectOutcomes, options));
  const write = ({ f, value }: Operation) => `${f} ${canonical(value)}`;
  return {
    clients: given.filter(({ process }) => process !== 'nemesis').map(write),
    nemesis: given
      .filter(({ process }) => process === 'nemesis')
      .map((operation) => `${operation.time} ${write(operation)}`),
  };
}

describe('random streams', () => {
  it('should give the same operations of clients and nemesis for a seed, whatever the completions', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (seed, one, two) => {
        const generator = clientsAndNemesis(workload, faults);
        const [first, second] = [run(generator, seed, one), run(generator, seed, two)];
        assert.equal(first.clients.length, 150);
        assert.deepEqual(first.clients, second.clients);
        assert.deepEqual(
          first.nemesis.map((entry) => entry.split(' ').slice(1)),
          second.nemesis.map((entry) => entry.split(' ').slice(1)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("should give the same clients' operations with a nemesis and without", () => {
    const without = run(clientsAndNemesis(workload, nothing), 'seed', 'x');
    assert.deepEqual(run(clientsAndNemesis(workload, faults), 'seed', 'x').clients, without.clients);
    assert.equal(without.nemesis.length, 0);
  });

  it('should strike at the same offsets whatever comes of the clients', () => {
    const prompt: Outcomes = (invocation, random) => {
      const outcome = imperfectOutcomes(invocation, random);
      return invocation.process === 'nemesis' ? { ...outcome, tookNs: 0 } : outcome;
    };
    const offsets = (outcomeSeed: string) => {
      const history = simulate(clientsAndNemesis(workload, faults), prompt, {
        clients: 5,
        seed: 's',
        outcomeSeed,
      });
      return invocationsOf(history)
        .filter(({ process }) => process === 'nemesis')
        .map(({ time }) => time);
    };
    assert.equal(offsets('one').length, 20);
    assert.deepEqual(offsets('one'), offsets('two'));
  });

  it('should give other operations for another seed', () => {
    const generator = clientsAndNemesis(workload, faults);
    assert.notDeepEqual(run(generator, 'one', 'x').clients, run(generator, 'two', 'x').clients);
    assert.deepEqual(run(generator, 'one', 'x'), run(generator, 'one', 'x'));
  });

  it('should draw anew for each operation taken', () => {
    const plain = fromFunction((_, { random }) => ({ f: 'write', value: random.int(1e6) }));
    assert.equal(new Set(values(limit(50, stream('label', plain)))).size, 50);
    assert.equal(new Set(values(limit(50, plain))).size, 50);
  });

  it('should separate streams by their labels', () => {
    const one = values(limit(5, stream('one', draw('write'))));
    assert.deepEqual(values(limit(5, stream('one', draw('write')))), one);
    assert.notDeepEqual(values(limit(5, stream('two', draw('write')))), one);
  });

  it('should not depend on the seed of the test when seeded', () => {
    const fixed = limit(5, seeded(42, draw('write')));
    assert.deepEqual(values(fixed, { seed: 'one' }), values(fixed, { seed: 'two' }));
    assert.notDeepEqual(
      values(limit(5, draw('write')), { seed: 'one' }),
      values(limit(5, draw('write')), { seed: 'two' }),
    );
  });
});
