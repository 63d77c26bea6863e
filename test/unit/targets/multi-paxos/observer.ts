/**
 * Watches Multi-Paxos nodes from inside and holds them to what is promised of every slot and ballot: one command
 * a slot, on all nodes and for ever; one leader a ballot; and no node reports a broken invariant itself.
 */
import type { NodeId, NodeProgram } from '../../../../harness/node/program.ts';
import { PaxosNode } from '../../../../targets/multi-paxos/multi-paxos.ts';
import { paxosProgram } from '../../../../targets/multi-paxos/node.ts';
import type { Command } from '../../../../targets/replicated-log/state-machine.ts';
import type { Fabric } from '../cluster/fabric.ts';

/** Collects violations of a cluster's safety. */
export class Observer {
  readonly problems: string[] = [];
  /** The program to run: the given class, watched. */
  readonly program: NodeProgram;
  /** What was applied in each slot, by whoever came first. */
  readonly #applied = new Map<number, string>();

  constructor(Node: typeof PaxosNode = PaxosNode) {
    const applied = (node: NodeId, slot: number, command: Command | null): void => {
      const what = JSON.stringify(command);
      const before = this.#applied.get(slot) ?? what;
      this.#applied.set(slot, before);
      if (before !== what) this.problems.push(`${node} applied ${what} in slot ${slot}, another ${before}`);
    };
    class WatchedNode extends Node {
      protected override apply(command: Command | null): void {
        applied(this.context.id, this.applied + 1, command);
        super.apply(command);
      }
    }
    this.program = paxosProgram(WatchedNode);
  }

  /** The commands applied anywhere, by slot, as JSON. */
  get applied(): ReadonlyMap<number, string> {
    return this.#applied;
  }

  /** How many slots were applied anywhere. */
  get appliedCount(): number {
    return this.#applied.size;
  }

  /** Looks at all nodes' log lines so far. */
  check(fabric: Fabric): readonly string[] {
    const leaders = new Map<unknown, NodeId>();
    for (const { node, event, fields, level } of fabric.lines) {
      if (level === 'error') this.problems.push(`${node}: ${event}`);
      if (event !== 'became-leader') continue;
      const before = leaders.get(fields.term);
      if (before !== undefined)
        this.problems.push(`${before} and ${node} led ballot ${JSON.stringify(fields.ballot)}`);
      leaders.set(fields.term, node);
    }
    return this.problems;
  }
}
