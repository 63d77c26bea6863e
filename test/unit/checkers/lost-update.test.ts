/** Lost updates: writes that wiped out what they had not read are refused; failures and late effects are not. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lostUpdate } from '../../../checkers/lost-update.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import { at, call, type Timed } from './timed.ts';

const update = (from: number, process: number, id: string, base: number, version: number): Timed[] =>
  call(from, from + 1, process, 'update', { id, token: 1, base, version });
const read = (
  from: number,
  value: readonly string[],
  effects: readonly (readonly [string, number])[] = [],
): Timed[] =>
  call(from, from + 1, 9, 'read', {
    value,
    version: effects.length,
    effects: effects.map(([id, base], index) => ({ id, token: 1, base, version: index + 1, holder: 'h' })),
  });

function verdict(...calls: readonly Timed[][]): Verdict {
  return lostUpdate.check(at(...calls.flat()), { logs: {}, timeoutMs: 1000 }) as Verdict;
}

describe('lost updates', () => {
  it('should refuse a write from a version that is not the last', () => {
    assert.equal(verdict(update(0, 1, 'a', 0, 1), update(2, 2, 'b', 0, 2)).valid, false);
    assert.equal(verdict(update(0, 1, 'a', 0, 1), update(2, 2, 'b', 1, 2)).valid, true);
  });

  it('should refuse it also where only the resource tells of it', () => {
    assert.equal(verdict(read(0, ['b'], [['a', 0], ['b', 0]])).valid, false); // prettier-ignore
    assert.equal(verdict(read(0, ['a', 'b'], [['a', 0], ['b', 1]])).valid, true); // prettier-ignore
  });

  it('should refuse two writes of one version: one was forgotten', () => {
    assert.equal(verdict(update(0, 1, 'a', 0, 1), update(2, 2, 'b', 0, 1)).valid, false);
  });

  it('should miss an acknowledged update in the first read after it, and in the last', () => {
    const updates = [update(0, 1, 'a', 0, 1), update(2, 2, 'b', 1, 2)];
    assert.equal(verdict(...updates, read(4, ['b'])).valid, false);
    assert.equal(verdict(...updates, read(4, ['a', 'b']), read(6, ['b'])).valid, false);
    assert.equal(verdict(...updates, read(4, ['a', 'b']), read(6, ['a', 'b'])).valid, true);
    assert.equal(verdict(...updates, read(1.5, ['a'])).valid, true);
  });

  it('should pass a failure, and an update of unknown outcome that appears later or never', () => {
    const failed: Timed[] = [
      [0, 1, 'invoke', 'update'],
      [1, 1, 'fail', 'update'],
    ];
    const unknown: Timed[] = [
      [0, 2, 'invoke', 'update'],
      [1, 2, 'info', 'update'],
    ];
    const later = update(2, 3, 'b', 1, 2);
    assert.equal(verdict(failed, unknown, later, read(4, ['x', 'b'], [['x', 0], ['b', 1]])).valid, true); // prettier-ignore
    assert.equal(verdict(failed, unknown, update(2, 3, 'b', 0, 1), read(4, ['b'], [['b', 0]])).valid, true);
  });

  it('should name what was wiped out', () => {
    const { problems } = verdict(update(0, 1, 'a', 0, 1), update(2, 2, 'b', 1, 2), update(4, 3, 'c', 0, 3));
    assert.equal(problems[0]?.title, 'Update c overwrote what it had not read');
    assert.match(problems[0].explanation, /wiped out a, b, accepted meanwhile/);
    assert.deepEqual(problems[0].operations, [0, 1, 2, 3, 4, 5]);
  });

  it('should not know where nothing was written', () => {
    assert.equal(verdict(read(0, [])).valid, 'unknown');
  });

  it('should pass every history of updates one after another, and refuse it with one base that is another', () => {
    const length = fc.integer({ min: 2, max: 30 });
    fc.assert(
      fc.property(length, fc.nat(), fc.integer({ min: 1, max: 40 }), (count, at, by) => {
        const wrong = 1 + (at % (count - 1));
        const updates = (bent: boolean): Timed[][] =>
          Array.from({ length: count }, (_, index) =>
            update(
              2 * index,
              index % 5,
              `u${index}`,
              bent && index === wrong ? Math.max(0, index - by) : index,
              index + 1,
            ),
          );
        assert.equal(verdict(...updates(false)).valid, true);
        assert.equal(verdict(...updates(true)).valid, false);
      }),
    );
  });
});
