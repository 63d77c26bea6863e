import assert from 'node:assert/strict';
import { describeScenario } from '../../../harness/explore/describe.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { madeUp } from './scenarios.ts';

const SMALL: Scenario = {
  ...madeUp('7'),
  target: './targets/mine.ts',
  variant: 'hasty',
  nodes: ['n1', 'n2', 'n3'],
  concurrency: 1,
  operations: [
    { at: 350, thread: 0, f: 'read', value: null, key: 'a' },
    { at: 0, thread: 0, f: 'cas', value: [1, 2], key: 'a' },
  ],
  faults: [
    { id: 0, start: 100, end: 1300, plan: { family: 'kill', kind: 'one', parameters: ['n2'] } },
    {
      id: 1,
      start: 200,
      end: 300,
      plan: { family: 'partition', kind: 'one-way', parameters: [{ from: 'n1', to: 'n2' }] },
    },
    {
      id: 2,
      start: 250,
      end: 300,
      plan: { family: 'slow-link', kind: 'one', parameters: { delayMs: 400, nodes: ['n1', 'n3'] } },
    },
  ],
};

describe('describeScenario', () => {
  it('should be a table in the order of time', () => {
    assert.equal(
      describeScenario(SMALL),
      [
        'mine.ts, variant hasty: workload register, 3 nodes, 1 client, seed 7',
        '    0.000 s  client 0   cas [1,2], key "a"',
        '    0.100 s  nemesis    kill one (n2), until 1.300 s',
        '    0.200 s  nemesis    partition one-way (n1>n2), until 0.300 s',
        '    0.250 s  nemesis    slow-link one (delayMs 400, nodes n1 n3), until 0.300 s',
        '    0.350 s  client 0   read, key "a"',
        "       then  clients    the workload's final operations",
      ].join('\n'),
    );
  });

  it('should say what clients do when that is generated', () => {
    const { operations: _, ...generated } = { ...SMALL, faults: [], final: false };
    assert.equal(
      describeScenario({ ...generated, rate: 100 }).split('\n')[1],
      "             clients    the workload's operations, 100 a second, until 20.000 s",
    );
    assert.match(describeScenario(generated), /as fast as they go/);
  });

  it('should not fill the screen', () => {
    const lines = describeScenario(madeUp('1')).split('\n');
    assert.ok(lines.length < 50);
    assert.match(lines.at(-2) ?? '', /… and \d+ more$/);
  });
});
