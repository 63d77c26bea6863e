/** The table of steps against a map, which is obviously right. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StepTable, UNASKED } from '../../../../checkers/linearizable/step-table.ts';

describe('StepTable', () => {
  const entry = fc.record({ state: fc.nat(500), of: fc.nat(500), next: fc.integer({ min: -1, max: 99 }) });

  it('should answer as a map does, also where a pair is set again', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3000 }), (entries) => {
        const table = new StepTable();
        const map = new Map<string, number>();
        for (const { state, of, next } of entries) {
          assert.equal(table.get(state, of), map.get(`${state} ${of}`) ?? UNASKED);
          table.set(state, of, next);
          map.set(`${state} ${of}`, next);
        }
        const visited = new Map<string, number>();
        table.each((state, of, next) => void visited.set(`${state} ${of}`, next));
        assert.deepEqual(visited, map);
      }),
      { numRuns: 20 },
    );
  });

  it('should know nothing once it is cleared, and everything that is set after that', () => {
    const table = new StepTable();
    for (let state = 0; state < 1000; state++) table.set(state, 7, state + 1);
    const { bytes } = table;
    assert.equal(table.get(999, 7), 1000);
    table.clear();
    assert.equal(table.get(999, 7), UNASKED);
    for (let state = 0; state < 1000; state++) table.set(state, 8, state + 2);
    assert.deepEqual([table.get(999, 8), table.bytes], [1001, bytes]);
  });
});
