/**
 * The runtime `process`: a cluster of processes on this machine, for wherever Docker is not to be had.
 */
import type { Availability, Runtime } from '../cluster.ts';
import { PROCESS_ABILITIES, ProcessCluster } from './cluster.ts';
import { reapMarked } from './marks.ts';

/** Runs every node as a process of its own, with a proxy on every link between two of them. */
export const processRuntime: Runtime = {
  name: 'process',
  summary: 'one local process a node, a proxy on every link; needs neither root nor Docker',
  abilities: PROCESS_ABILITIES,
  probe: () => Promise.resolve(availability()),
  create: (plan) => new ProcessCluster(plan),
  reap: () => Promise.resolve(reapMarked()),
};

function availability(): Availability {
  if (process.platform !== 'win32')
    return { available: true, detail: `processes of Node ${process.versions.node}` };
  return {
    available: false,
    detail: 'Windows has no signals that pause a process',
    remedy: 'use the Windows Subsystem for Linux',
  };
}
