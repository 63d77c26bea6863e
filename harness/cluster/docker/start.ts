/**
 * The script that a node's container runs at the beginning of each life. The first process of a container is no place
 * for the program: signals that it sends to itself - a death at a named point, a power failure - do not reach it
 * there (pid_namespaces(7)). So a shell has that place, and ends with the program.
 */
import { NODE_CONFIG_VARIABLE } from '../../node/config.ts';
import { FAKED_CLOCK } from './faketime.ts';
import { CONFIG_PATH, PID_PATH, PROGRAM_PATH, NETWORK_PATH } from './layout.ts';

/**
 * The script. The network comes first and the program after it, so that a restarted node cannot send a packet over a cut
 * link. What differs from life to life lies in files.
 *
 * @param fakesClock whether the program's wall clock may be set wrong; that of anything beside it never is
 */
export function startScript(fakesClock: boolean): string {
  return [
    'if [ "$1" = program ]; then',
    `  echo $$ > ${PID_PATH}`,
    `  ${NODE_CONFIG_VARIABLE}="$(cat ${CONFIG_PATH})" exec env ${fakesClock ? FAKED_CLOCK : ''} node ${PROGRAM_PATH}`,
    'fi',
    `sh -e ${NETWORK_PATH} || exit`,
    // The shell itself says nothing, not even of how the program ended: the log is the program's.
    'exec 3>&2 2>/dev/null',
    '(exec sh "$0" program 2>&3 3>&-)',
    'exit $?',
    '',
  ].join('\n');
}
