/**
 * Installs and starts a Docker engine, where that is ours to do: on Debian and Ubuntu, as root. Build
 * machines are often that and nothing else, without an init system that would keep the engine running.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { HarnessError, messageOf } from '../../errors.ts';
import { sleep } from '../../time.ts';
import { lastLines, runCommand } from './command.ts';
import { findEngine, type DockerEngine } from './engine.ts';
import { isInstalled, osRelease } from './recipes.ts';

/** Where a dockerd that we started writes its log. */
export const ENGINE_LOG = '/var/log/splitbrain-dockerd.log';

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 200;
const LOG_LINES_SHOWN = 8;

/** Debian's packages, by the program that is looked for. */
const PACKAGES = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
} as const;

type Program = keyof typeof PACKAGES;

/** What an engine on this machine needs. */
export const ENGINE_PROGRAMS: readonly Program[] = ['dockerd', 'iptables', 'ip'];
/** What builds the base image where no registry is reachable. */
export const BUILDER_PROGRAMS: readonly Program[] = ['mmdebstrap'];

/** Why the engine cannot be set up from here; undefined when it can. */
export function setupObstacle(): string | undefined {
  const system = osRelease('ID');
  if (process.platform !== 'linux')
    return 'on this system Docker is installed by hand: https://docs.docker.com/get-docker/';
  if (process.env.DOCKER_HOST !== undefined)
    return `DOCKER_HOST names an engine (${process.env.DOCKER_HOST}): start that one, or unset it`;
  if (system !== 'debian' && system !== 'ubuntu')
    return `install Docker Engine with the package manager of ${system ?? 'this system'}, and start it`;
  if (process.getuid?.() !== 0)
    return 'run `splitbrain doctor --fix` as root (sudo), or have Docker Engine installed and started';
  return undefined;
}

/** Installs the packages of those programs that are missing. Rejects with a HarnessError that shows apt's last words. */
export async function installPackages(
  programs: readonly Program[],
  progress: (line: string) => void,
): Promise<void> {
  const packages = programs.filter((program) => !isInstalled(program)).map((program) => PACKAGES[program]);
  if (packages.length === 0) return;
  progress(`installing ${packages.join(', ')} with apt-get`);
  await apt(['update']);
  await apt(['install', '-y', '--no-install-recommends', ...packages]);
}

/** Starts this machine's engine and waits until it answers. */
export async function startEngine(progress: (line: string) => void): Promise<void> {
  const engine = findEngine(1000);
  if (!existsSync('/run/systemd/system')) {
    progress(`starting dockerd in the background, its log in ${ENGINE_LOG}`);
    await startDaemon(engine, ['dockerd'], ENGINE_LOG);
    return;
  }
  progress('starting the Docker engine (systemctl start docker)');
  const { code, output } = await runCommand('systemctl', ['start', 'docker'], {
    timeoutMs: READY_TIMEOUT_MS,
  });
  if (code !== 0) throw new HarnessError(`systemctl start docker failed: ${lastLines(output, 5)}`);
  await untilReady(engine, () => undefined);
}

/**
 * Starts a daemon that outlives this process, and waits until the engine answers. Rejects with a
 * HarnessError that shows the end of the daemon's log when it ends at once or never answers.
 */
export async function startDaemon(
  engine: DockerEngine,
  command: readonly string[],
  logFile: string,
): Promise<void> {
  const [program = '', ...parameters] = command;
  const log = openSync(logFile, 'a');
  let ended: string | undefined;
  // A session and a log of its own: it holds nothing of the command that started it.
  const daemon = spawn(program, parameters, { detached: true, cwd: '/', stdio: ['ignore', log, log] });
  closeSync(log);
  daemon.once('error', (error) => (ended = `could not be started: ${messageOf(error)}`));
  daemon.once('exit', (code, signal) => (ended = `ended at once (${signal ?? `exit code ${code ?? 0}`})`));
  daemon.unref();
  try {
    await untilReady(engine, () => ended);
  } catch (error) {
    const words = lastLines(readFileSync(logFile, 'utf8'), LOG_LINES_SHOWN);
    throw new HarnessError(`${program}: ${messageOf(error)}. The end of its log, ${logFile}:\n${words}`);
  }
}

async function untilReady(engine: DockerEngine, ended: () => string | undefined): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (await answers(engine)) return;
    const reason = ended();
    if (reason !== undefined) throw new HarnessError(reason);
    await sleep(POLL_MS);
  }
  throw new HarnessError(`no answer at ${engine.address} in ${READY_TIMEOUT_MS / 1000} s`);
}

/** Whether the engine answers now. */
export async function answers(engine: DockerEngine): Promise<boolean> {
  return engine.version().then(
    () => true,
    () => false,
  );
}

async function apt(parameters: readonly string[]): Promise<void> {
  const { code, output } = await runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...parameters], {
    timeoutMs: INSTALL_TIMEOUT_MS,
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (code !== 0)
    throw new HarnessError(
      `apt-get ${parameters.join(' ')} failed (exit code ${code}):\n${lastLines(output, LOG_LINES_SHOWN)}`,
    );
}
