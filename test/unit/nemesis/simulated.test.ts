/**
 * Every kind of fault on simulated clusters, whose nodes tell the truth about what is done to them: each is confirmed when it
 * is in force and not when it silently is not, heals, and leaves no node behind.
 */
import assert from 'node:assert/strict';
import type { Confirmation } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { UsageError } from '../../../harness/errors.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { createRandom } from '../../../harness/random.ts';
import { faults } from '../../../nemesis/index.ts';
import {
  ALL,
  begin,
  ECHO,
  familyOf,
  NODES,
  RAFT,
  settle,
  started,
  startedNumb,
  statesOf,
  whileWriting,
} from './simulated-nodes.ts';

/** Faults that come and go: whether anything of them is there when they are healed, is a matter of the moment. */
const PASSING: readonly string[] = [
  'partition:flaky',
  'connections:reset',
  'connections:half-open',
  ...familyKinds('restart-storm'),
  ...familyKinds('hunt'),
  ...[
    'rolling-restart',
    'rolling-upgrade',
    'flapping-link',
    'leader-hunt',
    'split-vote-storm',
    'leaders-in-turn',
  ].map((kind) => `scenario:${kind}`),
];

function familyKinds(name: string): string[] {
  return Object.keys(familyOf(name).kinds).map((kind) => `${name}:${kind}`);
}

/** A program in which leaders are elected, for faults that go by that. */
const moduleFor = (name: string, kind: string): string =>
  name === 'hunt' || ['leader-hunt', 'split-vote-storm', 'leaders-in-turn'].includes(kind) ? RAFT : ECHO;

describe('fault families on simulated nodes', () => {
  // A target whose members change has tests of its own.
  for (const family of faults.filter(({ asks }) => asks === undefined)) {
    for (const kind of Object.keys(family.kinds)) {
      const name = `${family.name}:${kind}`;
      const module = moduleFor(family.name, kind);
      // Among three nodes it cuts nothing.
      if (name === 'partition:ring') continue;

      it(`should inject, confirm and heal ${name}`, async () => {
        for (const seed of [1, 2]) {
          const cluster = await started(module);
          await settle(cluster);
          const ledger = createLedger(cluster);
          await whileWriting(cluster, async () => {
            const fault = await begin(ledger, family.name, kind, seed);
            assert.ok(fault.nodes.length > 0);
            const held = await fault.confirm();
            assert.equal(held.confirmed, true, `${fault.description}: ${held.evidence}`);
            const healed = await fault.heal();
            assert.equal(healed.confirmed, true, `${fault.description}: ${healed.evidence}`);
          });
          assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
          assert.deepEqual([ledger.healthy(), ledger.conditions(), ledger.cutLinks()], [NODES, [], []]);
        }
      });

      it(`should not confirm a ${name} that does nothing, nor take it for masked`, async () => {
        const cluster = await startedNumb(module);
        await settle(cluster);
        const { confirmed, masked, evidence } = await whileWriting(cluster, async () => {
          const fault = await begin(cluster.ledger(), family.name, kind);
          const confirmation = await fault.confirm();
          await fault.heal().catch(() => undefined);
          return confirmation;
        });
        assert.deepEqual([confirmed, masked], [false, undefined], evidence);
      });

      if (!PASSING.includes(name))
        it(`should not take ${name} for healed while it goes on`, async () => {
          const cluster = await startedNumb(module);
          cluster.numb = false;
          await settle(cluster);
          await whileWriting(cluster, async () => {
            const fault = await begin(cluster.ledger(), family.name, kind);
            await fault.confirm();
            cluster.numb = true;
            // Nodes that cannot start make it reject.
            const { confirmed, evidence } = await fault
              .heal()
              .catch(() => ({ confirmed: false, evidence: '' }));
            assert.equal(confirmed, false, `${fault.description}: ${evidence}`);
          });
        });
    }
  }

  it('should draw the same from the same seed, and what nodes it strikes as it is told', () => {
    for (const family of faults) {
      for (const kind of Object.keys(family.kinds)) {
        const plan = (seed: number): unknown => family.plan(kind, NODES, createRandom(seed));
        assert.deepEqual(plan(5), plan(5), `${family.name}:${kind}`);
        if (family.aimed === undefined) continue;
        const { parameters } = family.plan(kind, NODES, createRandom(5), 'n3-n1');
        assert.deepEqual((parameters as JsonObject)['nodes'], ['n3', 'n1']);
        assert.throws(() => family.plan(kind, NODES, createRandom(5), 'n9'), UsageError);
      }
    }
  });

  it('should not take a link for healed that is as little slow as can be drawn', async () => {
    const cluster = await startedNumb();
    cluster.numb = false;
    const fault = await begin(createLedger(cluster), 'slow-link', 'all', 1, { delayMs: 200 });
    assert.equal((await fault.confirm()).confirmed, true);
    cluster.numb = true;
    assert.equal((await fault.heal()).confirmed, false);
  });

  it('should count for nothing that a node does not get to the point at which it is to die', async () => {
    for (const writes of [true, false]) {
      const cluster = await started();
      const fault = await begin(createLedger(cluster), 'crash-point', 'after-sync', 1, ALL);
      const write = (): Promise<Confirmation> => fault.confirm();
      const { confirmed, masked } = await (writes ? whileWriting(cluster, write) : write());
      assert.deepEqual([confirmed, masked], writes ? [true, undefined] : [false, true]);
      assert.equal((await fault.heal()).confirmed, true);
      assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
      // Disarmed: it goes on past the point.
      await whileWriting(cluster, () => cluster.time.sleep(500));
      assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
    }
  });

  it('should name the nodes that it found, so that the same can be done again', async () => {
    const cluster = await started();
    for (const family of faults.filter(({ asks, name }) => asks === undefined && name !== 'hunt')) {
      for (const kind of Object.keys(family.kinds).filter((name) => name !== 'flaky')) {
        const ledger = createLedger(cluster);
        const fault = await family.aim(family.plan(kind, NODES, createRandom(1)), ledger);
        if (typeof fault === 'string') continue;
        if (family.name === 'scenario') continue;
        const again = await family.aim(fault.named ?? assert.fail(`${family.name}:${kind}`), ledger);
        if (typeof again === 'string') assert.fail(again);
        assert.deepEqual(again.nodes, fault.nodes);
        if (kind !== 'past-lease') assert.equal(again.description, fault.description);
      }
    }
  });
});
