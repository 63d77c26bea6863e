/**
 * The registry of fault families: one line each. `--nemesis` names them, `splitbrain list` shows them.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { kill } from './kill.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { slowLink } from './slow-link.ts';

/** All fault families, in the order in which they are listed. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const faults: readonly FaultFamily[] = [
  partition,
  kill,
  pause,
  slowLink,
];
