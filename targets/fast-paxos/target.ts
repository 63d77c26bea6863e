/**
 * Fast Paxos as a target: a linearizable store on five replicas, and the ways in which it can be broken.
 */
import { agreement, electionSafety, progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { noNodeFails, progressOf, safe, variantsBeside } from '../claims.ts';
import { logWorkloads } from '../workloads/index.ts';
import { fastClient } from './client.ts';

const variant = variantsBeside(import.meta.url);

export default defineTarget({
  name: 'fast-paxos',
  summary: 'A store replicated by Fast Paxos: clients propose to acceptors directly, in two message delays.',
  nodeModule: moduleBeside(import.meta.url, './node'),
  nodes: 5,
  nodesMin: 1,
  // Small enough that a test of half a minute compacts logs and sends snapshots.
  options: { snapshotThreshold: 500, snapshotTrailing: 100 },
  client: fastClient,
  workloads: logWorkloads,
  checkers: [agreement, electionSafety, progress],
  claims: [
    safe('linearizable', 'linearizable'),
    safe('one command a slot', 'agreement'),
    safe('one coordinator a ballot', 'election-safety'),
    noNodeFails,
    progressOf('majority'),
  ],
  variants: {
    'majority-fast-quorum': variant(
      'majority-fast-quorum',
      'A majority counts as a fast quorum.',
      'agreement',
    ),
    'any-reported-value': variant(
      'any-reported-value',
      'Recovery takes the first value that was reported.',
      'agreement',
    ),
  },
});
