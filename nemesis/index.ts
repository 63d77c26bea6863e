/**
 * The registry of fault families: one line each. `--nemesis` names them, `splitbrain list` shows them.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { bitFlip } from './bit-flip.ts';
import { clients } from './clients.ts';
import { clock } from './clock.ts';
import { connections } from './connections.ts';
import { crashPoint } from './crash-point.ts';
import { descriptors } from './descriptors.ts';
import { disk } from './disk.ts';
import { files } from './files.ts';
import { leaderHunt } from './hunt.ts';
import { kill } from './kill.ts';
import { membership } from './membership.ts';
import { memory } from './memory.ts';
import { packets } from './packets.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { power } from './power.ts';
import { processor } from './processor.ts';
import { restartStorm } from './restart-storm.ts';
import { scenario } from './scenario.ts';
import { slowLink } from './slow-link.ts';
import { slowNode } from './slow-node.ts';

export {
  bitFlip,
  clients,
  clock,
  connections,
  crashPoint,
  descriptors,
  disk,
  files,
  kill,
  leaderHunt,
  membership,
  memory,
  packets,
  partition,
  pause,
  power,
  processor,
  restartStorm,
  scenario,
  slowLink,
  slowNode,
};

/** All fault families, in the order in which they are listed. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const faults: readonly FaultFamily[] = [
  partition,
  kill,
  pause,
  slowLink,
  packets,
  connections,
  clients,
  clock,
  disk,
  bitFlip,
  files,
  slowNode,
  processor,
  descriptors,
  memory,
  power,
  crashPoint,
  restartStorm,
  leaderHunt,
  scenario,
  membership,
];
