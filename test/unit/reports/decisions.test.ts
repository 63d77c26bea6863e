/** How commands were decided, out of nodes' logs: what is added up, what is no such entry, and when there is nothing to tell. */
import assert from 'node:assert/strict';
import type { LogEntry } from '../../../harness/history/checker.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { collisionsIn, decisionsIn, quantileOf } from '../../../reports/decisions.ts';
import { decisionEntries } from '../../fixtures/decisions.ts';

const entry = (event: string, fields: JsonObject): LogEntry => ({ time: 0, level: 'info', event, ...fields });
const decided = (...rows: [round: string, delays: number, commands: number, ms: number][]): LogEntry =>
  entry('decisions', {
    decided: rows.map(([round, delays, commands, ms]) => ({ round, delays, commands, ms })),
  });

describe('decisions in logs', () => {
  it('should be added up over nodes and entries, by kind of round and message delays', () => {
    const logs = {
      n1: [decided(['classic', 3, 2, 60], ['fast', 2, 3, 30]), decided(['fast', 4, 1, 50])],
      n2: [decided(['fast', 2, 1, 20])],
    };
    assert.deepEqual(decisionsIn(logs)?.kinds, [
      {
        round: 'fast',
        commands: 5,
        byDelays: [
          { delays: 2, commands: 4, meanMs: 12.5 },
          { delays: 4, commands: 1, meanMs: 50 },
        ],
      },
      { round: 'classic', commands: 2, byDelays: [{ delays: 3, commands: 2, meanMs: 30 }] },
    ]);
  });

  it('should have known kinds in a fixed order, and any other after them', () => {
    const logs = {
      n1: [decided(['zig', 1, 1, 1], ['recovered', 4, 1, 1], ['zag', 1, 1, 1], ['fast', 2, 1, 1])],
    };
    assert.deepEqual(
      decisionsIn(logs)?.kinds.map(({ round }) => round),
      ['fast', 'recovered', 'zag', 'zig'],
    );
  });

  it('should count a slot in which votes collided once, whoever tells of it', () => {
    const logs = {
      n1: [entry('collision', { slot: 7 }), entry('applied', { index: 20 })],
      n2: [entry('collision', { slot: 7 }), entry('collision', { slot: 9 }), entry('applied', { index: 40 })],
    };
    assert.deepEqual(collisionsIn(logs), { collided: 2, slots: 40 });
    assert.deepEqual(collisionsIn({}), { collided: 0, slots: 0 });
  });

  it('should say nothing of collisions where there was no fast round, so that there can be none', () => {
    const applied = entry('applied', { index: 20 });
    const classic = decided(['classic', 3, 2, 60]);
    const collisions = (...entries: LogEntry[]): unknown =>
      decisionsIn({ n1: [applied, ...entries] })?.collisions;
    assert.equal(collisions(classic), undefined);
    assert.deepEqual(collisions(classic, decided(['fast', 2, 1, 20])), { collided: 0, slots: 20 });
    assert.deepEqual(collisions(classic, entry('collision', { slot: 7 })), { collided: 1, slots: 20 });
  });

  it('should be undefined where nodes tell nothing, or nothing that is one', () => {
    assert.equal(decisionsIn({ n1: [entry('applied', { index: 1 })] }), undefined);
    for (const list of [
      null,
      7,
      [1],
      [{ round: 'fast' }],
      [{ round: 'fast', delays: 2, commands: 0, ms: 0 }],
    ])
      assert.equal(decisionsIn({ n1: [entry('decisions', { decided: list })] }), undefined);
    assert.notEqual(decisionsIn({ n1: [decided(['fast', 2, 1, 1])] }), undefined);
  });

  it('should give quantiles by nearest rank', () => {
    const [fast = assert.fail()] = decisionsIn({ n1: decisionEntries() })?.kinds ?? [];
    assert.deepEqual([quantileOf(fast, 0.5), quantileOf(fast, 0.95), quantileOf(fast, 1)], [2, 3, 20]);
  });
});
