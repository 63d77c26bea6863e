/**
 * Multi-Paxos as a target: a linearizable store on five replicas, and the ways in which it can be broken.
 */
import { agreement, electionSafety, progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { noNodeFails, progressOf, safe, variantsBeside } from '../claims.ts';
import { logClient } from '../replicated-log/client.ts';
import { logWorkloads } from '../workloads/index.ts';

const variant = variantsBeside(import.meta.url);

export default defineTarget({
  name: 'multi-paxos',
  summary:
    'A store replicated by Multi-Paxos: a stable leader, pipelined batches, snapshots, optional read leases.',
  nodeModule: moduleBeside(import.meta.url, './node'),
  nodes: 5,
  nodesMin: 1,
  // Small enough that a test of half a minute compacts logs and sends snapshots.
  options: { snapshotThreshold: 500, snapshotTrailing: 100 },
  client: logClient,
  workloads: logWorkloads,
  checkers: [electionSafety, agreement, progress],
  claims: [
    safe('linearizable', 'linearizable'),
    safe('one leader a ballot', 'election-safety'),
    safe('one command a slot', 'agreement'),
    noNodeFails,
    progressOf('majority'),
  ],
  variants: {
    'volatile-promise': variant(
      'volatile-promise',
      'Promises are forgotten in a restart.',
      'election-safety',
    ),
    'first-value': variant(
      'first-value',
      'A new leader adopts what the first promise reports, not what was accepted in the latest ballot.',
      'linearizable',
    ),
    'skipped-phase-one': variant(
      'skipped-phase-one',
      'A new leader ignores what was accepted in slots that it does not know.',
      'linearizable',
    ),
    'gap-skip': variant(
      'gap-skip',
      'A leader executes commands past slots that are not chosen yet.',
      'agreement',
    ),
    'lease-after-pause': variant(
      'lease-after-pause',
      'A leader trusts its read lease without looking at the clock.',
      'linearizable',
    ),
  },
});
