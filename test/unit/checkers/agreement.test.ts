/** Agreement on a log: told by digests in the nodes' logs, and by what was read. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { agreement } from '../../../checkers/index.ts';
import type { CheckContext, LogEntry, Verdict } from '../../../harness/history/checker.ts';
import type { Json } from '../../../harness/json.ts';
import { history, type Entry } from './histories.ts';

const run = (logs: CheckContext['logs'], entries: readonly Entry[] = []): Verdict =>
  agreement.check(history(...entries), { logs, timeoutMs: 1000 }) as Verdict;

const applied = (index: number, digest: string, time = 0): LogEntry => ({
  time,
  level: 'info',
  event: 'applied',
  index,
  digest,
});
const other = (event: string, fields: Readonly<Record<string, Json>> = {}): LogEntry => ({
  time: 0,
  level: 'info',
  event,
  ...fields,
});

/** Logs that agree, as far as anything can be compared. */
const AGREEING = { n1: [applied(1, 'a'), applied(64, 'b')], n2: [applied(1, 'a')] };
const titles = ({ problems }: Verdict): string[] => problems.map(({ title }) => title);

describe('agreement', () => {
  it('should accept equal digests at equal indices, on all nodes and in all their lives', () => {
    const logs = {
      n1: [applied(1, 'a'), applied(64, 'b'), other('recovered'), applied(64, 'b'), applied(70, 'c')],
      n2: [applied(1, 'a'), applied(70, 'c'), other('became-leader', { term: 2 }), applied(128, 'd')],
    };
    const { valid, details } = run(logs);
    assert.equal(valid, true);
    assert.deepEqual(details, { notes: 7, compared: 3 });
  });

  it('should reject two digests at one index, and name the first such index and the nodes', () => {
    const logs = {
      n1: [applied(1, 'a'), applied(64, 'b'), applied(128, 'c')],
      n2: [applied(1, 'a'), applied(64, 'x', 1000), applied(128, 'y')],
      n3: [applied(1, 'a'), applied(64, 'b')],
    };
    const verdict = run(logs);
    assert.equal(verdict.valid, false);
    assert.deepEqual(titles(verdict), ['Replicas disagree on what is in slots up to 64']);
    assert.match(
      verdict.problems[0]?.explanation ?? '',
      /n1 at .*, n3 at .* - and another of n2 at .*:01\.000Z.* after 1 /,
    );
  });

  it('should reject a node that applied something else after a restart than before', () => {
    assert.equal(run({ n1: [applied(64, 'b'), other('recovered'), applied(64, 'x')] }).valid, false);
    assert.equal(run({ n1: [applied(64, 'b'), other('recovered'), applied(65, 'x')] }).valid, true);
  });

  it('should reject a slot that was applied out of order, by the word of the node', () => {
    const verdict = run({ ...AGREEING, n3: [other('applied-out-of-order', { index: 9, before: 7 })] });
    assert.equal(verdict.valid, false);
    assert.deepEqual(titles(verdict), ['n3 applied slot 9 after slot 7']);
    assert.equal(run({ ...AGREEING, n3: [other('applied-in-order', { index: 9, before: 8 })] }).valid, true);
  });

  it('should not know about nodes that tell nothing', () => {
    assert.equal(run({ n1: [other('started')] }).valid, 'unknown');
    assert.equal(run({ n1: [other('applied', { index: 1 })] }).valid, 'unknown');
    assert.equal(run({ n1: [applied(1, 'a')] }).valid, true);
  });

  it('should accept any logs that are cut from one sequence, and reject them when one digest is changed', () => {
    const indices = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(indices, indices, (one, two) => {
        const note = (index: number): LogEntry => applied(index, `d${index}`);
        assert.equal(run({ n1: one.map(note), n2: two.map(note) }).valid, true);
        const [first = 0] = one;
        assert.equal(run({ n1: one.map(note), n2: [...two.map(note), applied(first, 'x')] }).valid, false);
      }),
    );
  });
});

describe('validity in a log', () => {
  const valid = (...entries: Entry[]): unknown => run(AGREEING, entries).valid;
  const on = (key: Json): Readonly<Record<string, Json>> => ({ key });
  const asked = (f: string, value: Json, key: Json = 'x'): Entry => [0, 'invoke', f, value, on(key)];
  const read = (value: Json, key: Json = 'x'): Entry[] => [
    [1, 'invoke', 'read', null, on(key)],
    [1, 'ok', 'read', value, on(key)],
  ];

  it('should accept what was asked for, whole or item by item, also if nobody knows what became of it', () => {
    assert.equal(valid(asked('write', 7), ...read(7)), true);
    assert.equal(valid(asked('write', { a: 1 }), ...read({ a: 1 })), true);
    assert.equal(valid(asked('cas', [7, 8]), ...read(8)), true);
    assert.equal(valid(asked('append', 1), ...read([1])), true);
    assert.equal(valid(asked('write', [1, 2]), ...read([1, 2])), true);
    assert.equal(valid(...read(null), ...read([])), true);
  });

  it('should reject what was never asked for under that key, and name it', () => {
    const verdict = run(AGREEING, [asked('write', 7), ...read(8)]);
    assert.deepEqual([verdict.valid, titles(verdict)], [false, ['8 was read under "x" and never asked for']]);
    assert.deepEqual(verdict.problems[0]?.operations, [2]);
    assert.equal(valid(asked('append', 1), ...read([1, 2])), false);
    assert.equal(valid(asked('append', 1, 'y'), ...read([1])), false);
  });

  it('should reject what was asked for only later', () => {
    assert.equal(valid(asked('append', 1), ...read([1, 2]), [2, 'invoke', 'append', 2, on('x')]), false);
    assert.equal(valid(asked('append', 1), [2, 'invoke', 'append', 2, on('x')], ...read([1, 2])), true);
  });

  it('should not take sums for inventions', () => {
    const counter = ['counter', 1];
    assert.equal(valid(asked('add', 1, counter), asked('add', 1, counter), ...read(2, counter)), true);
    assert.equal(valid(asked('add', 1, ['set', 1]), ...read([2], ['set', 1])), false);
  });

  it('should look into transactions', () => {
    const append: Entry = [0, 'invoke', 'txn', [['append', 5, 1]], on('g')];
    const reading = (list: Json): Entry[] => [
      [1, 'invoke', 'txn', [['r', 5, null]], on('g')],
      [1, 'ok', 'txn', [['r', 5, list]], on('g')],
    ];
    assert.equal(valid(append, ...reading([1])), true);
    assert.equal(valid(append, ...reading([1, 2])), false);
  });
});
