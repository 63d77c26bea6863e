/** The live line: everything that matters, on one line, never longer than the terminal. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { liveLine, type LiveState } from '../../../reports/live.ts';

const state: LiveState = {
  remainingMs: 12_340,
  operations: 4812,
  operationsPerSecond: 160.4,
  errorsPerSecond: 1.2,
  faults: ['n1 n2 | n3 cut', 'n4 killed'],
};

describe('live line', () => {
  it('should tell time left, operations, rates and faults in force', () => {
    assert.equal(
      liveLine(state, 200),
      '12.3 s left · 4,812 operations · 160/s · 1 errors/s · in force: n1 n2 | n3 cut; n4 killed',
    );
  });

  it('should say that the time is up rather than that nothing is left of it', () => {
    assert.match(liveLine({ ...state, remainingMs: -3 }, 200), /^time is up · /);
    assert.match(liveLine({ ...state, remainingMs: 3 }, 200), /^3 ms left · /);
  });

  it('should say when no fault is in force, and name the phase when there is one', () => {
    assert.match(liveLine({ ...state, faults: [] }, 200), /no fault in force$/);
    assert.match(liveLine({ ...state, phase: 'healing' }, 200), /^healing · /);
  });

  it('should never be longer than the terminal, nor break the line', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 200 }), (faults, columns) => {
        const line = liveLine({ ...state, faults }, columns);
        assert(line.length <= columns);
        assert(!/[\n\r]/.test(line));
      }),
    );
  });
});
