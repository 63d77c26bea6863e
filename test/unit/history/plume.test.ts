/** Plume's text for transactions: what its lines become, and that writing is the inverse of reading. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Operation } from '../../../harness/history/operation.ts';
import { formatHistory, parseHistory } from '../../../harness/history/read.ts';
import type { Json } from '../../../harness/json.ts';
import { refusal } from './samples.ts';

function read(...lines: string[]): Operation[] {
  return parseHistory(`${lines.join('\n')}\n`, 'h').history;
}

function brief({ process, type, value }: Operation): unknown {
  return [process, type, value];
}

/** A transaction of that process, begun and completed. */
function transaction(
  process: number,
  type: 'ok' | 'fail',
  value: readonly Json[],
): Omit<Operation, 'index'>[] {
  const asked = (value as [string, Json, Json][]).map(([f, key, held]) => [f, key, f === 'r' ? null : held]);
  const both = { time: 0, process, f: 'txn' };
  return [
    { ...both, type: 'invoke', value: asked },
    { ...both, type, value },
  ];
}

function history(...transactions: Omit<Operation, 'index'>[][]): Operation[] {
  return transactions.flat().map((operation, index) => ({ ...operation, index, time: index }));
}

const microOperations = fc.array(
  fc.tuple(
    fc.constantFrom('r', 'w'),
    fc.nat(9),
    fc.oneof(
      fc.constant(null),
      fc.integer().filter((value) => value !== 0),
    ),
  ),
  { minLength: 1, maxLength: 4 },
);

describe('plume', () => {
  it('should take lines of one session and number for a transaction, and 0 for nil', () => {
    const parsed = parseHistory('w(1,5,7,0)\nr(2,0,7,0)\nr(1,5,7,1)\n', 'h');
    assert.deepEqual([parsed.format, parsed.timeless], ['plume', true]);
    assert.deepEqual(parsed.history.map(brief), [
      [7, 'invoke', [['w', 1, 5], ['r', 2, null]]], // prettier-ignore
      [7, 'ok', [['w', 1, 5], ['r', 2, null]]], // prettier-ignore
      [7, 'invoke', [['r', 1, null]]],
      [7, 'ok', [['r', 1, 5]]],
    ]);
    assert.ok(parsed.history.every(({ f, index, time }) => f === 'txn' && index === time));
  });

  it('should take -1 for aborted', () => {
    assert.deepEqual(read('w(1,1,0,-1)', 'r(1,1,0,-1)', 'w(1,2,1,3)', 'r(1,2,1,3)').map(brief), [
      [0, 'invoke', [['w', 1, 1], ['r', 1, null]]], // prettier-ignore
      [0, 'fail', [['w', 1, 1], ['r', 1, 1]]], // prettier-ignore
      [1, 'invoke', [['w', 1, 2], ['r', 1, null]]], // prettier-ignore
      [1, 'ok', [['w', 1, 2], ['r', 1, 2]]], // prettier-ignore
    ]);
  });

  it('should keep integers apart that a number would make equal', () => {
    const [first, , second] = read('w(1,9007199254740993,0,0)', 'w(1,9007199254740992,0,1)');
    assert.notDeepEqual(first?.value, second?.value);
  });

  it('should say on which line it is malformed', () => {
    const lines = (...last: string[]): string => ['w(1,1,0,0)', 'r(1,1,1,1)', ...last, ''].join('\n');
    assert.match(
      refusal(lines('r(1,1,1)')),
      /^h:3: expected r\(key,value,session,txn\) or w\(.*, got r\(1,1,1\)$/,
    );
    assert.match(refusal(lines('r(1,1,-2,2)')), /^h:3: expected r\(/);
    assert.equal(refusal(lines('r(1,1,1,2)')), 'accepted');
    assert.match(
      refusal(lines('r(1,1,1,2)', 'r(1,1,1,1)')),
      /^h:4: transaction 1 began on line 2: expected its lines one after another, in one session$/,
    );
    assert.match(refusal(lines('r(1,1,2,1)')), /^h:3: transaction 1 began on line 2/);
    assert.equal(refusal(lines('r(1,1,1,1)')), 'accepted');
  });

  it('should read back what it wrote', () => {
    const drawn = fc.array(fc.tuple(fc.nat(3), microOperations), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(drawn, (transactions) => {
        const made = history(...transactions.map(([session, value]) => transaction(session, 'ok', value)));
        const again = parseHistory(formatHistory(made, 'plume'), 'h');
        assert.equal(again.format, 'plume');
        assert.deepEqual(again.history, made);
      }),
    );
    const aborted = history(transaction(0, 'fail', [['w', 1, 2], ['r', 1, 7]])); // prettier-ignore
    assert.deepEqual(read(formatHistory(aborted, 'plume').trim()), aborted);
  });

  it('should refuse to write what it cannot express', () => {
    const good = history(transaction(0, 'ok', [['w', 1, 2]]));
    assert.equal(formatHistory(good, 'plume'), 'w(1,2,0,0)\n');
    const [invoke, ok] = good as [Operation, Operation];
    for (const [bad, message] of [
      [[invoke], /nobody knows how operation 0 ended: write jepsen-edn/],
      [[{ ...invoke, f: 'read' }, { ...ok, f: 'read' }], /operation 0 is read/], // prettier-ignore
      [[invoke, { ...ok, value: [['append', 1, 2]] }], /operation 0 does \["append",1,2\]/],
      [[invoke, { ...ok, value: [['w', 1, 0]] }], /integers other than 0/],
      [[invoke, { ...ok, value: [['w', 'x', 1]] }], /operation 0 does \["w","x",1\]/],
    ] as const) {
      assert.throws(() => formatHistory(bad, 'plume'), message);
    }
  });
});
