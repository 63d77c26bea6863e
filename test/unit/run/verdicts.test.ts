import assert from 'node:assert/strict';
import type { Checker, Validity } from '../../../harness/history/checker.ts';
import { worst } from '../../../harness/history/checker.ts';
import { type Operation, countOutcomes } from '../../../harness/history/operation.ts';
import type { CheckResult, FaultRecord } from '../../../harness/run/results.ts';
import {
  applicable,
  asksForFaults,
  doubtsOf,
  judgeClaims,
  judgeRun,
  runChecker,
  unconfirmed,
} from '../../../harness/run/verdicts.ts';

const check = (checker: string, valid: Validity): CheckResult => ({
  checker,
  valid,
  summary: '',
  problems: [],
  tookMs: 1,
});

const fault = (confirmed: boolean, family = 'kill'): FaultRecord => ({
  family,
  kind: 'one',
  description: '',
  nodes: ['n1'],
  start: 0,
  confirmed,
  evidence: '',
  healed: true,
  healEvidence: '',
});

const noFaults = { asked: false, records: [] };

describe('verdicts', () => {
  it('should let false outrank unknown, and unknown true', () => {
    assert.equal(worst([true, 'unknown', false, 'unknown']), false);
    assert.equal(worst([true, 'unknown', true]), 'unknown');
    assert.equal(worst([true, true]), true);
    assert.equal(worst([]), true);
  });

  it('should be unknown when faults were asked for and none was confirmed', () => {
    const checks = [check('a', true)];
    assert.equal(judgeRun(checks, [], { asked: true, records: [fault(false)] }, 0), 'unknown');
    assert.equal(judgeRun(checks, [], { asked: true, records: [] }, 0), 'unknown');
    assert.equal(judgeRun(checks, [], { asked: true, records: [fault(true)] }, 0), true);
    assert.equal(judgeRun(checks, [], noFaults, 0), true);
    const onlyAfterwards = { asked: true, records: [fault(false), fault(true, 'progress')] };
    assert.equal(judgeRun(checks, [], onlyAfterwards, 0), 'unknown');
  });

  it('should be unknown when a fault was not seen to hold, or its end not seen, unless nobody was left to see it', () => {
    const checks = [check('a', true)];
    const verdict = (...records: readonly FaultRecord[]): Validity =>
      judgeRun(checks, [], { asked: false, records }, 0);
    const endUnseen: FaultRecord = { ...fault(true), end: 1, healed: false };
    assert.equal(verdict(fault(true), fault(false)), 'unknown');
    assert.equal(verdict(fault(true), endUnseen), 'unknown');
    assert.equal(verdict(fault(true), { ...fault(false), masked: true }), true);
    assert.equal(verdict(fault(true), { ...endUnseen, healed: true }), true);
    assert.equal(verdict(fault(true), fault(false, 'progress')), true, 'the check of progress judges it');
    assert.equal(judgeRun([check('a', false)], [], { asked: true, records: [fault(false)] }, 0), false);
    const masked = { asked: true, records: [{ ...fault(false), masked: true as const }] };
    assert.equal(judgeRun(checks, [], masked, 0), 'unknown', 'a masked fault counts for nothing');
    assert.deepEqual(
      doubtsOf([
        fault(true),
        { ...fault(false), evidence: '0 of 1 nodes down' },
        { ...endUnseen, healEvidence: 'mute' },
      ]),
      [
        'the fault kill:one at 0 ms was injected, and no probe saw that it holds: 0 of 1 nodes down',
        'the fault kill:one at 0 ms was healed, and nobody saw its end: mute',
      ],
    );
  });

  it('should ask for faults where they were drawn or given in a file, not where a run is repeated', () => {
    const asks = (nemesis: string, intervalMs: number, scheduleFile?: string): boolean =>
      asksForFaults({ nemesis, intervalMs, ...(scheduleFile === undefined ? {} : { scheduleFile }) });
    assert.deepEqual(
      [asks('kill', 3000), asks('kill', 0, 'f.json'), asks('kill', 0), asks('none', 3000)],
      [true, true, false, false],
    );
  });

  it('should leave out a checker that finds nothing to check, and what is claimed by it', () => {
    const always: Checker = { name: 'always', check: () => ({ valid: true, summary: '', problems: [] }) };
    const picky: Checker = { ...always, name: 'picky', applies: (history) => history.length > 0 };
    const names = (...history: readonly Operation[]): string[] =>
      applicable([always, picky], history).map(({ name }) => name);
    const read: Operation = { index: 0, time: 0, process: 0, type: 'invoke', f: 'read', value: null };
    assert.deepEqual([names(), names(read)], [['always'], ['always', 'picky']]);
    const claims = [{ property: 'progress', checker: 'picky', under: 'any' as const }];
    assert.deepEqual(judgeClaims(claims, [check('always', true)], []), []);
  });

  it('should be unknown when the harness had problems, but never hide a violation', () => {
    assert.equal(judgeRun([check('a', true)], [], noFaults, 1), 'unknown');
    assert.equal(judgeRun([check('a', false)], [], noFaults, 1), false);
  });

  it('should not count a verdict on what is not claimed under these faults', () => {
    const claims = [{ property: 'linearizable', checker: 'linearizable', under: ['kill'] }];
    const checks = [check('linearizable', false), check('stats', true)];
    const under = (families: string[]): Validity =>
      judgeRun(checks, judgeClaims(claims, checks, families), noFaults, 0);
    assert.equal(under(['kill']), false);
    assert.equal(under(['kill', 'partition']), true);
    const alsoElsewhere = [
      ...claims,
      { property: 'registers', checker: 'linearizable', under: 'any' as const },
    ];
    const judged = judgeClaims(alsoElsewhere, checks, ['kill', 'partition']);
    assert.equal(
      judgeRun(checks, judged, noFaults, 0),
      false,
      'one claim that holds here is enough to count',
    );
  });

  it('should make a claim under all faults but those that it excepts', () => {
    const claims = [{ property: 'alive', checker: 'logs', under: { except: ['disk'] } }];
    const claimedUnder = (families: string[]): string[] =>
      judgeClaims(claims, [check('logs', false)], families).map(({ claimed }) => claimed);
    assert.deepEqual(claimedUnder([]), ['yes']);
    assert.deepEqual(claimedUnder(['kill', 'pause']), ['yes']);
    assert.deepEqual(claimedUnder(['kill', 'disk']), ['no']);
  });

  it('should answer unknown with the message for a checker that throws', async () => {
    const context = { logs: {}, timeoutMs: 1000 };
    const thrown = await runChecker(
      {
        name: 'bad',
        check: () => {
          throw new Error('lost my way');
        },
      },
      [],
      context,
    );
    assert.equal(thrown.valid, 'unknown');
    assert.match(thrown.summary, /lost my way/);
    const fine = await runChecker(
      { name: 'good', check: () => ({ valid: true, summary: 'ok', problems: [] }) },
      [],
      context,
    );
    assert.equal(fine.valid, true);
  });

  it('should doubt a run that was stopped at what the check of its history does not find', () => {
    const stopped = { checker: 'a', operation: 412, time: 3.2e9, why: 'key 7 is wrong' };
    assert.equal(unconfirmed(stopped, [check('b', true), check('a', false)]), undefined);
    assert.equal(unconfirmed(undefined, [check('a', true)]), undefined);
    for (const checks of [[check('a', true)], [check('a', 'unknown')], [check('b', false)]]) {
      const doubt = unconfirmed(stopped, checks);
      assert.match(doubt?.explanation ?? '', /^At 3\.2 s the check .* said that key 7 is wrong; /);
      assert.deepEqual(doubt?.operations, [412]);
    }
  });

  it('should count outcomes by function, and an invocation that never completed as info', () => {
    const entry = (index: number, process: number, type: Operation['type'], f: string): Operation => ({
      index,
      time: index,
      process,
      type,
      f,
      value: null,
    });
    const history = [
      entry(0, 0, 'invoke', 'read'),
      entry(1, 1, 'invoke', 'write'),
      entry(2, 0, 'ok', 'read'),
      entry(3, 2, 'invoke', 'read'),
    ];
    assert.deepEqual(countOutcomes(history), {
      read: { ok: 1, fail: 0, info: 1 },
      write: { ok: 0, fail: 0, info: 1 },
    });
  });
});
