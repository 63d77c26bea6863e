/**
 * A lock with leases and fencing tokens as a target: one lock server, the resource that it guards, and the ways in which both, and
 * their clients, can be broken.
 */
import { progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { noNodeFails, progressOf, safe, variantsBeside } from '../claims.ts';
import { lock, optimistic } from '../workloads/index.ts';
import { client as leaseAfterPause } from './broken/lease-after-pause.ts';
import { client } from './service.ts';

const nodeModule = moduleBeside(import.meta.url, './node');

const variant = variantsBeside(import.meta.url);

export default defineTarget({
  name: 'lease-lock',
  summary: 'A lock on one server: leases, a waiting line, fencing tokens; and the resource that it guards.',
  nodeModule,
  nodes: 2,
  nodesMin: 2,
  client,
  workloads: [lock, optimistic],
  checkers: [progress],
  claims: [
    safe('mutual exclusion of holders', 'mutual-exclusion'),
    safe('fencing tokens increase and are obeyed', 'fencing'),
    safe('no lost update at the resource', 'lost-update'),
    safe('no lock is lost for ever', 'eventual-release'),
    noNodeFails,
    progressOf('cluster'),
  ],
  variants: {
    'unconditional-release': variant(
      'unconditional-release',
      'Whoever asks releases the lock, also one whose lease is over.',
      'mutual-exclusion',
    ),
    'token-ignored': variant('token-ignored', 'The resource does not look at fencing tokens.', 'fencing'),
    'volatile-table': variant('volatile-table', 'Leases are forgotten in a restart.', 'mutual-exclusion'),
    'wall-clock-expiry': variant(
      'wall-clock-expiry',
      'Leases end by a clock that jumps.',
      'mutual-exclusion',
    ),
    'no-expiry': variant('no-expiry', 'Leases do not end.', 'eventual-release'),
    'lease-after-pause': {
      nodeModule,
      client: leaseAfterPause,
      mistake: 'A holder counts its lease from when the answer came.',
      caughtBy: 'mutual-exclusion',
    },
  },
});
