/**
 * Confirmations that several families share: what share of the nodes, or of the links, a probe found as
 * they should be.
 */
import type { Cluster, Link } from '../harness/cluster/cluster.ts';
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { probeLinks } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';

/** Probes every node; confirmed when all of them are as they should be. */
export async function confirmEach(
  nodes: readonly NodeId[],
  state: string,
  probe: (node: NodeId) => Promise<boolean>,
): Promise<Confirmation> {
  const found = await Promise.all(nodes.map(probe));
  const count = found.filter(Boolean).length;
  return { confirmed: count === nodes.length, evidence: `${count} of ${nodes.length} nodes ${state}` };
}

/** Those of the links whose two ends are alive. */
export function liveLinks(links: readonly Link[], ledger: FaultLedger): Link[] {
  const alive = new Set(ledger.healthy());
  return links.filter(({ from, to }) => alive.has(from) && alive.has(to));
}

/** Those of the links whose two ends are alive and which no fault cuts. */
export function openLinks(links: readonly Link[], ledger: FaultLedger): Link[] {
  const cut = new Set(ledger.cutLinks().map(({ from, to }) => `${from}>${to}`));
  return liveLinks(links, ledger).filter(({ from, to }) => !cut.has(`${from}>${to}`));
}

/** A link that was dead for a while needs a new connection, and what was sent on the old one is lost: ask again. */
const ROUND_MS = 250;
const ROUNDS_MAX = 20;

/** Confirmed when all these links carry again, within five seconds. */
export async function confirmCarrying(cluster: Cluster, links: readonly Link[]): Promise<Confirmation> {
  let silent = links;
  for (let round = 0; round < ROUNDS_MAX && silent.length > 0; round++) {
    const results = await probeLinks(cluster, silent, ROUND_MS);
    silent = results.filter((result) => !result.heard).map((result) => result.link);
  }
  const evidence = `${links.length - silent.length} of ${links.length} links carry again`;
  return { confirmed: silent.length === 0, evidence };
}
