/** The list from which calls are lifted and into which they are put back. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { CallList } from '../../../../../checkers/linearizable/wgl/call-list.ts';
import { history, type Entry } from '../../histories.ts';

function contents(list: CallList): number[] {
  const labels: number[] = [];
  for (let node = list.first(); node !== 0; node = list.after(node)) labels.push(list.invokedAt(node));
  return labels;
}

describe('CallList', () => {
  it('should hold invocations and returns in order, and lift and put back calls', () => {
    const entries: Entry[] = [
      [0, 'invoke', 'read'],
      [1, 'invoke', 'read'],
      [2, 'invoke', 'read'],
      [0, 'ok', 'read'],
      [2, 'ok', 'read'],
    ];
    const list = new CallList(recordCalls(history(...entries)));
    const all = [0, 1, 2, ~0, ~2];
    assert.deepEqual(contents(list), all);
    list.lift(0);
    assert.deepEqual(contents(list), [1, 2, ~2]);
    list.lift(1);
    list.lift(2);
    assert.deepEqual(contents(list), []);
    for (const lifted of [2, 1, 0]) list.unlift(lifted);
    assert.deepEqual(contents(list), all);
  });

  it('should be what it was once all calls are put back in reverse, whatever was lifted', () => {
    const CALLS = 60;
    const entries = [
      ...Array.from({ length: CALLS }, (_, process): Entry => [process, 'invoke', 'read']),
      ...Array.from({ length: CALLS }, (_, process): Entry => [CALLS - 1 - process, 'ok', 'read']),
    ];
    const calls = recordCalls(history(...entries));
    const order = fc.uniqueArray(fc.nat(CALLS - 1), { maxLength: CALLS });
    fc.assert(
      fc.property(order, (lifted) => {
        const list = new CallList(calls);
        const all = contents(list);
        for (const call of lifted) list.lift(call);
        assert.deepEqual(
          contents(list),
          all.filter((label) => !lifted.includes(label < 0 ? ~label : label)),
        );
        for (const call of lifted.toReversed()) assert.equal(list.invokedAt(list.unlift(call)), call);
        assert.deepEqual(contents(list), all);
      }),
    );
  });
});
