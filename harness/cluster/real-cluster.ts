/**
 * What the runtimes of real nodes have in common: time is real, links are bent by something beside the nodes, and some troubles
 * nodes bring about in themselves. How a node is started, stopped and frozen, and what its disk is, differs.
 */
import type { NodeId } from '../node/program.ts';
import { realTime, type Time } from '../time.ts';
import { createCallAgent } from './call.ts';
import type { Cluster, ClusterPlan, CrashPoint, DiskTrouble, Link, LinkShape, NodeState } from './cluster.ts';
import { Troubles } from './trouble.ts';
import { UnableCluster } from './unable.ts';

/** What bends links. */
export type LinkControl = Pick<Cluster, 'cut' | 'heal' | 'reset' | 'forget' | 'shape'>;

/** A cluster of nodes that are processes of the operating system, wherever they run. */
export abstract class RealCluster extends UnableCluster {
  readonly nodes: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly versions: readonly string[];
  readonly time: Time = realTime();
  protected readonly plan: ClusterPlan;
  protected readonly agent = createCallAgent();
  protected abstract readonly links: LinkControl;
  /** What nodes bring about in themselves. */
  protected readonly troubles = new Troubles({
    call: (...request) => this.call(...request),
    state: (node) => this.state(node),
    kill: (node) => this.kill(node),
    writeTroubleFile: (node, text) => this.writeTroubleFile(node, text),
  });

  constructor(plan: ClusterPlan) {
    super();
    this.plan = plan;
    this.nodes = plan.nodes;
    this.spares = plan.spares ?? [];
    this.versions = Object.keys(plan.versions ?? {});
  }

  abstract call(...request: Parameters<Cluster['call']>): ReturnType<Cluster['call']>;
  abstract state(node: NodeId): Promise<NodeState>;
  abstract kill(node: NodeId): Promise<void>;
  /** Puts the file where the node's runner looks for its troubles (harness/node/trouble.ts). */
  protected abstract writeTroubleFile(node: NodeId, text: string): Promise<void>;

  cut(links: readonly Link[]): Promise<void> {
    return this.links.cut(links);
  }

  heal(links: readonly Link[]): Promise<void> {
    return this.links.heal(links);
  }

  override reset(links: readonly Link[]): Promise<void> {
    return this.links.reset(links);
  }

  override forget(links: readonly Link[]): Promise<void> {
    return this.links.forget(links);
  }

  override shape(links: readonly Link[], shape: LinkShape): Promise<void> {
    return this.links.shape(links, shape);
  }

  override cutPower(node: NodeId): Promise<void> {
    return this.troubles.cutPower(node);
  }

  override armCrash(node: NodeId, crash: CrashPoint | undefined): Promise<void> {
    return this.troubles.armCrash(node, crash);
  }

  override breakDisk(node: NodeId, trouble: DiskTrouble): Promise<void> {
    return this.troubles.breakDisk(node, trouble);
  }

  override slow(node: NodeId, busyMs: number): Promise<void> {
    return this.troubles.slow(node, busyMs);
  }
}
