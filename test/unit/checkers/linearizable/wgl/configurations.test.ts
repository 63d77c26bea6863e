/** The set of configurations against a set of strings, which is obviously right. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Configurations } from '../../../../../checkers/linearizable/wgl/configurations.ts';

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
