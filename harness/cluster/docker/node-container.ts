/**
 * One node as a container. testcontainers makes and starts it; what its builder has no words for - a fixed
 * address, a port published on 127.0.0.1 only, a labelled volume - goes in through the options that it passes on.
 *
 * Import this module late (loadTestcontainers comes first).
 */
import { GenericContainer, PullPolicy, type WaitStrategy } from 'testcontainers';
import { CLIENT_PORT, DATA_DIRECTORY, MEMORY_MIB, START_PATH } from './layout.ts';
import { volumeMount, type Volume } from './volumes.ts';

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
  /** The node's disk. */
  readonly volume: Volume;
  /** What is in the container from its first moment: text by absolute path. */
  readonly files: ReadonlyMap<string, string>;
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
    this.withCommand(['sh', START_PATH])
      .withName(options.name)
      .withLabels(options.labels)
      .withWorkingDir(DATA_DIRECTORY)
      .withCopyContentToContainer([...options.files].map(([target, content]) => ({ content, target })))
      .withAddedCapabilities('NET_ADMIN')
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
    this.hostConfig.Mounts = [volumeMount(options.volume, DATA_DIRECTORY)];
    this.hostConfig.Memory = MEMORY_MIB * 2 ** 20;
    // As much with swap as without: a node that uses up its memory dies, and does not just get slow.
    this.hostConfig.MemorySwap = this.hostConfig.Memory;
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#onCreated(id);
    return Promise.resolve();
  }
}
