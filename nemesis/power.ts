/**
 * Power failures: nodes die in the middle of what they were writing, of which a part may be on the disk when they come back,
 * torn. Who trusts the end of a log without a checksum reads what nobody wrote.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { familyOf } from './deaths.ts';
import { ALIVE } from './outage.ts';

/** The power family. */
export const power: FaultFamily = familyOf({
  name: 'power',
  summary: 'nodes lose power, and of what they were writing a part is there afterwards, torn',
  needs: ['power'],
  word: 'without power',
  states: ALIVE,
  die: (node, cluster) => cluster.cutPower(node),
});
