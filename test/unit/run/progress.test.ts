/** The progress phase of a test, on a cluster in memory: who is left alone, what is recorded, and what comes back. */
import assert from 'node:assert/strict';
import type { FaultFamily } from '../../../harness/cluster/fault.ts';
import { clients, delay, op, repeat, sequence, untilOk } from '../../../harness/generator/index.ts';
import { isClient, type History } from '../../../harness/history/operation.ts';
import { findProgress, type ProgressStart } from '../../../harness/history/progress.ts';
import { memoryRecorder } from '../../../harness/history/recorder.ts';
import { drive, type DriveOutcome } from '../../../harness/run/drive.ts';
import { planProgress } from '../../../harness/run/progress.ts';
import type { TestPlan } from '../../../harness/run/results.ts';
import { type Claim, defineTarget, type Target, type Workload } from '../../../harness/run/target.ts';
import { faults } from '../../../nemesis/index.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

const unprovable: Workload = {
  name: 'work',
  summary: 'writes and reads',
  operations: { write: 'writes', read: 'reads' },
  generator: () => clients(op('write')),
  checkers: [],
};
const workload: Workload = {
  ...unprovable,
  progressGenerator: () =>
    sequence(untilOk(delay(5, repeat(op('write')))), untilOk(delay(5, repeat(op('read'))))),
};
const claim: Claim = { property: 'progress', checker: 'progress', under: 'any' };
const target = defineTarget({
  name: 'store',
  summary: 'a store',
  nodeModule: import.meta.url,
  nodes: 5,
  workloads: [workload],
  claims: [claim],
});

function planFor(count: number, changes: Partial<TestPlan> = {}): TestPlan {
  return {
    ...sampleRecord({ valid: true, operations: 1 }).plan,
    seed: '1',
    nodes: Array.from({ length: count }, (_, index) => `n${index + 1}`),
    concurrency: 2,
    timeLimitMs: 50,
    operationTimeoutMs: 50,
    progressLimitMs: 100,
    ...changes,
  };
}

interface Changes {
  readonly plan?: TestPlan;
  readonly target?: Target;
  readonly workload?: Workload;
  readonly families?: readonly FaultFamily[];
  readonly signal?: AbortSignal;
}

async function driven(
  cluster: FakeCluster,
  { plan = planFor(cluster.nodes.length), families = faults, ...changes }: Changes = {},
): Promise<DriveOutcome & { readonly history: History }> {
  const recorder = memoryRecorder();
  const outcome = await drive(
    {
      plan,
      target,
      workload,
      nemesis: [],
      schedule: [],
      families,
      signal: new AbortController().signal,
      observer: { phase: () => undefined, live: () => undefined },
      ...changes,
    },
    cluster,
    recorder,
  );
  return { ...outcome, history: recorder.operations };
}

const clusterOf = (count: number): FakeCluster => new FakeCluster(planFor(count).nodes);
const familyNamed = (name: string): FaultFamily[] => faults.filter((family) => family.name === name);

describe('progress phase', () => {
  for (const name of ['partition', 'kill', 'pause']) {
    it(`should leave a majority alone by ${name}, have that confirmed, and bring the rest back`, async () => {
      const cluster = clusterOf(5);
      cluster.statuses.set('n1', { role: 'leader' });
      const { history, faults: records, problems } = await driven(cluster, { families: familyNamed(name) });
      const phase = findProgress(history);
      assert.ok(phase?.stop);
      assert.deepEqual([phase.start.alone.length, phase.start.away.length, phase.start.kind], [3, 2, name]);
      assert.equal(phase.stop.confirmed, true);
      assert.deepEqual(Object.keys(phase.stop.nodes), cluster.nodes);
      for (const node of phase.start.away)
        assert.equal(phase.stop.nodes[node] === null, name !== 'partition', node);
      assert.deepEqual(
        phase.calls.map(({ invoke, completion }) => [invoke.f, completion?.type]),
        [
          ['write', 'ok'],
          ['read', 'ok'],
        ],
      );
      assert.deepEqual(
        records.map(({ family, kind, confirmed, healed }) => ({ family, kind, confirmed, healed })),
        [{ family: 'progress', kind: name, confirmed: true, healed: true }],
      );
      assert.deepEqual([problems, cluster.cutNow.size], [[], 0]);
      assert.deepEqual([...new Set(cluster.states.values())], ['running']);
    });
  }

  it('should ask until the bound is over when nothing gets done, and then bring the rest back', async () => {
    const cluster = clusterOf(3);
    cluster.answer = () => Promise.resolve({ kind: 'refused', error: 'no leader', details: {} });
    const { history } = await driven(cluster, { families: familyNamed('partition') });
    const phase = findProgress(history);
    assert.ok(phase?.stop);
    const outcomes = new Set(
      phase.calls.map(({ invoke, completion }) => `${invoke.f} ${completion?.type ?? ''}`),
    );
    assert.deepEqual([...outcomes], ['write fail']);
    assert.deepEqual([...new Set(cluster.states.values())], ['running']);
  });

  it('should only heal where there is no minority, or no family that may take one away', async () => {
    const onlyPartitions = { ...target, claims: [{ ...claim, under: ['partition'] }] };
    for (const [count, changes] of [
      [1, {}],
      [2, {}],
      [5, { families: [] }],
      [5, { families: familyNamed('kill'), target: onlyPartitions }],
    ] as const) {
      const { history, faults: records } = await driven(clusterOf(count), changes);
      const phase = findProgress(history);
      assert.deepEqual([phase?.start.alone.length, phase?.start.away, phase?.start.kind], [count, [], null]);
      assert.deepEqual([phase?.stop?.confirmed, records], [true, []]);
    }
  });

  it('should not take place unless it is asked for, claimed and provable', async () => {
    for (const changes of [
      { plan: planFor(3, { progressLimitMs: 0 }) },
      { target: { ...target, claims: [{ ...claim, checker: 'linearizable' }] } },
      { workload: unprovable },
    ]) {
      const { history, faults: records } = await driven(clusterOf(3), changes);
      assert.deepEqual([findProgress(history), records], [undefined, []]);
      assert.ok(history.some(isClient));
    }
  });

  it('should say when nobody saw that the minority was gone', async () => {
    const cluster = clusterOf(5);
    cluster.leaky = true;
    const { history } = await driven(cluster, { families: familyNamed('partition') });
    assert.equal(findProgress(history)?.stop?.confirmed, false);
  });

  it('should not judge a cluster that did not become whole', async () => {
    const cluster = clusterOf(3);
    cluster.states.set('n2', 'down');
    const { history, problems } = await driven(cluster);
    assert.equal(findProgress(history), undefined);
    assert.equal(problems.length, 1);
  });

  it('should bring the rest back when it is interrupted, and leave the phase without an end', async () => {
    const cluster = clusterOf(3);
    const stop = new AbortController();
    cluster.answer = () => {
      if ([...cluster.states.values()].includes('down')) stop.abort();
      return Promise.resolve({ kind: 'refused', error: 'no leader', details: {} });
    };
    const { history } = await driven(cluster, { families: familyNamed('kill'), signal: stop.signal });
    const phase = findProgress(history);
    assert.ok(phase);
    assert.equal(phase.stop, undefined);
    assert.deepEqual([...new Set(cluster.states.values())], ['running']);
  });

  it('should draw who is left alone from the seed, and give its fault an id of its own', () => {
    const drawn = (seed: string): unknown => {
      const schedule = [3, 8].map((id) => ({
        id,
        start: 0,
        end: 1,
        plan: { family: 'kill', kind: 'one', parameters: [] },
      }));
      const request = { plan: planFor(5, { seed }), target, workload, schedule, families: faults };
      const { start, fault } = planProgress(request) ?? assert.fail();
      assert.equal(fault.id, 9);
      return start;
    };
    assert.deepEqual(drawn('1'), drawn('1'));
    const seeds = Array.from({ length: 20 }, (_, seed) => drawn(String(seed)));
    assert.ok(new Set(seeds.map((start) => JSON.stringify(start))).size > 10);
  });

  it('should take away as many as the target says may be missing, and else the largest minority', () => {
    const away = (of: Target): number => {
      const request = { plan: planFor(5), target: of, workload, schedule: [], families: faults };
      return (planProgress(request) ?? assert.fail()).start.away.length;
    };
    assert.equal(away(target), 2);
    assert.equal(away({ ...target, mayMiss: (nodes) => nodes - 4 }), 1);
  });

  it('should leave alone whom it left alone before there was one more family, and by what, but for its share', () => {
    const [partition = assert.fail()] = familyNamed('partition');
    const added = { ...partition, name: 'unplugged' };
    const startOf = (seed: number, families: readonly FaultFamily[]): ProgressStart => {
      const plan = planFor(5, { seed: String(seed) });
      return planProgress({ plan, target, workload, schedule: [], families })?.start ?? assert.fail();
    };
    const shares = { before: 0, added: 0 };
    for (let seed = 0; seed < 100; seed++) {
      const before = startOf(seed, faults);
      const after = startOf(seed, [added, ...faults]);
      assert.deepEqual({ ...after, kind: '' }, { ...before, kind: '' });
      if (after.kind === before.kind) shares.before++;
      else if (after.kind === 'unplugged') shares.added++;
    }
    assert.equal(shares.before + shares.added, 100);
    assert.ok(shares.added > 10 && shares.before > 50, JSON.stringify(shares));
  });
});
