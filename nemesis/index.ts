/**
 * The registry of fault families: one line each. `--nemesis` names them, `splitbrain list` shows them.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { bitFlip } from './bit-flip.ts';
import { clock } from './clock.ts';
import { disk } from './disk.ts';
import { kill } from './kill.ts';
import { packets } from './packets.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { slowLink } from './slow-link.ts';
import { slowNode } from './slow-node.ts';

export { bitFlip, clock, disk, kill, packets, partition, pause, slowLink, slowNode };

/** All fault families, in the order in which they are listed. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const faults: readonly FaultFamily[] = [
  partition,
  kill,
  pause,
  slowLink,
  packets,
  clock,
  disk,
  bitFlip,
  slowNode,
];
