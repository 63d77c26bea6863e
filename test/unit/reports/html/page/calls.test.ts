/** Lanes, binary search, filters and merged pixels: what the timeline draws, without a canvas. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Operation } from '../../../../../harness/history/operation.ts';
import {
  callAt,
  callWords,
  countLanes,
  lowerBound,
  OUTCOMES,
  passes,
  placeCalls,
  toLanes,
} from '../../../../../reports/html/page/calls.ts';
import { stepFrom } from '../../../../../reports/html/page/input.ts';
import { keepWorst, runsOf } from '../../../../../reports/html/page/pixels.ts';
import { TimeView } from '../../../../../reports/html/page/view.ts';
import { sampleRecord } from '../../../../fixtures/run-record.ts';

function entry(index: number, time: number, process: number, type: Operation['type']): Operation {
  return { index, time, process, type, f: 'read', value: null };
}

describe('calls on the timeline', () => {
  it('should put every process into the lane of its thread', () => {
    const calls = placeCalls(sampleRecord({ valid: true }).history, 10);
    assert(
      calls.some(({ invoke }) => Number(invoke.process) >= 10),
      'the sample has retired processes',
    );
    assert(calls.every(({ invoke, lane }) => lane === Number(invoke.process) % 10));
  });

  it('should never let two calls of a lane overlap, whatever the numbers of the processes', () => {
    const process = fc.record({
      id: fc.nat(1000),
      from: fc.nat(100),
      length: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(process, { selector: ({ id }) => id }),
        fc.integer({ min: 1, max: 5 }),
        (spans, concurrency) => {
          const history = spans
            .flatMap(({ id, from, length }) => [
              entry(0, from, id, 'invoke'),
              entry(0, from + length, id, 'ok'),
            ])
            .sort((a, b) => a.time - b.time)
            .map((operation, index) => ({ ...operation, index }));
          const calls = placeCalls(history, concurrency);
          for (const lane of toLanes(calls, countLanes(calls))) {
            lane.calls
              .slice(1)
              .forEach((call, place) => assert((lane.calls[place]?.end ?? Infinity) <= call.start));
          }
        },
      ),
    );
  });

  it('should take a call without completion as info that lasts to the end', () => {
    const [open, done] = placeCalls(
      [entry(0, 5, 0, 'invoke'), entry(1, 6, 1, 'invoke'), entry(2, 90, 1, 'ok')],
      2,
    );
    assert.deepEqual([open?.outcome, open?.end], ['info', 90]);
    assert.deepEqual([done?.outcome, done?.end], ['ok', 90]);
  });

  it('should find the call under a moment, the nearest within the tolerance, and none beyond it', () => {
    const [lane] = toLanes(
      placeCalls(
        [entry(0, 10, 0, 'invoke'), entry(1, 20, 0, 'ok'), entry(2, 40, 0, 'invoke'), entry(3, 50, 0, 'ok')],
        1,
      ),
      1,
    );
    assert(lane);
    assert.equal(callAt(lane, 15, 0)?.start, 10);
    assert.equal(callAt(lane, 22, 3)?.start, 10);
    assert.equal(callAt(lane, 38, 3)?.start, 40);
    assert.equal(callAt(lane, 30, 3), undefined);
  });

  it('should search like a linear search', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: -1, max: 51 }),
        (numbers, value) => {
          const sorted = Float64Array.from(numbers).sort();
          const found = sorted.findIndex((number) => number >= value);
          assert.equal(lowerBound(sorted, value), found === -1 ? sorted.length : found);
        },
      ),
    );
  });

  it('should filter by lane, key, function and outcome', () => {
    const calls = placeCalls(sampleRecord({ valid: true }).history, 10);
    const outcomes = new Set(OUTCOMES);
    const count = (filter: Partial<Parameters<typeof passes>[0]>): number =>
      calls.filter((call) => passes({ outcomes, ...filter }, call)).length;
    assert.equal(count({}), calls.length);
    assert.equal(count({ f: 'read' }) + count({ f: 'write' }) + count({ f: 'cas' }), calls.length);
    assert.equal(
      [0, 1, 2, 3, 4].reduce((sum, key) => sum + count({ key: String(key) }), 0),
      calls.length,
    );
    assert.equal(count({ lane: 3 }), calls.filter(({ lane }) => lane === 3).length);
    assert.equal(count({ outcomes: new Set() }), 0);
  });

  it('should say a call in a few words', () => {
    const words = (invoke: Partial<Operation>, value: Operation['value']): string => {
      const history = [
        { ...entry(0, 0, 0, 'invoke'), ...invoke },
        { ...entry(1, 1, 0, 'ok'), value },
      ];
      const [call] = placeCalls(history, 1);
      assert(call);
      return callWords(call);
    };
    assert.equal(words({ key: 'x' }, 7), 'read x → 7');
    assert.equal(words({ f: 'write', key: 'x', value: 7 }, 7), 'write x: 7');
    assert.equal(words({ f: 'cas', value: [1, 2] }, true), 'cas [1,2] → true');
  });

  it('should step along a lane and across lanes', () => {
    const calls = placeCalls(sampleRecord({ valid: true }).history, 10);
    const lanes = toLanes(calls, 10);
    const view = new TimeView(30e9);
    const first = stepFrom(lanes, undefined, view, 1, 'time');
    assert.equal(first, lanes[0]?.calls[0]);
    const second = stepFrom(lanes, first, view, 1, 'time');
    assert.equal(second, lanes[0]?.calls[1]);
    assert.equal(stepFrom(lanes, second, view, -1, 'time'), first);
    assert.equal(stepFrom(lanes, second, view, 1, 'lane')?.lane, 1);
    assert.equal(stepFrom(lanes, second, view, -1, 'lane'), undefined);
  });
});

describe('merged pixels', () => {
  it('should keep the worst of what shares a pixel', () => {
    const pixels = new Int8Array(10).fill(-1);
    keepWorst(pixels, 2.1, 2.3, 0);
    keepWorst(pixels, 2.5, 3.2, 2);
    keepWorst(pixels, 2.7, 4.5, 1);
    assert.deepEqual(
      [...runsOf(pixels)],
      [
        { from: 2, to: 4, rank: 2 },
        { from: 4, to: 5, rank: 1 },
      ],
    );
  });

  it('should cover each painted pixel once and no other, also at the edges', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -5, max: 25 }), fc.nat(2))), (marks) => {
        const pixels = new Int8Array(20).fill(-1);
        for (const [at, rank] of marks) keepWorst(pixels, at, at + 0.5, rank);
        const painted = new Int8Array(20).fill(-1);
        for (const { from, to, rank } of runsOf(pixels)) painted.fill(rank, from, to);
        assert.deepEqual(painted, pixels);
      }),
    );
  });
});
