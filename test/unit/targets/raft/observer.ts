/**
 * Watches Raft nodes from inside and holds them to the five properties of figure 3.2 that can be seen: one
 * leader a term, log matching, state-machine safety; and that no node reports a broken invariant itself.
 */
import type { NodeId, NodeProgram } from '../../../../harness/node/program.ts';
import type { Entry } from '../../../../targets/raft/log.ts';
import { raftProgram } from '../../../../targets/raft/node.ts';
import { RaftNode } from '../../../../targets/raft/raft.ts';
import type { Command, Outcome } from '../../../../targets/replicated-log/state-machine.ts';
import type { Fabric } from '../cluster/fabric.ts';

/** What the observer sees of a node. */
interface Watched {
  readonly id: NodeId;
  termOf(index: number): number | undefined;
  entries(): { readonly base: number; readonly list: readonly Entry[] };
}

/** Collects violations of a cluster's safety. */
export class Observer {
  readonly problems: string[] = [];
  /** The program to run: the given class, watched. */
  readonly program: NodeProgram;
  readonly #applied = new Map<number, string>();
  readonly #nodes = new Map<NodeId, Watched>();

  constructor(Node: typeof RaftNode = RaftNode) {
    const watch = (node: Watched): unknown => this.#nodes.set(node.id, node);
    const applied = (node: Watched, index: number, command: Command | null): void => {
      const what = JSON.stringify({ term: node.termOf(index), command });
      const before = this.#applied.get(index) ?? what;
      this.#applied.set(index, before);
      if (before !== what) this.problems.push(`${node.id} applied ${what} at ${index}, another ${before}`);
    };
    class WatchedNode extends Node implements Watched {
      get id(): NodeId {
        return this.context.id;
      }
      override start(): void {
        watch(this);
        super.start();
      }
      termOf(index: number): number | undefined {
        return this.log.termAt(index);
      }
      entries(): { base: number; list: readonly Entry[] } {
        return { base: this.log.baseIndex, list: this.log.slice(this.log.baseIndex + 1) };
      }
      protected override applyCommand(index: number, command: Command | null): Outcome {
        applied(this, index, command);
        return super.applyCommand(index, command);
      }
    }
    this.program = raftProgram(WatchedNode);
  }

  /** How many commands were applied anywhere. */
  get appliedCount(): number {
    return this.#applied.size;
  }

  /** The log of a node, as index, term and command. */
  logOf(id: NodeId): readonly Entry[] {
    return this.#nodes.get(id)?.entries().list ?? [];
  }

  /** Looks at all live nodes' logs now, and at all nodes' log lines so far. */
  check(fabric: Fabric): readonly string[] {
    const live = [...this.#nodes.values()].filter(({ id }) => fabric.isUp(id));
    for (const one of live) for (const other of live) this.#compare(one, other);
    const leaders = new Map<unknown, NodeId>();
    for (const { node, event, fields, level } of fabric.lines) {
      if (level === 'error') this.problems.push(`${node}: ${event}`);
      if (event !== 'became-leader') continue;
      const before = leaders.get(fields.term);
      if (before !== undefined)
        this.problems.push(`${before} and ${node} led term ${JSON.stringify(fields.term)}`);
      leaders.set(fields.term, node);
    }
    return this.problems;
  }

  /** Log matching: below an index at which two logs have the same term, they are the same. */
  #compare(one: Watched, other: Watched): void {
    const [a, b] = [one.entries(), other.entries()];
    const first = Math.max(a.base, b.base) + 1;
    const last = Math.min(a.base + a.list.length, b.base + b.list.length);
    let matching = false;
    for (let index = last; index >= first; index--) {
      const [x, y] = [a.list[index - a.base - 1], b.list[index - b.base - 1]];
      matching ||= x?.term === y?.term;
      if (matching && JSON.stringify(x) !== JSON.stringify(y)) {
        this.problems.push(`logs of ${one.id} and ${other.id} agree later but differ at ${index}`);
        return;
      }
    }
  }
}
