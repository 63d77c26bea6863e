/**
 * The checker of consensus: each way to break it, and the same history mended; and fast-check against an object that decides
 * once, whose operations overlap at random.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { consensus } from '../../../checkers/index.ts';
import type { LogEntry, Verdict } from '../../../harness/history/checker.ts';
import type { Json } from '../../../harness/json.ts';
import { createRandom, type Random } from '../../../harness/random.ts';
import { history, type Entry } from './histories.ts';

const KEY = { key: 7 };

const begin = (process: number, f: string, value: Json = null): Entry => [process, 'invoke', f, value, KEY];
const ok = (process: number, f: string, value: Json): Entry => [process, 'ok', f, value, KEY];
const failed = (process: number, f: string): Entry => [process, 'fail', f, null, KEY];
/** An operation that nothing was concurrent with. */
const whole = (process: number, f: string, value: Json, result: Json): Entry[] => [
  begin(process, f, value),
  ok(process, f, result),
];

const chosen = (instance: Json, value: Json): LogEntry => ({
  time: 0,
  level: 'info',
  event: 'chosen',
  instance,
  value,
});

const run = (entries: readonly Entry[], logs: Record<string, LogEntry[]> = {}): Verdict =>
  consensus.check(history(...entries), { logs, timeoutMs: 1000 }) as Verdict;

const titles = (verdict: Verdict): string[] => verdict.problems.map(({ title }) => title);

describe('consensus', () => {
  it('should accept one decision that all see, and reject another', () => {
    const story = (second: Json): Entry[] => [
      begin(1, 'propose', 'a'),
      begin(2, 'propose', 'b'),
      ok(2, 'propose', 'b'),
      ok(1, 'propose', second),
      ...whole(3, 'read', null, 'b'),
    ];
    assert.equal(run(story('b')).valid, true);
    const verdict = run(story('a'));
    assert.equal(verdict.valid, false);
    assert.deepEqual(titles(verdict), ['Instance 7 decided 2 values']);
    assert.match(
      verdict.problems[0]?.explanation ?? '',
      /"b" was learned by process 2 \(propose, operation 2\) and 1 more/,
    );
    assert.deepEqual(verdict.problems[0]?.operations, [1, 2, 0, 3]);
  });

  it('should keep instances apart', () => {
    const other: Entry[] = [
      [4, 'invoke', 'propose', 'z', { key: 8 }],
      [4, 'ok', 'propose', 'z', { key: 8 }],
    ];
    assert.equal(run([...whole(1, 'propose', 'a', 'a'), ...other]).valid, true);
  });

  it('should reject a value that nobody had proposed by then', () => {
    const early = [...whole(1, 'propose', 'a', 'b'), ...whole(2, 'propose', 'b', 'b')];
    assert.deepEqual(titles(run(early)), ['Instance 7 decided "b", which was not proposed']);
    const overlapping = [begin(2, 'propose', 'b'), ...whole(1, 'propose', 'a', 'b'), ok(2, 'propose', 'b')];
    assert.equal(run(overlapping).valid, true);
    assert.equal(run(whole(1, 'propose', 'a', 'c')).valid, false);
  });

  it('should reject the value of a proposal that failed, and accept that of one nobody knows of', () => {
    const story = (completion: Entry): Entry[] => [
      begin(1, 'propose', 'a'),
      completion,
      ...whole(2, 'read', null, 'a'),
    ];
    assert.equal(run(story(failed(1, 'propose'))).valid, false);
    assert.equal(run(story([1, 'info', 'propose', null, KEY])).valid, true);
  });

  it('should reject a read of nothing that began after somebody was told, and accept one that began before', () => {
    const told = whole(1, 'propose', 'a', 'a');
    const late = run([...told, ...whole(2, 'read', null, null)]);
    assert.deepEqual(titles(late), ['Instance 7 was decided, and then it was not']);
    assert.deepEqual(late.problems[0]?.operations, [0, 1, 2, 3]);
    assert.equal(run([begin(2, 'read'), ...told, ok(2, 'read', null)]).valid, true);
  });

  it('should compare what nodes logged, in all their lives, with each other and with what clients saw', () => {
    const told = whole(1, 'propose', 'a', 'a');
    assert.equal(run(told, { n1: [chosen(7, 'a'), chosen(7, 'a')], n2: [chosen(7, 'a')] }).valid, true);
    assert.equal(run(told, { n1: [chosen(7, 'a')], n2: [chosen(7, 'b')] }).valid, false);
    assert.equal(run(told, { n1: [chosen(7, 'a'), chosen(7, 'b')] }).valid, false);
    const unseen = [begin(1, 'propose', 'a'), begin(2, 'propose', 'b')];
    assert.equal(run(unseen, { n1: [chosen(7, 'a')], n2: [chosen(7, 'a')] }).valid, true);
    assert.equal(run(unseen, { n1: [chosen(7, 'a')], n2: [chosen(7, 'b')] }).valid, false);
    assert.deepEqual(titles(run(unseen, { n1: [chosen(7, 'c')] })), [
      'Instance 7 decided "c", which was not proposed',
    ]);
  });

  it('should not know about a history in which nothing was decided', () => {
    assert.equal(run([begin(1, 'propose', 'a')]).valid, 'unknown');
    assert.equal(run(whole(1, 'read', null, null)).valid, 'unknown');
  });

  it('should accept every history of an object that decides once, and reject it with one answer changed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 12 }), (seed, count) => {
        const entries = simulated(createRandom(seed), count);
        assert.equal(run(entries).valid, true);
        const seen = entries.findIndex(([, type, , value]) => type === 'ok' && value !== null);
        const changed = entries.map((entry, index): Entry => {
          const [process, , f] = entry;
          return index === seen ? ok(process as number, f, 'never proposed') : entry;
        });
        assert.equal(run(changed).valid, false);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

/** Operations of so many processes, one each, begun, done and ended in a drawn order, with one proposal at least. */
function simulated(random: Random, count: number): Entry[] {
  const object: { decision: Json } = { decision: null };
  const entries: Entry[] = [];
  const operations = Array.from({ length: count }, (_, process) => {
    const f = process === 0 || random.chance(0.5) ? 'propose' : 'read';
    const value = f === 'propose' ? `v${process}` : null;
    let result: Json = null;
    return [
      () => entries.push(begin(process, f, value)),
      () => {
        object.decision ??= value;
        result = object.decision;
      },
      () => entries.push(ok(process, f, result)),
    ];
  });
  for (let open = operations; open.length > 0; open = open.filter((steps) => steps.length > 0)) {
    random.pick(open).shift()?.();
  }
  return entries;
}
