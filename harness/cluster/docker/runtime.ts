/**
 * The docker runtime: nodes are containers. The nearest thing to production - real TCP, real files, real
 * packet filters - at the price of an engine that must be there.
 */
import { messageOf } from '../../errors.ts';
import type { Availability, Runtime } from '../cluster.ts';
import { native } from '../unable.ts';
import { DockerCluster } from './cluster.ts';
import { EngineError, findEngine } from './engine.ts';
import { reapLeftovers } from './reap.ts';

const PROBE_TIMEOUT_MS = 3000;

/** Nodes as Docker containers. */
export const dockerRuntime: Runtime = {
  name: 'docker',
  summary: 'one Docker container a node: real TCP, real files, packet filters (needs a Docker engine)',
  abilities: new Map([
    ['kill', native('docker kill -s KILL, docker start')],
    ['pause', native('docker pause (the cgroup freezer)')],
    ['cut', native('iptables in the container, at both ends')],
  ]),
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
