/** The heap against a sorted list. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EventQueue, subjectOf, type SimEvent } from '../../../../harness/cluster/sim/event-queue.ts';

const eventOf = (time: number, tie: number, sequence: number): SimEvent => ({
  time,
  tie,
  sequence,
  kind: 1,
  subject: subjectOf('n1'),
  content: undefined,
  run: () => undefined,
  place: -1,
});

const keyOf = ({ time, tie, sequence }: SimEvent): number[] => [time, tie, sequence];

describe('simulator: event queue', () => {
  it('should give events by time, then draw, then age, without those taken out', () => {
    const step = fc.record({ time: fc.nat(5), tie: fc.nat(2), removed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new EventQueue();
        const events = steps.map(({ time, tie }, sequence) => eventOf(time, tie, sequence));
        for (const event of events) queue.push(event);
        events.forEach((event, index) => {
          if (steps[index]?.removed !== true) return;
          assert.equal(queue.remove(event), true);
          assert.equal(queue.remove(event), false, 'it is there once');
        });
        const expected = events
          .filter((_, index) => steps[index]?.removed !== true)
          .sort((a, b) => a.time - b.time || a.tie - b.tie || a.sequence - b.sequence);
        const taken: SimEvent[] = [];
        for (let event = queue.pop(); event !== undefined; event = queue.pop()) taken.push(event);
        assert.deepEqual(taken.map(keyOf), expected.map(keyOf));
      }),
    );
  });
});
