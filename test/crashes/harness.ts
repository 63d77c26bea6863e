/**
 * A harness that breaks things until it is killed: a cluster on the runtime that is named, and faults of all families that it can do, begun
 * and healed at random, several at once. Says on standard output, a line of JSON each, what it has just done.
 *
 *   node test/crashes/harness.ts <runtime> <run id> <directory> <seed>
 */
import type { Fault } from '../../harness/cluster/fault.ts';
import { ableKinds } from '../../harness/cluster/fault.ts';
import { createLedger } from '../../harness/cluster/ledger.ts';
import { findRuntime, faults } from '../../harness/cli/registry.ts';
import { messageOf } from '../../harness/errors.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { createRandom } from '../../harness/random.ts';
import { roster } from '../fixtures/roster-target.ts';

const [runtimeName = '', runId = '', directory = '', seed = ''] = process.argv.slice(2);
const NODES = ['n1', 'n2', 'n3'];
const AT_ONCE = 6;

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

const runtime = findRuntime(runtimeName);
const nodeModule = moduleBeside(import.meta.url, '../fixtures/roster-node');
const cluster = runtime.create({
  runId,
  nodes: NODES,
  spares: ['n4'],
  nodeModule,
  versions: { other: nodeModule, current: nodeModule },
  options: {},
  seed,
  directory,
  progress: (line) => say({ progress: line }),
});
const ledger = createLedger(cluster, roster);
const random = createRandom(seed);
const inForce = new Set<{ readonly name: string; readonly fault: Fault }>();
const able = faults.filter((family) => ableKinds(family, runtime.abilities).length > 0);

async function begin(): Promise<void> {
  const family = random.pick(able);
  const kind = random.pick(ableKinds(family, runtime.abilities));
  const fault = await family.aim(family.plan(kind, NODES, random), ledger);
  if (typeof fault === 'string') return;
  const held = { name: `${family.name}:${kind}`, fault };
  inForce.add(held);
  say({ begins: held.name, inForce: inForce.size });
  await fault.inject();
}

async function end(): Promise<void> {
  const held = random.pick([...inForce]);
  inForce.delete(held);
  say({ ends: held.name, inForce: inForce.size });
  await held.fault.heal();
}

say({ starting: runId });
await cluster.start();
say({ started: runId });
for (;;) {
  const action = inForce.size === 0 || (inForce.size < AT_ONCE && random.chance(0.7)) ? begin : end;
  // What fails fails: the next must find a machine to clean in any case.
  await action().catch((error: unknown) => say({ failed: messageOf(error) }));
}
