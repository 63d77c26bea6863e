/** The time view, its ticks, and the statistics over it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { placeCalls } from '../../../../../reports/html/page/calls.ts';
import { byCompletion, toBuckets } from '../../../../../reports/html/page/stats.ts';
import { faultRows } from '../../../../../reports/html/page/fault-rows.ts';
import {
  formatMoment,
  formatNanos,
  niceStep,
  timeTicks,
  TimeView,
} from '../../../../../reports/html/page/view.ts';
import { sampleRecord } from '../../../../fixtures/run-record.ts';

describe('time view', () => {
  it('should stay within its bounds whatever is asked of it', () => {
    const step = fc.tuple(
      fc.constantFrom('zoom', 'pan', 'show'),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.constantFrom(0, -5e9, 12e9), (steps, min) => {
        const view = new TimeView(30e9, min);
        for (const [kind, amount, share] of steps) {
          if (kind === 'zoom') view.zoom(2 ** amount, view.from + share * view.span);
          else if (kind === 'pan') view.pan(amount);
          else view.show(amount * 1e10, amount * 1e10 + share * 1e10);
          assert(view.from >= min && view.to <= 30e9 * (1 + 1e-12) && view.span >= 999);
        }
      }),
    );
  });

  it('should keep the moment under the pointer where it is when zooming', () => {
    const view = new TimeView(100e9);
    view.zoom(0.5, 25e9);
    assert.deepEqual([view.from, view.to], [12.5e9, 62.5e9]);
    view.zoom(2, 25e9);
    assert.deepEqual([view.from, view.to], [0, 100e9]);
  });

  it('should zoom about what is chosen while that is on show, else about the middle', () => {
    const view = new TimeView(100e9);
    view.anchor = 90e9;
    view.zoom(0.5);
    assert.deepEqual([view.from, view.to], [45e9, 95e9]);
    view.show(0, 50e9);
    view.zoom(0.5);
    assert.deepEqual([view.from, view.to], [12.5e9, 37.5e9]);
  });

  it('should show from its beginning to its end when it is reset', () => {
    const view = new TimeView(30e9, -5e9);
    view.zoom(0.01);
    view.reset();
    assert.deepEqual([view.from, view.to], [-5e9, 30e9]);
  });

  it('should tell of changes, and only of changes', () => {
    const view = new TimeView(1e9);
    let changes = 0;
    view.onChange(() => changes++);
    view.pan(-1);
    assert.equal(changes, 0, 'at the edge there is nothing to move');
    view.zoom(0.5);
    assert.equal(changes, 1);
  });

  it('should put ticks on round moments within the view', () => {
    assert.deepEqual(timeTicks(0, 10e9, 5), [0, 2e9, 4e9, 6e9, 8e9, 10e9]);
    assert.deepEqual([niceStep(3), niceStep(0.11), niceStep(600)], [5, 0.2, 1000]);
  });

  it('should write times as exactly as the view can show', () => {
    assert.equal(formatMoment(12.3456e9, 30e9), '12 s');
    assert.equal(formatMoment(12.3456e9, 0.1e9), '12.346 s');
    assert.deepEqual([12_000, 3.21e6, 250e6, 1.2e9].map(formatNanos), [
      '12 µs',
      '3.2 ms',
      '250 ms',
      '1.20 s',
    ]);
  });
});

describe('statistics over time', () => {
  const completed = byCompletion(placeCalls(sampleRecord({ valid: true }).history, 10));

  it('should count every completion in exactly one bucket', () => {
    const buckets = toBuckets(completed, 0, 31e9, 62);
    const total = buckets.reduce((sum, { rates }) => sum + (rates.ok + rates.fail + rates.info) * 0.5, 0);
    assert.equal(Math.round(total), completed.calls.length);
  });

  it('should take quantiles by nearest rank, of ok operations only', () => {
    const history = Array.from({ length: 100 }, (_, place) => [
      { index: 0, time: 0, process: place, type: 'invoke', f: 'r', value: null } as const,
      {
        index: 0,
        time: place + 1,
        process: place,
        type: place === 99 ? 'info' : 'ok',
        f: 'r',
        value: null,
      } as const,
    ]).flat();
    const [bucket] = toBuckets(byCompletion(placeCalls(history, 100)), 0, 101, 1);
    assert.deepEqual(bucket?.latencies, [50, 95, 99, 99]);
  });

  it('should have no latency where nothing succeeded', () => {
    assert.equal(toBuckets(completed, 100e9, 101e9, 1)[0]?.latencies, undefined);
  });
});

describe('rows of faults', () => {
  it('should keep families apart, and faults of one family that overlap', () => {
    const [fault] = sampleRecord({ valid: true, operations: 10 }).results.faults;
    assert(fault);
    const at = (family: string, start: number, end: number): typeof fault => ({
      ...fault,
      family,
      start,
      end,
    });
    const rows = faultRows([at('b', 0, 5), at('a', 0, 5), at('a', 4, 6), at('a', 5, 9)]);
    assert.deepEqual(
      rows.map((row) => row.map(({ family, start }) => `${family}${start}`)),
      [['a0', 'a5'], ['a4'], ['b0']],
    );
  });
});
