import assert from 'node:assert/strict';
import { parseSettings } from '../../../../harness/cluster/sim/options.ts';
import type { Scenario } from '../../../../harness/explore/scenario.ts';
import { calmSettings, fewerDelays, fewerNodes } from '../../../../harness/explore/simplify/cluster.ts';
import { rounderFaults, simplerKinds } from '../../../../harness/explore/simplify/faults.ts';
import { oneKey, sharedThreads, smallNumbers } from '../../../../harness/explore/simplify/operations.ts';
import { withoutParts, type Pass } from '../../../../harness/explore/simplify/pass.ts';
import { earlierEnd, rounderTimes, shorterGaps } from '../../../../harness/explore/simplify/times.ts';
import type { Json } from '../../../../harness/json.ts';
import type { ScheduledFault } from '../../../../harness/run/schedule.ts';
import { faults } from '../../../../nemesis/index.ts';
import { madeUp } from '../scenarios.ts';

const RULES = { families: faults, nodesMin: 2, partsMax: Infinity };

const SCENARIO: Scenario = {
  ...madeUp('1'),
  faults: [],
  operations: [
    { at: 10, thread: 4, f: 'write', value: 7, key: 3 },
    { at: 400, thread: 9, f: 'cas', value: [7, 12], key: 3 },
    { at: 900, thread: 4, f: 'read', value: null, key: 8 },
  ],
  timeLimitMs: 1000,
};

function fault(family: string, kind: string, parameters: Json): ScheduledFault {
  return { id: 0, start: 100, end: 300, plan: { family, kind, parameters } };
}

/** All that a pass offers. */
function offered(pass: Pass, change: Partial<Scenario> = {}): Scenario[] {
  return [...pass({ ...SCENARIO, ...change }, [], RULES)].map(({ scenario }) => scenario);
}

describe('withoutParts', () => {
  const kept = (from: readonly number[], partsMax: number): string[] =>
    [...withoutParts(['a', 'b', 'c', 'd'], from, partsMax)].map((part) => part.kept.join(''));

  it('should leave out all, halves, single elements', () => {
    assert.deepEqual(kept([], Infinity), ['', 'cd', 'ab', 'bcd', 'acd', 'abd', 'abc']);
  });

  it('should go on where it was', () => {
    assert.deepEqual(kept([1, 2], Infinity), ['abd', 'abc']);
    assert.deepEqual(kept([2, 2], Infinity), ['ab', 'bcd', 'acd', 'abd', 'abc']);
  });

  it('should cut into no more parts than it is told', () => {
    assert.deepEqual(kept([], 2), ['', 'cd', 'ab']);
  });

  it('should offer nothing of an empty list', () => {
    assert.deepEqual([...withoutParts([], [], Infinity)], []);
  });
});

describe('passes over operations', () => {
  it('should offer none, then each key alone, the last used first', () => {
    const keys = offered(oneKey).map(({ operations = [] }) => operations.map(({ key }) => key));
    assert.deepEqual(keys, [[], [8], [3, 3]]);
  });

  it('should number threads from 0 and share them', () => {
    const threads = offered(sharedThreads).map(({ concurrency, operations = [] }) => [
      concurrency,
      ...operations.map(({ thread }) => thread),
    ]);
    assert.deepEqual(threads, [
      [10, 4, 9, 4],
      [1, 0, 0, 0],
      [2, 0, 1, 0],
    ]);
  });

  it('should make numbers small, keeping different ones different, equal ones equal, and their order', () => {
    const [both] = offered(smallNumbers);
    assert.deepEqual(
      both?.operations?.map(({ key, value }) => [key, value]),
      [
        [0, 1],
        [0, [1, 2]],
        [1, null],
      ],
    );
  });
});

describe('passes over faults', () => {
  const one = fault('kill', 'majority', ['n1', 'n4', 'n5']);

  it('should offer simpler faults of the same family, the simplest first', () => {
    const plans = offered(simplerKinds, { faults: [one] }).flatMap(({ faults: planned }) =>
      planned.map(({ plan }) => plan),
    );
    assert.deepEqual(plans[0], { family: 'kill', kind: 'leader', parameters: [] });
    assert.ok(plans.some(({ kind }) => kind === 'one'));
    assert.ok(plans.every(({ family, kind }) => family === 'kill' && kind !== 'all'));
  });

  it('should offer nothing in the place of the simplest', () => {
    assert.deepEqual(offered(simplerKinds, { faults: [fault('kill', 'leader', [])] }), []);
  });

  it('should round numbers in parameters towards 0', () => {
    const odd = fault('slow-link', 'one', { delayMs: 437, loss: 0.29, skewMs: -1500, nodes: ['n1'] });
    const [rounded] = offered(rounderFaults, { faults: [odd] });
    assert.deepEqual(rounded?.faults[0]?.plan.parameters, {
      delayMs: 400,
      loss: 0.2,
      skewMs: -1000,
      nodes: ['n1'],
    });
  });
});

describe('passes over nodes', () => {
  const linked = fault('partition', 'n2-n3/n1-n4-n5', [
    { from: 'n2', to: 'n4' },
    { from: 'n4', to: 'n3' },
    { from: 'n2', to: 'n1' },
  ]);

  it('should keep the nodes that faults speak of most, under new names everywhere', () => {
    const settings = parseSettings({ delays: [{ from: 'n4', to: 'n2', nth: 0, ms: 9 }] });
    const [two] = offered(fewerNodes, { faults: [linked], settings });
    assert.deepEqual(two?.nodes, ['n1', 'n2']);
    assert.deepEqual(two.faults[0]?.plan, {
      family: 'partition',
      kind: 'n1/n2',
      parameters: [{ from: 'n1', to: 'n2' }],
    });
    assert.deepEqual(two.settings.delays, [{ from: 'n2', to: 'n1', nth: 0, ms: 9 }]);
  });

  it('should drop a fault all of whose nodes are gone, and keep one that names none', () => {
    const [two] = offered(fewerNodes, {
      faults: [linked, { ...fault('kill', 'one', ['n5']), id: 1 }, { ...fault('kill', 'leader', []), id: 2 }],
    });
    assert.deepEqual(
      two?.faults.map(({ plan }) => plan.kind),
      ['n1/n2', 'leader'],
    );
  });

  it('should not go below what the target needs', () => {
    assert.deepEqual(
      offered(fewerNodes).map(({ nodes }) => nodes.length),
      [2, 3, 4],
    );
  });
});

describe('passes over settings', () => {
  it('should calm everything at once, then each by itself', () => {
    const settings = parseSettings({ latencyMs: { exponential: { least: 1, mean: 3 } }, loss: 0.2 });
    const [all, ...single] = offered(calmSettings, { settings });
    assert.deepEqual(all?.settings.latencyMs, { constant: 4 });
    assert.equal(all.settings.loss, 0);
    assert.ok(
      single.some((scenario) => scenario.settings.loss === 0 && 'exponential' in scenario.settings.latencyMs),
    );
  });

  it('should drop and shorten single delays', () => {
    const late = offered(fewerDelays).map(({ settings }) => settings.delays.map(({ ms }) => ms));
    assert.deepEqual(late, [[], [0], [7], [35]]);
  });
});

describe('passes over time', () => {
  const planned = [fault('kill', 'one', ['n1'])];

  it('should search the end by halving, leaving out what comes later', () => {
    const [half, later] = offered(earlierEnd, { faults: planned });
    assert.equal(half?.timeLimitMs, 500);
    assert.equal(half.operations?.length, 2);
    assert.equal(later?.timeLimitMs, 750);
    const [short] = offered(earlierEnd, { faults: planned, timeLimitMs: 400 });
    assert.deepEqual([short?.faults[0]?.start, short?.faults[0]?.end], [100, 200]);
  });

  it('should close the longest gap first, moving all that comes after it', () => {
    const [closed] = offered(shorterGaps, { faults: planned });
    assert.equal(closed?.timeLimitMs, 500);
    assert.deepEqual(
      closed.operations?.map(({ at }) => at),
      [10, 400, 400],
    );
    assert.deepEqual([closed.faults[0]?.start, closed.faults[0]?.end], [100, 300]);
  });

  it('should round times, and let no fault end before it begins', () => {
    const [seconds, , hundreds] = offered(rounderTimes, {
      faults: [{ ...fault('kill', 'one', ['n1']), start: 170 }],
    });
    assert.deepEqual(
      [seconds?.faults[0]?.start, seconds?.faults[0]?.end, seconds?.timeLimitMs],
      [0, 0, 1000],
    );
    assert.deepEqual([hundreds?.faults[0]?.start, hundreds?.faults[0]?.end], [100, 300]);
    for (const { faults: all } of offered(rounderTimes, { faults: planned }))
      for (const { start, end } of all) assert.ok(end >= start);
  });
});
