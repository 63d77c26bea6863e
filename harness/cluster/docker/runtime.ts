/**
 * The docker runtime: nodes are containers. The nearest thing to production - real TCP, real files, real
 * packet filters - at the price of an engine that must be there.
 */
import { messageOf } from '../../errors.ts';
import type { Abilities, Ability, Availability, Runtime, Way } from '../cluster.ts';
import { emulated, native } from '../unable.ts';
import { DockerCluster } from './cluster.ts';
import { EngineError, findEngine } from './engine.ts';
import { queueingWay } from './netem.ts';
import { reapLeftovers } from './reap.ts';

const PROBE_TIMEOUT_MS = 3000;

/**
 * What containers can do. Disks are in trouble by the node's own hand, because a real disk that is full, fails or is slow
 * takes a host that was made for it: quotas of the file system, device mapper, limits by device.
 */
const ABILITIES: Abilities = new Map<Ability, Way>([
  ['kill', native('docker kill -s KILL, docker start')],
  ['power', emulated('the node tears what it has not synced and ends itself by SIGKILL')],
  ['crash-point', native('the node ends itself by SIGKILL at the point')],
  ['memory', native("the kernel's out-of-memory killer, at the limit of the container")],
  ['pause', native('docker pause (the cgroup freezer)')],
  ['cut', native('iptables in the container, at both ends')],
  ['reset', native('ss --kill in the container of the sender')],
  ['half-open', native('ss --kill in the container of the receiver, whose RST iptables drops')],
  ['loss', emulated('a proxy beside the sender leaves messages out')],
  ['duplicate', emulated('a proxy beside the sender sends messages twice')],
  ['reorder', emulated('a proxy beside the sender lets messages overtake')],
  ['corrupt', emulated('a proxy beside the sender flips bits in messages')],
  ['slow-close', emulated('a proxy beside the sender holds the end of connections back')],
  ['names', native("/etc/hosts in the container of the sender loses the receiver's name")],
  [
    'clock',
    native('libfaketime; the node itself adds drift and strobe, as libfaketime would bend timers too'),
  ],
  ['disk-full', emulated('the node fails what its program writes with ENOSPC')],
  ['disk-failing', emulated('the node fails what its program asks of the disk with EIO')],
  ['disk-slow', emulated('the node holds up what its program asks of the disk')],
  ['bit-flip', native('bytes of the files are changed')],
  ['truncate', native('the files are truncated')],
  ['swap', native('blocks of the files are exchanged')],
  ['rollback', native('the files are copied, and copied back')],
  ['slow-node', emulated('the event loop of the node stands still for each turn')],
  ['cpu', native("docker update: a quota of the kernel's scheduler")],
  ['descriptors', native('prlimit --nofile in the container')],
  ['upgrade', native('another bundle in the container at the restart')],
  ['spares', native('containers that are made and started later')],
]);

/** Nodes as Docker containers. */
export const dockerRuntime: Runtime = {
  name: 'docker',
  summary: 'one Docker container a node: real TCP, real files, packet filters (needs a Docker engine)',
  get abilities() {
    return new Map([...ABILITIES, ['delay', queueingWay()], ['rate', queueingWay()]] as const);
  },
  async probe(): Promise<Availability> {
    try {
      const engine = findEngine(PROBE_TIMEOUT_MS);
      const { version } = await engine.version();
      return { available: true, detail: `Docker ${version} at ${engine.address}` };
    } catch (error) {
      const reason = error instanceof EngineError ? error.reason : messageOf(error);
      return { available: false, detail: `no Docker engine answers (${reason})`, remedy: remedyFor(reason) };
    }
  },
  create: (plan) => new DockerCluster(plan),
  async reap() {
    const { available } = await dockerRuntime.probe();
    if (!available) return [];
    const { removed } = await reapLeftovers(findEngine());
    return [...removed];
  },
};

/** What to do about an engine that does not answer. */
export function remedyFor(problem: string): string {
  if (/EACCES/.test(problem)) {
    return 'this user may not use the socket: join the group (sudo usermod -aG docker "$USER", then log in anew), or run as root';
  }
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && host !== '')
    return `start the engine that DOCKER_HOST names (${host}), or unset it`;
  if (process.platform === 'linux') {
    return 'start it (`npx splitbrain doctor --fix` installs and starts it on Debian and Ubuntu as root)';
  }
  return 'start Docker Desktop, or set DOCKER_HOST to your engine';
}
