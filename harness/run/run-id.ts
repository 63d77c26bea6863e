/**
 * The name of a run, by which its containers, networks and processes are known: unique also among runs of several
 * harnesses that start at the same moment.
 */
import { randomInt } from 'node:crypto';

/** A new name for a run of this target. */
export function createRunId(targetName: string, started: Date): string {
  return `${targetName}-${started.getTime().toString(36)}-${process.pid}-${randomInt(0x10000).toString(16)}`;
}
