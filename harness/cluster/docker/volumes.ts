/**
 * The disks of nodes: one volume each, named and labelled, so that it can be reached whatever its node is doing, and is
 * removed with everything else of its run.
 */
import type Docker from 'dockerode';
import type { NodeId } from '../../node/program.ts';
import { labelsFor } from './labels.ts';

/** A node's disk. */
export interface Volume {
  readonly name: string;
  readonly labels: Record<string, string>;
}

/** The disk of this node in this run. */
export function volumeOf(runId: string, node: NodeId): Volume {
  return { name: `splitbrain-${runId}-${node}`, labels: labelsFor(runId, node) };
}

/** How a container is told of it. The engine makes the volume when it is first used. */
export function volumeMount({ name, labels }: Volume, path: string): Docker.MountSettings {
  return {
    Type: 'volume',
    Source: name,
    Target: path,
    VolumeOptions: { NoCopy: true, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
  };
}
