/** What observers see of elections: leaders never go back, and who leads for certain is seen. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leaderObservations } from '../../../checkers/leader-observations.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import type { History } from '../../../harness/history/operation.ts';
import { createRandom } from '../../../harness/random.ts';
import { isJsonObject } from '../../../harness/json.ts';
import { changed, performed, planned, type Answer, type Planned } from './interleaved.ts';
import { at, call, type Timed } from './timed.ts';

const MS = 1e6;

const campaign = (from: number, to: number, process: number, token: number, untilMs = 0): Timed[] =>
  call(from * MS, to * MS, process, 'campaign', { token, untilMs });
const look = (from: number, to: number, token: number | null, leader = `of ${token}`): Timed[] =>
  call(from * MS, to * MS, 9, 'leader', { leader: token === null ? null : leader, token });
const look2 = (from: number, to: number, token: number, leader = `of ${token}`): Timed[] =>
  call(from * MS, to * MS, 8, 'leader', { leader, token });
const resign = (from: number, process: number): Timed[] =>
  call(from * MS, (from + 1) * MS, process, 'resign');

const verdictOf = (history: History): Verdict =>
  leaderObservations.check(history, { logs: {}, timeoutMs: 1000 }) as Verdict;
const verdict = (...calls: readonly Timed[][]): Verdict => verdictOf(at(...calls.flat()));

const CANDIDATES = 3;
const TERM_MS = 10_000;

/** An election without faults: who stands first leads until it resigns. A campaign of somebody else fails while one leads. */
function elections(seed: number): History {
  const random = createRandom(`elections/${seed}`);
  const plan = planned(random, 5, 8, (process, index) =>
    process < CANDIDATES ? { f: index % 2 === 0 ? 'campaign' : 'resign' } : { f: 'leader' },
  );
  let leader: { readonly name: string; readonly token: number } | undefined;
  let tokens = 0;
  return performed(plan, ({ f, process }: Planned): Answer => {
    const name = `process ${process}`;
    if (f === 'leader')
      return { type: 'ok', value: { leader: leader?.name ?? null, token: leader?.token ?? null } };
    if (f === 'resign') {
      if (leader?.name !== name) return { type: 'fail', error: 'not-held' };
      leader = undefined;
      return { type: 'ok', value: null };
    }
    if (leader !== undefined) return { type: 'fail', error: 'led' };
    leader = { name, token: ++tokens };
    return { type: 'ok', value: { token: tokens, untilMs: TERM_MS } };
  });
}

describe('observations of leaders', () => {
  it('should refuse an observation of a lower token after a greater one', () => {
    assert.equal(verdict(look(0, 1, 5), look(2, 3, 4)).valid, false);
    assert.equal(verdict(look(0, 1, 5), look(2, 3, 5), look(4, 5, 6)).valid, true);
    assert.equal(verdict(look(0, 3, 5), look2(1, 2, 4)).valid, true);
  });

  it('should refuse one that does not see who was elected before', () => {
    assert.equal(verdict(campaign(0, 1, 1, 5), look(2, 3, 4)).valid, false);
    assert.equal(verdict(campaign(0, 1, 1, 5), look(2, 3, 5)).valid, true);
    assert.equal(verdict(campaign(0, 3, 1, 5), look(2, 4, 4)).valid, true);
  });

  it('should refuse who is elected later with a token that was seen', () => {
    assert.equal(verdict(look(0, 1, 5), campaign(2, 3, 1, 5)).valid, false);
    assert.equal(verdict(look(0, 1, 5), campaign(2, 3, 1, 6)).valid, true);
    assert.equal(verdict(look(0, 3, 5), campaign(2, 4, 1, 5)).valid, true);
  });

  it('should refuse two leaders with one token', () => {
    assert.equal(verdict(look(0, 1, 5, 'a'), look(2, 3, 5, 'b')).valid, false);
    assert.equal(verdict(look(0, 1, 5, 'a'), look(2, 3, 5, 'a')).valid, true);
  });

  it('should want a leader to be seen as long as it leads for certain', () => {
    const seen = look(2, 3, 5);
    assert.equal(verdict(campaign(0, 1, 1, 5, 100), seen, look(50, 60, null)).valid, false);
    assert.equal(verdict(campaign(0, 1, 1, 5, 100), seen, look(50, 101, null)).valid, true);
    assert.equal(verdict(campaign(0, 1, 1, 5, 100), seen, look(50, 60, 6)).valid, false);
    assert.equal(verdict(campaign(0, 1, 1, 5, 100), resign(55, 1), seen, look(50, 60, null)).valid, true);
    assert.equal(verdict(campaign(0, 1, 1, 5, 100), resign(65, 1), seen, look(50, 60, null)).valid, false);
  });

  it('should say what was seen, and when', () => {
    const [problem] = verdict(look(0, 1, 5), look(2, 3, 4)).problems;
    assert.equal(problem?.title, 'The leader of the election goes back: token 4 after 5');
    assert.deepEqual(problem.operations, [0, 1, 2, 3]);
  });

  it('should not know where nobody was seen', () => {
    assert.equal(verdict(campaign(0, 1, 1, 5)).valid, 'unknown');
    assert.equal(verdict(look(0, 1, null)).valid, 'unknown');
  });

  it("should pass every election without faults, and refuse it with one token that was not there yet or is the last leader's", () => {
    let lies = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const history = elections(seed);
        assert.notEqual(verdictOf(history).valid, false);
        const random = createRandom(`lies/${seed}`);
        const wrong = changed(history, random, (entry) => {
          // Whoever saw a leader that no operation of another overlaps with: a lower token is always refuted by its own campaign.
          const token = isJsonObject(entry.value) ? entry.value['token'] : null;
          if (entry.f !== 'leader' || typeof token !== 'number') return undefined;
          const elected = history.find(
            ({ f, type, value }) =>
              f === 'campaign' && type === 'ok' && isJsonObject(value) && value['token'] === token,
          );
          const invoked = history.findLast(
            ({ process, type, index }) =>
              process === entry.process && type === 'invoke' && index < entry.index,
          );
          if (elected === undefined || invoked === undefined || elected.index > invoked.index)
            return undefined;
          return { ...entry, value: { leader: 'somebody', token: token - 1 } };
        });
        if (wrong === undefined) return;
        lies++;
        assert.equal(verdictOf(wrong).valid, false);
      }),
      { numRuns: 60 },
    );
    assert.ok(lies > 20, `only ${lies}`);
  });
});
