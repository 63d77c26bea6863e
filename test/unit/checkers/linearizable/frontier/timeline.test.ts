/**
 * The line of events: wherever a search goes on it, forward or back, it meets the open calls that are open there.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NEVER, type Calls } from '../../../../../checkers/linearizable/calls.ts';
import { hasBit } from '../../../../../checkers/linearizable/frontier/open-calls.ts';
import { NO_CALL, Timeline } from '../../../../../checkers/linearizable/frontier/timeline.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { StateMachine } from '../../../../../checkers/linearizable/state-machine.ts';
import { createRandom } from '../../../../../harness/random.ts';
import { play } from '../plays.ts';
import { SUBJECTS } from '../subjects.ts';

const OPTIONS = { eager: true, hiding: true, crashCounts: true, lookAhead: true };

/** What is open at the timeline's place, whatever slots and arrays hold that are not in use. */
function openNow(timeline: Timeline, calls: Calls): unknown {
  const { open, response, slot, position } = timeline;
  const { invoked, returned } = calls.columns;
  const now = response === NO_CALL ? Infinity : (returned[response] ?? 0);
  const inSlots: unknown[] = [];
  for (let call = 0; call < calls.length; call++) {
    const isOpen = (invoked[call] ?? 0) < now && returned[call] !== NEVER && (returned[call] ?? 0) >= now;
    if (!isOpen) continue;
    const at = timeline.slotOf(call);
    assert.equal(open.callAt[at], call);
    inSlots.push([
      call,
      at,
      open.classAt[at],
      ...[open.pure, open.blind, open.once].map((mask) => hasBit(mask, at)),
    ]);
  }
  return {
    inSlots,
    masks: [open.pure, open.blind, open.once].map((mask) => [...mask]),
    byReturn: [...open.byReturn.subarray(0, open.count)],
    crashed: Array.from({ length: open.crashKinds }, (_, index) => [
      open.crashClasses[index],
      open.crashed[index],
    ]),
    response,
    slot: response === NO_CALL ? 0 : slot,
    positions: [position, open.position],
  };
}

function recorded(name: string, clients: number): { readonly calls: Calls; readonly machine: StateMachine } {
  const subject = SUBJECTS[name];
  if (subject === undefined) throw new RangeError(`no subject ${name}`);
  const shape = { clients, operations: 2 * clients + 20, crashes: 0.2 };
  const calls = recordCalls(play(subject, createRandom(`${name} ${clients}`), shape));
  return { calls, machine: new StateMachine(subject.model, subject.init) };
}

describe('Timeline', () => {
  for (const name of ['register', 'cas-register', 'fifo-queue', 'a model that declares nothing']) {
    for (const clients of [2, 32, 33, 70]) {
      it(`should have the same calls open at a place, wherever it comes from: ${name}, ${clients} clients`, () => {
        const { calls, machine } = recorded(name, clients);
        const forward = new Timeline(calls, machine, OPTIONS);
        const expected = [openNow(forward, calls)];
        while (forward.response !== NO_CALL) {
          forward.forward();
          expected.push(openNow(forward, calls));
        }
        assert.equal(expected.length, forward.returns + 1);
        assert.equal(forward.returns, calls.completed);
        assert.ok(forward.open.words >= Math.floor(clients / 40));
        const walked = new Timeline(calls, machine, OPTIONS);
        fc.assert(
          fc.property(fc.array(fc.nat(forward.returns), { maxLength: 20 }), (walk) => {
            for (const position of walk) {
              walked.moveTo(position);
              assert.deepEqual(openNow(walked, calls), expected[position]);
            }
          }),
          { numRuns: 30 },
        );
      });
    }
  }

  it('should tell which pure calls were invoked since the last return', () => {
    const { calls, machine } = recorded('register', 5);
    const timeline = new Timeline(calls, machine, OPTIONS);
    let entered = 0;
    for (;;) {
      entered += timeline.entered.filter((slot) => timeline.open.isPure(slot)).length;
      if (timeline.response === NO_CALL) break;
      timeline.forward();
    }
    const reads = calls.operations().filter(({ f }, call) => f === 'read' && !calls.hasCrashed(call));
    assert.equal(entered, reads.length);
  });
});
