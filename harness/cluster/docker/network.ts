/**
 * One bridge network a run, with a subnet that we choose: only then does the engine allow fixed addresses,
 * and only with fixed addresses do packet filter rules stay true over restarts. It also spares the engine's
 * own pools, which hold about 30 networks.
 */
import { randomInt } from 'node:crypto';
import { HarnessError, UsageError } from '../../errors.ts';
import { isRefusal, type DockerEngine } from './engine.ts';

const ATTEMPTS = 40;
/** The gateway is .1; nodes begin at .11. */
const FIRST_HOST = 11;
const HOSTS_MAX = 240;

/** A run's network. */
export interface RunNetwork {
  readonly name: string;
  /** First three bytes of its /24: `10.213.7`. */
  readonly prefix: string;
}

/** Makes the run's network on a free /24 of 10.213.0.0/16, trying others where it overlaps with what is there. */
export async function createNetwork(
  engine: DockerEngine,
  runId: string,
  labels: Record<string, string>,
): Promise<RunNetwork> {
  const name = `splitbrain-${runId}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const prefix = `10.213.${randomInt(256)}`;
    const options = {
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }] },
      Labels: labels,
    };
    try {
      await engine.ask(`make network ${name}`, (docker) => docker.createNetwork(options));
      return { name, prefix };
    } catch (error) {
      const overlaps = error instanceof Error && /overlaps/i.test(error.message);
      if (!overlaps || isRefusal(error, 409)) throw error;
    }
  }
  throw new HarnessError(
    `No free subnet for network ${name}: ${ATTEMPTS} of 10.213.0.0/16 overlap with networks that exist. ` +
      'Remove networks that are not used (docker network ls).',
  );
}

/** The address of the node with this position in the cluster. */
export function nodeAddress(network: RunNetwork, position: number): string {
  if (position >= HOSTS_MAX) {
    throw new UsageError(`The docker runtime runs at most ${HOSTS_MAX} nodes; use fewer (--nodes).`);
  }
  return `${network.prefix}.${FIRST_HOST + position}`;
}
