/**
 * One node as a container. testcontainers makes and starts it; what its builder has no words for - a fixed
 * address, a port published on 127.0.0.1 only - goes in through the options that it passes on.
 *
 * Import this module late (loadTestcontainers comes first).
 */
import { GenericContainer, PullPolicy, type WaitStrategy } from 'testcontainers';
import { DATA_DIRECTORY, CLIENT_PORT, RULES_PATH } from './layout.ts';
import { RESTORE } from './rules.ts';

const PROGRAM_PATH = '/splitbrain/node.mjs';
const MEMORY_GIB = 0.5;

/** All that tells one node's container from another. */
export interface NodeContainerOptions {
  readonly image: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Name of the run's network, and the node's address in it. */
  readonly network: string;
  readonly ip: string;
  /** Where the client port is published on 127.0.0.1. */
  readonly hostPort: number;
  /** Text of the node's program, one self-contained module. */
  readonly program: string;
  /** Packet filter rules that hold from its first moment. */
  readonly rules: string;
  /** The node's configuration, as JSON. */
  readonly config: string;
  /** Told the container's id once it is made, before it starts. */
  readonly onCreated: (id: string) => void;
}

/** Readiness is for the cluster to see: it asks the node itself, at start and at restart alike. */
const DO_NOT_WAIT: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => DO_NOT_WAIT,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

/** A container that runs one node. */
export class NodeContainer extends GenericContainer {
  readonly #onCreated: (id: string) => void;

  constructor(options: NodeContainerOptions) {
    super(options.image);
    this.#onCreated = options.onCreated;
    // Rules come first and the program after them, so that a restarted node cannot send a packet over a cut link.
    this.withCommand(['sh', '-c', `${RESTORE} < ${RULES_PATH} && exec node ${PROGRAM_PATH}`])
      .withName(options.name)
      .withLabels(options.labels)
      .withEnvironment({ SPLITBRAIN_NODE: options.config })
      .withWorkingDir(DATA_DIRECTORY)
      .withCopyContentToContainer([
        { content: options.program, target: PROGRAM_PATH },
        { content: options.rules, target: RULES_PATH },
      ])
      .withAddedCapabilities('NET_ADMIN')
      .withResourcesQuota({ memory: MEMORY_GIB })
      .withNetworkMode(options.network)
      .withPullPolicy(PullPolicy.neverPull())
      .withAutoCleanup(false)
      .withWaitStrategy(DO_NOT_WAIT);
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [options.network]: { IPAMConfig: { IPv4Address: options.ip } } },
    };
    this.createOpts.ExposedPorts = { [`${CLIENT_PORT}/tcp`]: {} };
    this.hostConfig.PortBindings = {
      [`${CLIENT_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(options.hostPort) }],
    };
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#onCreated(id);
    return Promise.resolve();
  }
}
