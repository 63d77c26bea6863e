/**
 * The coordination service as a target: three servers, the resource that its locks guard, and the ways in which both, and their clients, can
 * be broken.
 */
import { agreement, electionSafety, progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget, type Variant } from '../../harness/run/target.ts';
import { minorityOfServers } from '../guarded-resource/roles.ts';
import { election, lock, optimistic, readWriteLock, sessions, watches, znodes } from '../workloads/index.ts';
import { client as nameOrder } from './broken/name-order.ts';
import { client as previousSession } from './broken/previous-session.ts';
import { client } from './client.ts';

const nodeModule = moduleBeside(import.meta.url, './node');

/** Votes and entries that were acknowledged and are gone with an old disk break any promise that rests on them. */
const SAFE = { except: ['files'] } as const;

function variant(name: string, mistake: string, caughtBy: string): Variant {
  return { nodeModule: moduleBeside(import.meta.url, `./broken/${name}`), mistake, caughtBy };
}

export default defineTarget({
  name: 'coordination',
  summary:
    'A service like ZooKeeper, on Raft: sessions, ephemeral and sequential nodes, watches; locks and elections by recipes.',
  nodeModule,
  nodes: 4,
  nodesMin: 2,
  mayMiss: minorityOfServers,
  // Small enough that a test of half a minute compacts logs and sends snapshots.
  options: { snapshotThreshold: 500, snapshotTrailing: 100, maxBatch: 16 },
  client,
  workloads: [lock, optimistic, readWriteLock, election, znodes, sessions, watches],
  checkers: [electionSafety, agreement, progress],
  claims: [
    { property: 'mutual exclusion of holders', checker: 'mutual-exclusion', under: SAFE },
    { property: 'fencing tokens increase and are obeyed', checker: 'fencing', under: SAFE },
    { property: 'no lost update at the resource', checker: 'lost-update', under: SAFE },
    { property: 'no lock is lost for ever', checker: 'eventual-release', under: SAFE },
    { property: 'nobody writes while readers hold the lock', checker: 'reader-isolation', under: SAFE },
    { property: 'what is seen of leaders never goes back', checker: 'leader-observations', under: SAFE },
    { property: 'a linearizable tree', checker: 'linearizable', under: SAFE },
    { property: 'numbers of sequential nodes increase', checker: 'sequential-order', under: SAFE },
    { property: 'ephemeral nodes live as long as their session', checker: 'sessions', under: SAFE },
    { property: 'watches tell of the first change, once', checker: 'watches', under: SAFE },
    { property: 'one leader a term', checker: 'election-safety', under: SAFE },
    { property: 'one command an index', checker: 'agreement', under: SAFE },
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
    'previous-session': {
      nodeModule,
      client: previousSession,
      mistake: "A node that belongs to the client's previous session is taken for its own.",
      caughtBy: 'mutual-exclusion',
    },
    'name-order': {
      nodeModule,
      client: nameOrder,
      mistake: 'Those in line are sorted by their whole names, not by the numbers in them.',
      caughtBy: 'mutual-exclusion',
    },
    'unconfirmed-heartbeat': variant(
      'unconfirmed-heartbeat',
      'A leader confirms heartbeats without making sure that it still leads.',
      'sessions',
    ),
    'instant-expiry': variant(
      'instant-expiry',
      'A new leader ends sessions for what was not heard before it led.',
      'mutual-exclusion',
    ),
    'ephemeral-kept': variant('ephemeral-kept', 'Ephemeral nodes outlive their session.', 'eventual-release'),
    'late-watch': variant(
      'late-watch',
      'A watch tells of changes after it was set, not after what its client has read.',
      'watches',
    ),
  },
});
