/**
 * Runs a node program as a process of its own: what harness/cluster/bundle.ts puts around every program, the
 * same in a container and on this machine. A crash of the program is a crash of the node: it is logged and
 * the process ends, because a node that limps on after an error nobody foresaw is a fault nobody injected.
 */
import { messageOf } from '../errors.ts';
import { createRandom } from '../random.ts';
import { openClientPort } from './client-port.ts';
import { realClock, realTimers } from './clock.ts';
import { EXIT_PORT_TAKEN, readNodeConfig, type NodeConfig } from './config.ts';
import { openDisk } from './disk.ts';
import { createLog } from './log.ts';
import { startNetwork } from './network.ts';
import type { NodeId, NodeLog, NodeProgram } from './program.ts';

/** Exit code of a node whose program crashed or could not start. */
const EXIT_CRASHED = 1;

/**
 * Reads the configuration, opens disk, network and client port, and starts the program. Resolves when the
 * node is up; ends the process when anything fails, then or later.
 */
export async function runNode(program: NodeProgram): Promise<void> {
  // Whoever read the log is gone: there is nobody left to tell.
  process.stdout.on('error', () => undefined);
  let log = logOf('unknown');
  const crash = (error: unknown): never => {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    log.error(taken ? 'port-taken' : 'crashed', { message: messageOf(error), stack });
    process.exit(taken ? EXIT_PORT_TAKEN : EXIT_CRASHED);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  try {
    const config = readNodeConfig(process.env);
    log = logOf(config.id);
    await startNode(program, config, log);
  } catch (error) {
    crash(error);
  }
}

async function startNode(program: Partial<NodeProgram>, config: NodeConfig, log: NodeLog): Promise<void> {
  if (config.exitWithParent === true) exitWithStandardInput();
  const disk = await openDisk(config.dataDirectory);
  const network = await startNetwork(config, log);
  const clients = await openClientPort({ ...config, port: config.clientPort, network, disk, log });
  if (program.start === undefined) throw new TypeError("the module's 'node' has no method 'start'");
  const running = await program.start({
    id: config.id,
    peers: Object.keys(config.peers),
    clock: realClock,
    timers: realTimers,
    random: createRandom(config.seed),
    network: {
      send: (to, message) => network.send(to, message),
      receive: (handler) => network.receive(handler),
    },
    disk,
    log,
    clients: { serve: (handlers) => clients.serve(handlers) },
    options: config.options,
    failPoint: () => undefined,
  });
  clients.started(running);
  log.info('started');
}

function logOf(node: NodeId): NodeLog {
  return createLog(node, realClock, (line) => process.stdout.write(line));
}

/** The harness holds the other end of standard input: when it ends, however the harness ended, so does the node. */
function exitWithStandardInput(): void {
  process.stdin.on('close', () => process.exit(EXIT_CRASHED));
  process.stdin.resume();
}
