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
import { NodeFaults } from './faults.ts';
import { createLog } from './log.ts';
import { startNetwork } from './network.ts';
import type { NodeClock, NodeContext, NodeId, NodeLog, NodeProgram } from './program.ts';

/** Exit code of a node whose program crashed or could not start. */
const EXIT_CRASHED = 1;

/**
 * Reads the configuration, opens disk, network and client port, and starts the program. Resolves when the
 * node is up; ends the process when anything fails, then or later.
 */
export async function runNode(program: NodeProgram): Promise<void> {
  // Whoever read the log is gone: there is nobody left to tell.
  process.stdout.on('error', () => undefined);
  let log = logOf('unknown', realClock);
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
    const faults = new NodeFaults(config, (point) => log.info('died-at-fail-point', { point }));
    log = logOf(config.id, faults.clock);
    await startNode(program, { config, log, faults });
  } catch (error) {
    crash(error);
  }
}

/** What a node is started with. */
interface StartPlan {
  readonly config: NodeConfig;
  readonly log: NodeLog;
  readonly faults: NodeFaults;
}

async function startNode(program: Partial<NodeProgram>, { config, log, faults }: StartPlan): Promise<void> {
  if (config.exitWithParent === true) exitWithStandardInput();
  const disk = await openDisk(config.dataDirectory, faults.gate);
  const network = await startNetwork(config, log);
  const clients = await openClientPort({
    id: config.id,
    host: config.host,
    port: config.clientPort,
    network,
    disk,
    log,
    clock: faults.clock,
    own: faults.handlers(disk),
    turn: () => faults.turn(),
  });
  if (program.start === undefined) throw new TypeError("the module's 'node' has no method 'start'");
  const running = await program.start({
    id: config.id,
    peers: Object.keys(config.peers),
    spares: config.spares ?? [],
    clock: faults.clock,
    timers: {
      after: (ms, run) => realTimers.after(ms, () => inTurn(faults, run)),
    },
    random: createRandom(config.seed),
    network: {
      send: (to, message) => network.send(to, message),
      receive: (handler) => network.receive((from, message) => inTurn(faults, () => handler(from, message))),
    },
    disk,
    log,
    clients: { serve: (handlers) => clients.serve(handlers) },
    options: config.options,
    failPoint: (name) => faults.failPoint(name),
  } satisfies NodeContext);
  clients.started(running);
  log.info('started');
}

function inTurn(faults: NodeFaults, run: () => void): void {
  faults.turn();
  run();
}

function logOf(node: NodeId, clock: NodeClock): NodeLog {
  return createLog(node, clock, (line) => process.stdout.write(line));
}

/** The harness holds the other end of standard input: when it ends, however the harness ended, so does the node. */
function exitWithStandardInput(): void {
  process.stdin.on('close', () => process.exit(EXIT_CRASHED));
  process.stdin.resume();
}
