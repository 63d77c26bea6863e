/**
 * File descriptors: how many a node may have. The limit is on their numbers and not on their count. So under one of no
 * more than the first three, which every process has, a node keeps all that it has open, and can open nothing more:
 * not even where it closes something, which would leave room under a higher limit.
 */
import { PID_PATH } from './layout.ts';

/** Standard input, output and error. */
const LEAST = 3;

/** Commands that take a node's free descriptors away, and give them back. They run beside it in its container. */
export const DESCRIPTORS = {
  take: limitTo(String(LEAST)),
  // Node.js raises its limit to the hard one when it starts, so that is what it had.
  giveBack: limitTo('$(prlimit --pid "$pid" --nofile --output HARD --noheadings --raw)'),
} as const;

function limitTo(limit: string): string[] {
  return ['sh', '-e', '-c', `read -r pid < ${PID_PATH}\nprlimit --pid "$pid" --nofile="${limit}:"`];
}
