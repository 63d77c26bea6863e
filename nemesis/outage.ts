/**
 * Outages: nodes that one fault takes down, or lets die, and that come back when it is over - unless another fault
 * still wants them down. Several families end nodes, and they overlap; so whoever ends last brings a node back.
 */
import type { NodeState } from '../harness/cluster/cluster.ts';
import type { FaultLedger } from '../harness/cluster/fault.ts';
import { settleAll } from '../harness/cluster/settle.ts';
import type { NodeId } from '../harness/node/program.ts';

/** Frozen nodes die like others: what kills all must spare none, for one that remembers can hide what all forgot. */
export const ALIVE: readonly NodeState[] = ['running', 'paused'];

/** One fault's hold on nodes that are to be down. */
export interface Outage {
  /** Wants these nodes down from now on, and does this to those that are in one of these states. */
  begin(
    nodes: readonly NodeId[],
    states: readonly NodeState[],
    act: (node: NodeId) => Promise<void>,
  ): Promise<void>;
  /** Gives these nodes back, and starts those that are down and that nobody else wants down. Nodes that it does not hold it leaves alone. */
  end(nodes: readonly NodeId[], restart?: (node: NodeId) => Promise<void>): Promise<void>;
}

/** What is known of one node. */
interface Entry {
  readonly holders: Set<Outage>;
  /** What is being done to it: one thing after another. */
  last: Promise<unknown>;
}

/** Of each ledger: the families share it, and nobody else asks. */
const books = new WeakMap<FaultLedger, Map<NodeId, Entry>>();

function entryOf(node: NodeId, ledger: FaultLedger): Entry {
  const book = books.get(ledger) ?? new Map<NodeId, Entry>();
  books.set(ledger, book);
  const entry = book.get(node) ?? { holders: new Set<Outage>(), last: Promise.resolve() };
  book.set(node, entry);
  return entry;
}

function inTurn(entry: Entry, work: () => Promise<void>): Promise<void> {
  const done = entry.last.then(work);
  entry.last = done.catch(() => undefined);
  return done;
}

/** Whether a fault other than this one wants the node down. */
function isWantedDown({ holders }: Entry, besides: Outage): boolean {
  return [...holders].some((holder) => holder !== besides);
}

/** Whether any fault wants the node down. */
export function isInOutage(node: NodeId, ledger: FaultLedger): boolean {
  return entryOf(node, ledger).holders.size > 0;
}

/** An outage of no node yet. */
export function createOutage(ledger: FaultLedger): Outage {
  const { cluster } = ledger;
  const outage: Outage = {
    begin(nodes, states, act) {
      const entries = nodes.map((node) => ({ node, entry: entryOf(node, ledger) }));
      for (const { node, entry } of entries) {
        if (!entry.holders.has(outage)) ledger.strike(node);
        entry.holders.add(outage);
      }
      return settleAll(
        entries.map(({ node, entry }) =>
          inTurn(entry, async () => {
            if (states.includes(await cluster.state(node))) await act(node);
          }),
        ),
      );
    },
    end(nodes, restart = (node) => ledger.restart(node)) {
      const entries = nodes.map((node) => ({ node, entry: entryOf(node, ledger) }));
      return settleAll(
        entries.map(({ node, entry }) =>
          inTurn(entry, async () => {
            if (!entry.holders.has(outage)) return;
            const isDown = (await cluster.state(node)) === 'down';
            // Given back last: what failed is tried again.
            if (isDown && !isWantedDown(entry, outage)) await restart(node);
            entry.holders.delete(outage);
            ledger.release(node);
          }),
        ),
      );
    },
  };
  return outage;
}
