/**
 * What several families share: acting on each of several nodes, and the confirmations, which say how many of
 * the nodes, or of the links, a probe found as they should be.
 */
import { linkName, type Cluster, type Link, type NodeState } from '../harness/cluster/cluster.ts';
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { silentLinks } from '../harness/cluster/probe.ts';
import { settleAll } from '../harness/cluster/settle.ts';
import type { NodeId } from '../harness/node/program.ts';

/** Does it to every node that is in one of these states, which the runtime says, so that a second try does only what is left. */
export function toEach(
  nodes: readonly NodeId[],
  states: readonly NodeState[],
  { cluster }: FaultLedger,
  act: (node: NodeId) => Promise<void>,
): Promise<void> {
  return settleAll(
    nodes.map(async (node) => {
      if (states.includes(await cluster.state(node))) await act(node);
    }),
  );
}

/** Probes every node, and there must be some; confirmed when all of them are as they should be. */
export async function confirmEach(
  nodes: readonly NodeId[],
  state: string,
  probe: (node: NodeId) => Promise<boolean>,
): Promise<Confirmation> {
  const found = await Promise.all(nodes.map(probe));
  const count = found.filter(Boolean).length;
  return {
    confirmed: count > 0 && count === nodes.length,
    evidence: `${count} of ${nodes.length} nodes ${state}`,
  };
}

/** Those of the links whose two ends are alive. */
export function liveLinks(links: readonly Link[], ledger: FaultLedger): Link[] {
  const alive = new Set(ledger.healthy());
  return links.filter(({ from, to }) => alive.has(from) && alive.has(to));
}

/** Those of the links whose two ends are alive and which no fault cuts. */
export function openLinks(links: readonly Link[], ledger: FaultLedger): Link[] {
  const cut = new Set(ledger.cutLinks().map(linkName));
  return liveLinks(links, ledger).filter((link) => !cut.has(linkName(link)));
}

/** How long a link may take to carry again. */
const CARRYING_MS = 5000;

/** Confirmed when all these links, and there must be some, carry again. */
export async function confirmCarrying(cluster: Cluster, links: readonly Link[]): Promise<Confirmation> {
  const silent = await silentLinks(cluster, links, CARRYING_MS);
  const evidence = `${links.length - silent.length} of ${links.length} links carry again`;
  return { confirmed: links.length > 0 && silent.length === 0, evidence };
}
