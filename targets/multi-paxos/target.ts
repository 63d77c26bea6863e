/**
 * Multi-Paxos as a target: a linearizable store on five replicas, and the ways in which it can be broken.
 */
import { agreement, electionSafety, progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget, type Variant } from '../../harness/run/target.ts';
import { logClient } from '../replicated-log/client.ts';
import { logWorkloads } from '../workloads/index.ts';

function variant(name: string, mistake: string, caughtBy: string): Variant {
  return { nodeModule: moduleBeside(import.meta.url, `./broken/${name}`), mistake, caughtBy };
}

/** A disk that gives back an older state than was synced breaks what an acceptor must remember. */
const SAFE = { except: ['files'] } as const;

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
    { property: 'linearizable', checker: 'linearizable', under: SAFE },
    { property: 'one leader a ballot', checker: 'election-safety', under: SAFE },
    { property: 'one command a slot', checker: 'agreement', under: SAFE },
    // On a disk that fails or lies a node ends itself, and says why: that is how it keeps the promises above.
    {
      property: 'no node fails',
      checker: 'log-patterns',
      under: { except: ['disk', 'bit-flip', 'descriptors', 'files'] },
    },
    {
      property: 'progress of a healthy majority',
      checker: 'progress',
      under: { except: ['bit-flip', 'files'] },
    },
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
