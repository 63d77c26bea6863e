/**
 * A lock with leases and fencing tokens as a target: one lock server, the resource that it guards, and the ways in which both, and
 * their clients, can be broken.
 */
import { progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget, type Variant } from '../../harness/run/target.ts';
import { lock, optimistic } from '../workloads/index.ts';
import { client as leaseAfterPause } from './broken/lease-after-pause.ts';
import { client } from './service.ts';

const nodeModule = moduleBeside(import.meta.url, './node');

function variant(name: string, mistake: string, caughtBy: string): Variant {
  return { nodeModule: moduleBeside(import.meta.url, `./broken/${name}`), mistake, caughtBy };
}

/** An old disk put back, or one that lost what was synced: no algorithm with one server survives that. */
const DISK_OF_THE_PAST = ['files'];

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
    {
      property: 'mutual exclusion of holders',
      checker: 'mutual-exclusion',
      under: { except: DISK_OF_THE_PAST },
    },
    {
      property: 'fencing tokens increase and are obeyed',
      checker: 'fencing',
      under: { except: DISK_OF_THE_PAST },
    },
    {
      property: 'no lost update at the resource',
      checker: 'lost-update',
      under: { except: DISK_OF_THE_PAST },
    },
    {
      property: 'no lock is lost for ever',
      checker: 'eventual-release',
      under: { except: DISK_OF_THE_PAST },
    },
    // On a disk that fails or lies a node ends itself, and says why: that is how it keeps the promises above.
    {
      property: 'no node fails',
      checker: 'log-patterns',
      under: { except: ['disk', 'bit-flip', 'descriptors', ...DISK_OF_THE_PAST] },
    },
    {
      property: 'progress of a healthy cluster',
      checker: 'progress',
      under: { except: ['bit-flip', ...DISK_OF_THE_PAST] },
    },
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
