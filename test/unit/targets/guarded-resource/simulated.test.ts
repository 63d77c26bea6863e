/** Whole simulated runs of the locks: the workload, the faults and the checkers together, and variants of the client as well as of nodes. */
import assert from 'node:assert/strict';
import { parseSettings } from '../../../../harness/cluster/sim/options.ts';
import { ownKit } from '../../../../harness/explore/own-kit.ts';
import type { Scenario } from '../../../../harness/explore/scenario.ts';
import { judge, simulate, type Judgement } from '../../../../harness/explore/simulate.ts';
import type { ScheduledFault } from '../../../../harness/run/schedule.ts';

/** A fault of these nodes, from one time to another. */
const fault = (
  id: number,
  family: string,
  start: number,
  end: number,
  nodes: readonly string[],
): ScheduledFault => ({
  id,
  start,
  end,
  plan: { family, kind: 'one', parameters: nodes },
});

/** Lock servers are killed and paused one after another, and the resource as well. */
const FAULTS = [
  fault(0, 'kill', 500, 900, ['n1']),
  fault(1, 'pause', 1200, 1900, ['n1']),
  fault(2, 'kill', 2200, 2500, ['n2']),
  fault(3, 'pause', 2700, 3400, ['n2']),
];

async function verdictOf(target: string, more: Partial<Scenario> = {}): Promise<Judgement> {
  const kit = await ownKit(target);
  const scenario: Scenario = {
    target,
    workload: 'lock',
    seed: '1',
    nodes: Array.from({ length: kit.target.nodes }, (_, index) => `n${index + 1}`),
    concurrency: 6,
    rate: 100,
    timeLimitMs: 4000,
    operationTimeoutMs: 3000,
    settings: parseSettings({}),
    faults: FAULTS,
    final: true,
    progressLimitMs: 5000,
    ...more,
  };
  return judge(await simulate(scenario, kit), kit, 10_000);
}

describe('simulated runs of locks', () => {
  const claimed = ({ claims }: Judgement): unknown[] =>
    claims.map(({ checker, valid, claimed }) => [checker, valid, claimed]);

  for (const target of ['lease-lock', 'redlock']) {
    it(`should find that every claim holds: ${target}`, async () => {
      const names = [
        'mutual-exclusion',
        'fencing',
        'lost-update',
        'eventual-release',
        'log-patterns',
        'progress',
      ];
      const expected = names.map((name) => [name, true, 'yes']);
      const verdict = await verdictOf(target);
      assert.deepEqual(claimed(verdict), expected);
      assert.equal(verdict.valid, true);
    });
  }

  it('should pass updates without a lock', async () => {
    const verdict = await verdictOf('lease-lock', { workload: 'optimistic', progressLimitMs: 0 });
    assert.deepEqual(claimed(verdict), [
      ['lost-update', true, 'yes'],
      ['log-patterns', true, 'yes'],
    ]);
  });

  it('should run the client of a variant, and the nodes of another', async () => {
    for (const [target, variant] of [
      ['redlock', 'half-quorum'],
      ['lease-lock', 'token-ignored'],
    ] as const) {
      const { checks } = await verdictOf(target, { variant, faults: [], progressLimitMs: 0 });
      const { caughtBy } = (await ownKit(target)).target.variants?.[variant] ?? assert.fail();
      assert.equal(checks.find(({ checker }) => checker === caughtBy)?.valid, false, variant);
    }
  });
});
