/**
 * File descriptors: how many a node may have. The limit is on their numbers and not on their count, and a new one always
 * gets the lowest that is free: so a node can open nothing more once the limit is the lowest free number, and keeps
 * what it has. A lower limit would shut it more tightly, and take the descriptor too that libuv keeps in reserve to turn
 * connections away with; without it a node that is dialled is busy with that alone.
 */
import { PID_PATH } from './layout.ts';

/** Looks in which nothing became free, after which nothing will soon. */
const QUIET_LOOKS = 10;

/** Commands that take a node's free descriptors away, and give them back. They run beside it in its container. */
export const DESCRIPTORS = {
  take: shell(`
limit=
quiet=0
while [ "$quiet" -lt ${QUIET_LOOKS} ]; do
  free=0
  while [ -L "/proc/$pid/fd/$free" ]; do free=$((free + 1)); done
  quiet=$((quiet + 1))
  if [ -z "$limit" ] || [ "$free" -lt "$limit" ]; then
    limit=$free
    prlimit --pid "$pid" --nofile="$limit:"
    quiet=0
  fi
  sleep 0.005
done`),
  // Node.js raises its limit to the hard one when it starts, so that is what it had.
  giveBack: shell(
    'prlimit --pid "$pid" --nofile="$(prlimit --pid "$pid" --nofile --output HARD --noheadings --raw):"',
  ),
} as const;

function shell(script: string): string[] {
  return ['sh', '-e', '-c', `read -r pid < ${PID_PATH}\n${script}`];
}
