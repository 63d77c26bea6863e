/**
 * What several families share: acting on each of several nodes, and the confirmations, which say how many of
 * the nodes, or of the links, a probe found as they should be.
 */
import { linkName, type Link, type NodeState } from '../harness/cluster/cluster.ts';
import { shapeOf, type Condition } from '../harness/cluster/condition.ts';
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

/**
 * As `confirmEach`, for nodes that no other fault strikes: what those are like is not ours to say. A node that dies of
 * its broken disk as late as now is brought back first.
 */
export async function confirmHealed(
  nodes: readonly NodeId[],
  state: string,
  ledger: FaultLedger,
  probe: (node: NodeId) => Promise<boolean>,
): Promise<Confirmation> {
  await ledger.revive(nodes);
  const alive = nodes.filter((node) => ledger.healthy().includes(node));
  return confirmEach(
    alive,
    state,
    async (node) => (await probe(node)) || ((await ledger.revive([node])).length > 0 && (await probe(node))),
  );
}

/** The hold of one fault on its nodes, which it takes and lets go once, however often it is told to. */
export interface Hold {
  take(): void;
  letGo(): void;
}

/** Holds nodes whose disk is not to be trusted; `struck`, also as nodes that may not run. */
export function holdDistrusted(nodes: readonly NodeId[], ledger: FaultLedger, struck: boolean): Hold {
  let held = false;
  return {
    take() {
      held = true;
      for (const node of nodes) {
        ledger.distrust(node);
        if (struck) ledger.strike(node);
      }
    },
    letGo() {
      if (!held) return;
      held = false;
      for (const node of nodes) {
        ledger.trust(node);
        if (struck) ledger.release(node);
      }
    },
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

/** Milliseconds after which everything that these conditions hold up on the link has arrived. */
export function heldUpMs(link: Link, conditions: readonly Condition[]): number {
  const { delayMs = 0, jitterMs = 0, reorder } = shapeOf(link, conditions);
  return delayMs + jitterMs + (reorder?.byMs ?? 0);
}

/** How long a link may take to carry again. */
const CARRYING_MS = 5000;

/** Confirmed when those of the links carry again, each within `roundMs`, and there must be some, that no other fault cuts or slows. */
export async function confirmCarrying(
  links: readonly Link[],
  ledger: FaultLedger,
  roundMs?: number,
): Promise<Confirmation> {
  const slow = new Set(ledger.conditions().flatMap(slowedBy));
  const prompt = openLinks(links, ledger).filter((link) => !slow.has(linkName(link)));
  const silent = await silentLinks(ledger.cluster, prompt, CARRYING_MS, roundMs);
  const evidence = `${prompt.length - silent.length} of ${prompt.length} links carry again`;
  return { confirmed: prompt.length > 0 && silent.length === 0, evidence };
}

function slowedBy(condition: Condition): string[] {
  const isSlow = condition.of === 'links' && condition.shape.delayMs !== undefined;
  return isSlow ? condition.links.map(linkName) : [];
}
