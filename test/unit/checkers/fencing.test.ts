/** Fencing tokens: those that do not increase, and resources that do not obey them, are refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fencing } from '../../../checkers/fencing.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import { at, call, type Timed } from './timed.ts';

const acquire = (from: number, to: number, process: number, token: number, key?: string): Timed[] =>
  call(from, to, process, 'acquire', { token, untilMs: 100 }, key);
const read = (from: number, to: number, process: number, token: number): Timed[] =>
  call(from, to, process, 'acquire', { token, untilMs: 100, mode: 'read' });
const update = (from: number, to: number, process: number, token: number | null, version: number): Timed[] =>
  call(from, to, process, token === null ? 'cas-update' : 'update', {
    id: `u${version}`,
    token,
    base: version - 1,
    version,
  });

function verdict(...calls: readonly Timed[][]): Verdict {
  return fencing.check(at(...calls.flat()), { logs: {}, timeoutMs: 1000 }) as Verdict;
}

describe('fencing tokens', () => {
  it('should refuse a token that is not above that of an earlier grant', () => {
    assert.equal(verdict(acquire(0, 1, 1, 5), acquire(2, 3, 2, 4)).valid, false);
    assert.equal(verdict(acquire(0, 1, 1, 5), acquire(2, 3, 2, 6)).valid, true);
  });

  it('should pass any order of grants at the same time, but not the same token', () => {
    assert.equal(verdict(acquire(0, 3, 1, 5), acquire(1, 2, 2, 4)).valid, true);
    assert.equal(verdict(acquire(0, 3, 1, 5), acquire(1, 2, 2, 5)).valid, false);
  });

  it('should compare with the greatest token, not with the last', () => {
    assert.equal(verdict(acquire(0, 1, 1, 9), acquire(0.5, 2, 2, 3), acquire(4, 5, 3, 8)).valid, false);
    assert.equal(verdict(acquire(0, 1, 1, 9), acquire(0.5, 2, 2, 3), acquire(4, 5, 3, 10)).valid, true);
  });

  it('should let tokens of readers be in any order among themselves, but not with a writer before or after', () => {
    assert.equal(verdict(read(0, 1, 1, 5), read(2, 3, 2, 4)).valid, true);
    assert.equal(verdict(read(0, 1, 1, 5), read(2, 3, 2, 5)).valid, true);
    assert.equal(verdict(acquire(0, 1, 1, 5), read(2, 3, 2, 4)).valid, false);
    assert.equal(verdict(read(0, 1, 1, 5), acquire(2, 3, 2, 5)).valid, false);
    assert.equal(verdict(acquire(0, 1, 1, 4), read(2, 3, 2, 5), acquire(4, 5, 2, 6)).valid, true);
  });

  it('should look at the tokens of those who were elected', () => {
    const campaign = (from: number, token: number): Timed[] =>
      call(from, from + 1, from, 'campaign', { token });
    assert.equal(verdict(campaign(0, 5), campaign(2, 4)).valid, false);
    assert.equal(verdict(campaign(0, 5), campaign(2, 6)).valid, true);
  });

  it('should refuse an effect after that of a greater token, in the order of the resource', () => {
    const grants = [acquire(0, 1, 1, 1), acquire(2, 3, 2, 2)];
    assert.equal(verdict(...grants, update(4, 5, 2, 2, 1), update(4.5, 9, 1, 1, 2)).valid, false);
    assert.equal(verdict(...grants, update(4, 5, 2, 2, 2), update(4.5, 9, 1, 1, 1)).valid, true);
  });

  it('should see effects that only a read tells of', () => {
    const grants = [acquire(0, 1, 1, 1), acquire(2, 3, 2, 2)];
    const effect = (token: number, version: number) => ({
      id: `e${version}`,
      token,
      base: version - 1,
      version,
    });
    const read = (tokens: readonly number[]): Timed[] =>
      call(8, 9, 3, 'read', { value: [], effects: tokens.map((token, index) => effect(token, index + 1)) });
    assert.equal(verdict(...grants, read([2, 1])).valid, false);
    assert.equal(verdict(...grants, read([1, 2, 2])).valid, true);
  });

  it('should let writes without a token pass', () => {
    assert.equal(verdict(acquire(0, 1, 1, 1), update(2, 3, 1, 1, 1), update(4, 5, 2, null, 2)).valid, true);
  });

  it('should look at each lock by itself, and not know without tokens', () => {
    assert.equal(verdict(acquire(0, 1, 1, 5, 'a'), acquire(2, 3, 2, 4, 'b')).valid, true);
    assert.equal(verdict(acquire(0, 1, 1, 5, 'a'), acquire(2, 3, 2, 4, 'a')).valid, false);
    assert.equal(verdict(call(0, 1, 1, 'acquire')).valid, 'unknown');
  });

  it('should say whose effect came too late', () => {
    const { problems } = verdict(
      acquire(0, 1, 1, 1),
      acquire(2, 3, 2, 2),
      update(4, 5, 2, 2, 1),
      update(6, 7, 1, 1, 2),
    );
    assert.equal(problems[0]?.title, 'An effect with token 1 was accepted after token 2');
    assert.deepEqual(problems[0].operations, [4, 5, 6, 7]);
  });

  it('should find what comparing each grant, and each effect, with each does', () => {
    const grant = fc.record({
      from: fc.nat(40),
      took: fc.integer({ min: 1, max: 12 }),
      token: fc.nat(30),
      reads: fc.boolean(),
    });
    const tokens = fc.array(fc.nat(6), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(grant, { minLength: 1, maxLength: 8 }), tokens, (grants, effects) => {
        // Each by a process of its own, all at different times.
        const spans = grants.map(({ from, took, token, reads }, index) => {
          const begun = from + index / 100;
          return { begun, ended: begun + took + 0.5, token, reads };
        });
        const disorder = spans.some((a, i) =>
          spans.some(
            (b, j) =>
              !(a.reads && b.reads) &&
              ((a.ended < b.begun && a.token >= b.token) || (i < j && a.token === b.token)),
          ),
        );
        const disobedience = effects.some((a, i) => effects.some((b, j) => i < j && a > b));
        const calls = spans.map(({ begun, ended, token, reads }, index) =>
          (reads ? read : acquire)(begun, ended, index, token),
        );
        const writes = effects.map((token, index) =>
          update(100 + 2 * index, 101 + 2 * index, 99, token, index + 1),
        );
        assert.equal(verdict(...calls, ...writes).valid, !(disorder || disobedience));
      }),
    );
  });
});
