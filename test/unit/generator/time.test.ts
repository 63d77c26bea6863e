/** Pace and limits of time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UsageError } from '../../../harness/errors.ts';
import {
  any,
  clients,
  clientsAndNemesis,
  cycle,
  delay,
  imperfectOutcomes,
  invocationsOf,
  limit,
  nemesis,
  op,
  phases,
  quickOutcomes,
  rate,
  repeat,
  sequence,
  simulate,
  sleep,
  stagger,
  timeLimit,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { MS, perfect, timed } from './helpers.ts';

const reads = repeat(op('read'));

describe('time', () => {
  it('should spread operations evenly around the mean gap', () => {
    const times = perfect(stagger(100, reads), { clients: 10, operationsMax: 1000 }).map(
      ({ time }) => time / MS,
    );
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    assert.equal(times[0], 0);
    assert.ok(mean > 92 && mean < 108, `mean ${mean} ms`);
    assert.ok(Math.min(...gaps) < 10 && Math.max(...gaps) > 190 && Math.max(...gaps) <= 200);
  });

  it('should keep to the schedule of stagger after operations that were late', () => {
    const generator = clients(stagger(10, reads));
    const times = (firstTakes: number) => {
      const outcomes = ({ index, value }: Operation) =>
        ({ type: 'ok', value, tookNs: index === 0 ? firstTakes : 0 }) as const;
      const history = simulate(generator, outcomes, { clients: 1, operationsMax: 50 });
      return invocationsOf(history).map(({ time }) => time);
    };
    const held = 95 * MS;
    // What was due while the only thread was busy comes when it is idle; what comes later is not moved.
    assert.deepEqual(
      times(held),
      times(0).map((time, index) => (index === 0 ? time : Math.max(time, held))),
    );
    assert.ok(times(held).filter((time) => time === held).length > 3);
  });

  it('should give as many operations a second as the rate says', () => {
    const given = perfect(timeLimit(10_000, rate(50, reads)), { clients: 10 }).length;
    assert.ok(given > 440 && given < 560, `${given} operations in 10 s`);
  });

  it('should keep operations apart by the delay at least', () => {
    assert.deepEqual(timed(delay(30, repeat(op('a'), 3))), ['0:a', '30:a', '60:a']);
    const one = clients(delay(4, repeat(op('a'), 3)));
    assert.deepEqual(timed(one, { clients: 1 }), ['0:a', '10:a', '20:a']);
  });

  it('should sleep in a sequence from the invocation, in phases from the completion', () => {
    assert.deepEqual(timed(sequence(op('a'), sleep(50), op('b'))), ['0:a', '50:b']);
    assert.deepEqual(timed(phases(op('a'), sleep(50), op('b'))), ['0:a', '60:b']);
    assert.deepEqual(timed(sequence(sleep(50), op('b'))), ['50:b']);
  });

  it('should sleep as long as asked whatever others do meanwhile', () => {
    const faults = nemesis(limit(4, cycle(sequence(op('start'), sleep(25), op('stop'), sleep(35)))));
    const busy = clients(timeLimit(200, reads));
    const given = timed(any(busy, faults), { clients: 3 }).filter((entry) => !entry.endsWith('read'));
    assert.deepEqual(given, ['0:start', '25:stop', '60:start', '85:stop']);
  });

  it('should give nothing at the end of the time limit or after it, and something before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (ms, seed) => {
        const generator = timeLimit(ms, stagger(5, reads));
        const times = invocationsOf(simulate(generator, imperfectOutcomes, { seed: String(seed) })).map(
          ({ time }) => time,
        );
        assert.equal(times[0], 0);
        assert.ok(times.every((time) => time < ms * MS));
      }),
      { numRuns: 50 },
    );
  });

  it('should count the time limit from when it is reached', () => {
    const given = timed(sequence(sleep(100), timeLimit(50, delay(20, reads)), op('end')));
    assert.deepEqual(given, ['100:read', '120:read', '140:read', '150:end']);
  });

  it('should end on time although nothing happens', () => {
    const waiting = timeLimit(50, sequence(op('a'), sleep(1_000_000), op('never')));
    assert.deepEqual(timed(sequence(waiting, op('end'))), ['0:a', '50:end']);
  });

  it('should not end early because the only operation in sight comes too late', () => {
    const generator = timeLimit(100, clientsAndNemesis(reads, sequence(sleep(500), op('late'))));
    const times = perfect(generator, { clients: 2 }).map(({ time }) => time / MS);
    assert.equal(times.length, 20);
    assert.equal(times.at(-1), 90);
  });

  it('should refuse times that make no sense', () => {
    assert.throws(
      () => stagger(0, reads),
      /mean of stagger, in milliseconds, must be a number above 0, not 0/,
    );
    assert.throws(() => rate(-1, reads), UsageError);
    assert.throws(() => delay(NaN, reads), UsageError);
    assert.throws(() => timeLimit(Infinity, reads), UsageError);
    assert.deepEqual(simulate(timeLimit(0, reads), quickOutcomes), []);
  });
});
