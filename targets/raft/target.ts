/**
 * Raft as a target: a linearizable key-value store on five replicas, and the ways in which it can be broken.
 */
import { agreement, electionSafety, progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { noNodeFails, progressOf, safe, variantsBeside } from '../claims.ts';
import { logClient } from '../replicated-log/client.ts';
import { logWorkloads } from '../workloads/index.ts';
import { membership } from './membership.ts';

const variant = variantsBeside(import.meta.url);

export default defineTarget({
  name: 'raft',
  summary: 'A key-value store replicated by Raft: pre-vote, ReadIndex, client sessions, snapshots.',
  nodeModule: moduleBeside(import.meta.url, './node'),
  nodes: 5,
  nodesMin: 1,
  // Small enough that a test of half a minute compacts logs, sends snapshots, and catches up in several batches.
  options: { snapshotThreshold: 500, snapshotTrailing: 100, maxBatch: 16 },
  client: logClient,
  membership,
  workloads: logWorkloads,
  checkers: [electionSafety, agreement, progress],
  claims: [
    safe('linearizable', 'linearizable'),
    safe('one leader a term', 'election-safety'),
    safe('one command an index', 'agreement'),
    noNodeFails,
    progressOf('majority'),
  ],
  variants: {
    'volatile-vote': variant('volatile-vote', 'Term and vote are forgotten in a restart.', 'election-safety'),
    'stale-vote': variant('stale-vote', 'Votes go to candidates whose log is out of date.', 'linearizable'),
    'local-reads': variant(
      'local-reads',
      'A leader answers reads without asking a majority.',
      'linearizable',
    ),
    'no-dedup': variant('no-dedup', 'A command sent twice is applied twice.', 'linearizable'),
    'early-ack': variant('early-ack', 'Writes are acknowledged before they are replicated.', 'linearizable'),
    'old-term-commit': variant(
      'old-term-commit',
      'A leader commits entries of earlier terms by counting replicas.',
      'agreement',
    ),
    'early-read-index': variant(
      'early-read-index',
      'A new leader answers reads before its own no-op is committed.',
      'linearizable',
    ),
    'early-change': variant(
      'early-change',
      'Members are changed before an entry of the own term is committed.',
      'linearizable',
    ),
    'kept-vote': variant('kept-vote', 'A vote is kept when a new term begins.', 'progress'),
    'no-back-up': variant(
      'no-back-up',
      'A leader does not back up when a follower lacks the entry before.',
      'progress',
    ),
  },
});
