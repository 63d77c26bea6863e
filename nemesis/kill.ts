/**
 * Kills: nodes die as by SIGKILL, with all that they had not synced, and come back later on their old disk.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { familyOf } from './deaths.ts';
import { ALIVE } from './outage.ts';

/** The kill family. */
export const kill: FaultFamily = {
  ...familyOf({
    name: 'kill',
    summary: 'nodes die at once, lose what they had not synced, and are restarted later',
    needs: ['kill'],
    word: 'killed',
    states: ALIVE,
    die: (node, cluster) => cluster.kill(node),
  }),

  takeAway(nodes) {
    return { family: 'kill', kind: 'minority', parameters: nodes };
  },
};
