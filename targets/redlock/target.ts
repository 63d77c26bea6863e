/**
 * Redlock as a target: five independent lock servers, the resource that the lock guards, and the ways in which the algorithm can be
 * broken.
 */
import { progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { noNodeFails, progressOf, safe } from '../claims.ts';
import { minorityOfServers } from '../guarded-resource/roles.ts';
import { lock } from '../workloads/index.ts';
import { client as halfQuorum } from './broken/half-quorum.ts';
import { client as noElapsed } from './broken/no-elapsed.ts';
import { client } from './service.ts';

const nodeModule = moduleBeside(import.meta.url, './node');

export default defineTarget({
  name: 'redlock',
  summary: 'A lock on a majority of independent servers, and the resource that it guards.',
  nodeModule,
  nodes: 6,
  nodesMin: 4,
  mayMiss: minorityOfServers,
  client,
  workloads: [lock],
  checkers: [progress],
  claims: [
    // Of those who mind their lease's end, on clocks that run at one rate. Every node's monotonic clock does, whatever is done to it.
    safe('mutual exclusion of holders', 'mutual-exclusion'),
    // By the tokens alone, which need no clock.
    safe('fencing tokens increase and are obeyed', 'fencing'),
    safe('no lost update at the resource', 'lost-update'),
    safe('no lock is lost for ever', 'eventual-release'),
    noNodeFails,
    progressOf('majority'),
  ],
  variants: {
    'no-elapsed': {
      nodeModule,
      client: noElapsed,
      mistake: 'What went by while the lock was acquired is not taken off the lease.',
      caughtBy: 'mutual-exclusion',
    },
    'half-quorum': {
      nodeModule,
      client: halfQuorum,
      mistake: 'Half of the servers is taken for a majority.',
      caughtBy: 'mutual-exclusion',
    },
    'instant-restart': {
      nodeModule: moduleBeside(import.meta.url, './broken/instant-restart'),
      mistake: 'A server forgets its locks in a restart, and serves at once.',
      caughtBy: 'mutual-exclusion',
    },
    unfenced: {
      nodeModule: moduleBeside(import.meta.url, './broken/unfenced'),
      mistake: 'The resource does not look at tokens: Redlock as it was published.',
      caughtBy: 'fencing',
    },
  },
});
