/**
 * Memory: nodes use up what they have until the system ends them, which takes a while, in which they get ever slower.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { familyOf } from './deaths.ts';

/** The memory family. */
export const memory: FaultFamily = familyOf({
  name: 'memory',
  summary: 'nodes use up their memory, and die of it',
  needs: ['memory'],
  word: 'out of memory',
  states: ['running'],
  die: (node, cluster) => cluster.exhaustMemory(node),
});
