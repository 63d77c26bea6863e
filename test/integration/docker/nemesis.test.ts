/**
 * Every family of faults that there is, in real containers: each kind that this runtime can do is confirmed by its probes
 * once it is injected, and confirmed to be over once it is healed. Whom it strikes is the same logic everywhere
 * (nemesis/aim.ts), so of kinds that say only that one is tried.
 *
 * Families are tried side by side, two clusters at a time: most of the time is spent waiting. As in a test, what a probe
 * misses on a busy machine gets a second look.
 */
import assert from 'node:assert/strict';
import type { ClusterPlan } from '../../../harness/cluster/cluster.ts';
import { dockerRuntime } from '../../../harness/cluster/docker/runtime.ts';
import {
  ableKinds,
  type Confirmation,
  type FaultFamily,
  type FaultLedger,
} from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { createRandom } from '../../../harness/random.ts';
import { confirmTwice, healTwice } from '../../../harness/run/nemesis.ts';
import { AIMS } from '../../../nemesis/aim.ts';
import { faults } from '../../../nemesis/index.ts';
import { roster } from '../../fixtures/roster-target.ts';
import { requireDocker } from './engine.ts';
import { fixtureOf, type Fixture } from './fixture.ts';

const NODES = ['n1', 'n2', 'n3'];
/** In a ring of three each sees all. */
const FOUR = [...NODES, 'n4'];
/** Between two writes to a node that takes them, so that it has something on its disk and passes its points. */
const WRITE_EVERY_MS = 200;
const LEADER_MS = 15_000;
/** Clusters. */
const AT_ONCE = 2;

const module = (path: string): string => moduleBeside(import.meta.url, path);
const echo = { nodes: NODES, nodeModule: module('../../fixtures/echo-node') };
const raft = { nodes: NODES, nodeModule: module('../../../targets/raft/node') };

/** Families that are tried on one cluster, one after the other. */
interface Group {
  readonly name: string;
  readonly plan: Partial<ClusterPlan> & Pick<ClusterPlan, 'nodes'>;
  readonly has: (family: FaultFamily) => boolean;
}

const of =
  (...names: string[]) =>
  ({ name }: FaultFamily): boolean =>
    names.includes(name);

/** A family goes to the first group that has it: one that is not named here yet, to the last. */
const GROUPS: readonly Group[] = [
  {
    name: 'members',
    plan: { nodes: NODES, nodeModule: module('../../fixtures/roster-node'), spares: ['n4'] },
    has: of('membership'),
  },
  { name: 'leaders', plan: { ...raft, versions: { current: raft.nodeModule } }, has: of('hunt', 'scenario') },
  {
    name: 'links',
    plan: { ...echo, nodes: FOUR },
    has: of('partition', 'slow-link', 'packets', 'connections', 'clients'),
  },
  { name: 'nodes', plan: echo, has: () => true },
];
/** What a broken disk has failed is of no use to a node until it restarts (harness/node/durable-file.ts). */
const LAST = of('disk');

/** What was seen of one kind. */
interface Trial {
  readonly description: string;
  readonly held: Confirmation;
  readonly healed: Confirmation;
}

/** The trials of one group, which go on from `start` on. */
class Trials {
  readonly families: readonly FaultFamily[];
  readonly #fixture: Fixture;
  readonly #ended = new AbortController();
  readonly #trials = new Map<string, Promise<Trial>>();

  constructor({ plan }: Group, families: readonly FaultFamily[]) {
    this.families = families;
    this.#fixture = fixtureOf(plan);
  }

  kinds(family: FaultFamily): string[] {
    const isAim = (kind: string): boolean => Object.hasOwn(AIMS, kind) && kind !== 'one';
    return ableKinds(family, dockerRuntime.abilities).filter((kind) => !isAim(kind));
  }

  /** Begins when others are through: whoever wants to know how one went asks for its `outcome`. Answers when all are tried. */
  start(others: Promise<unknown>): Promise<unknown> {
    const { cluster } = this.#fixture;
    const ledger = createLedger(cluster, roster);
    let last: Promise<unknown> = others.then(() => cluster.start());
    for (const node of cluster.nodes) void this.#write(node, last);
    for (const family of this.families) {
      for (const kind of this.kinds(family)) {
        const trial = last.then(async () => {
          await this.#settle(ledger);
          return tryOut(family, kind, ledger);
        });
        // One that went wrong does not keep the others from being tried.
        last = trial.catch(() => undefined);
        this.#trials.set(`${family.name}:${kind}`, trial);
        trial.catch(() => undefined);
      }
    }
    return last;
  }

  outcome(family: FaultFamily, kind: string): Promise<Trial> {
    return this.#trials.get(`${family.name}:${kind}`) ?? Promise.reject(new Error('not tried'));
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#fixture[Symbol.asyncDispose]();
  }

  /** A leader, where there are such, takes some time to be found. */
  async #settle(ledger: FaultLedger): Promise<void> {
    const deadline = performance.now() + LEADER_MS;
    while ((await ledger.leader()) === undefined) {
      assert.ok(performance.now() < deadline, 'nobody leads');
      await ledger.cluster.time.sleep(100);
    }
  }

  async #write(node: string, started: Promise<unknown>): Promise<void> {
    const { cluster } = this.#fixture;
    await started.catch(() => undefined);
    for (let value = 0; !this.#ended.signal.aborted; value++) {
      await cluster.call(node, 'write', { value }, 1000);
      await cluster.time.sleep(WRITE_EVERY_MS);
    }
  }
}

async function tryOut(family: FaultFamily, kind: string, ledger: FaultLedger): Promise<Trial> {
  const { nodes } = ledger.cluster;
  const fault = await family.aim(family.plan(kind, nodes, createRandom(`${family.name}:${kind}`)), ledger);
  if (typeof fault === 'string') throw new Error(`not aimed: ${fault}`);
  try {
    await fault.inject();
    const held = await confirmTwice(fault, () => true);
    return { description: fault.description, held, healed: await healTwice(fault) };
  } catch (error) {
    await fault.heal().catch(() => undefined);
    throw error;
  }
}

describe('nemesis in containers', function () {
  this.timeout(300_000);
  const groups = GROUPS.map((group, index) => {
    const earlier = GROUPS.slice(0, index);
    const own = faults.filter((family) => group.has(family) && !earlier.some((other) => other.has(family)));
    const families = [...own.filter((family) => !LAST(family)), ...own.filter(LAST)];
    return { name: group.name, trials: new Trials(group, families) };
  });

  before(requireDocker);
  before(() => {
    const begun: Promise<unknown>[] = [];
    for (const [index, { trials }] of groups.entries())
      begun.push(trials.start(begun[index - AT_ONCE] ?? Promise.resolve()));
  });
  after(async () => {
    await Promise.all(groups.map(({ trials }) => trials.stop()));
  });

  for (const { name, trials } of groups) {
    describe(name, () => {
      for (const family of trials.families) {
        for (const kind of trials.kinds(family)) {
          it(`should prove ${family.name}:${kind}, and prove when it is over`, async () => {
            const { description, held, healed } = await trials.outcome(family, kind);
            assert.equal(held.confirmed, true, `${description}: ${held.evidence}`);
            assert.equal(healed.confirmed, true, `${description}, healed: ${healed.evidence}`);
          });
        }
      }
    });
  }
});
