/**
 * The search's data structures against simple ones that are obviously right.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CallList } from '../../../../checkers/linearizable/call-list.ts';
import type { Call } from '../../../../checkers/linearizable/calls.ts';
import { Configurations } from '../../../../checkers/linearizable/configurations.ts';
import { StepTable, UNASKED } from '../../../../checkers/linearizable/step-table.ts';

describe('Configurations', () => {
  it('should remember sets of calls with states exactly as a set of strings does', () => {
    const edges = fc.constantFrom(0, 5, 31, 32, 63, 64, 99, 100, 131, 132, 139);
    const walk = fc.array(fc.record({ call: edges, state: fc.nat(2) }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(walk, (moves) => {
        const reached = new Configurations(100, 40);
        const calls = new Set(Array.from({ length: 70 }, (_, call) => call));
        const seen = new Set<string>();
        for (const call of calls) reached.mark(call);
        for (const { call, state } of moves) {
          if (calls.delete(call)) reached.unmark(call);
          else {
            calls.add(call);
            reached.mark(call);
          }
          const name = `${[...calls].sort((a, b) => a - b).join(' ')} | ${state}`;
          assert.equal(reached.add(state), !seen.has(name));
          seen.add(name);
        }
        assert.equal(reached.size, seen.size);
      }),
    );
  });

  it('should still know everything after it has grown', () => {
    const reached = new Configurations(64, 0);
    const states = Array.from({ length: 20_000 }, (_, state) => state);
    reached.mark(40);
    assert.ok(states.every((state) => reached.add(state)));
    assert.ok(states.every((state) => !reached.add(state)));
    reached.unmark(40);
    assert.ok(reached.add(7));
  });
});

describe('StepTable', () => {
  it('should answer as a map does', () => {
    const pairs = fc.array(
      fc.record({ state: fc.nat(500), of: fc.nat(500), next: fc.integer({ min: -1, max: 99 }) }),
      {
        maxLength: 3000,
      },
    );
    fc.assert(
      fc.property(pairs, (added) => {
        const table = new StepTable();
        const map = new Map<string, number>();
        for (const { state, of, next } of added) {
          const name = `${state} ${of}`;
          assert.equal(table.get(state, of), map.get(name) ?? UNASKED);
          if (!map.has(name)) table.add(state, of, next);
          map.set(name, map.get(name) ?? next);
        }
        for (const { state, of } of added) assert.equal(table.get(state, of), map.get(`${state} ${of}`));
      }),
      { numRuns: 20 },
    );
  });
});

describe('CallList', () => {
  const call = (invoked: number, returned: number | undefined): Call => ({
    f: 'read',
    argument: null,
    result: null,
    process: 0,
    invoked,
    returned,
    invokedAt: invoked,
    returnedAt: returned,
  });
  const contents = (list: CallList): number[] => {
    const labels: number[] = [];
    for (let node = list.first(); node !== 0; node = list.after(node)) labels.push(list.invokedAt(node));
    return labels;
  };

  it('should hold invocations and returns in order, and lift and put back calls', () => {
    const list = new CallList([call(0, 3), call(1, undefined), call(2, 4)]);
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
});
