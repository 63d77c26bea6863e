/**
 * What several families share: acting on each of several nodes, and the confirmations, which say how many of
 * the nodes, or of the links, a probe found as they should be.
 *
 * A node that another fault has taken cannot tell what ours does to it. Such a one is left out; where nobody is left who
 * could tell, the fault is masked: not confirmed, but nothing speaks against it.
 */
import { linkName, type Link, type NodeState } from '../harness/cluster/cluster.ts';
import { paceOf, processorShareOf, shapeOf, type Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { silentLinks } from '../harness/cluster/probe.ts';
import { settleAll } from '../harness/cluster/settle.ts';
import type { NodeId } from '../harness/node/program.ts';
import { NANOS_PER_MS, type Time } from '../harness/time.ts';
import { isInOutage } from './outage.ts';

/** Does it to every node that is in one of these states, which the runtime says, so that a second try does only what is left. */
export function toEach(
  nodes: readonly NodeId[],
  states: readonly NodeState[],
  { cluster }: Pick<FaultLedger, 'cluster'>,
  act: (node: NodeId) => Promise<void>,
): Promise<void> {
  return settleAll(
    nodes.map(async (node) => {
      if (states.includes(await cluster.state(node))) await act(node);
    }),
  );
}

/** What a probe of a node showed: whether it is as it should be; undefined when it cannot tell. */
export type Sight = boolean | undefined;

/** Probes every node; confirmed when there are some that can tell, and all of those are as they should be. */
export async function confirmEach(
  nodes: readonly NodeId[],
  state: string,
  probe: (node: NodeId) => Promise<Sight>,
): Promise<Confirmation> {
  const found = (await Promise.all(nodes.map(probe))).filter((sight) => sight !== undefined);
  const count = found.filter(Boolean).length;
  const unable = nodes.length - found.length;
  const others = unable === 0 ? '' : `, ${unable} taken by other faults`;
  const evidence = `${count} of ${nodes.length} nodes ${state}${others}`;
  if (found.length === 0) return maskedBecause(evidence);
  return { confirmed: count === found.length, evidence };
}

/** What several parts of a fault come to: each must be confirmed, but for those that are masked, and one at least. */
export function joint(parts: readonly Confirmation[]): Confirmation {
  const evidence = parts.map((part) => part.evidence).join('; ');
  const open = parts.filter(({ masked }) => masked !== true);
  if (open.length === 0) return maskedBecause(evidence);
  return { confirmed: open.every(({ confirmed }) => confirmed), evidence };
}

/** Nobody who could tell is there. */
export function maskedBecause(evidence: string): Confirmation {
  return { confirmed: false, masked: true, evidence };
}

/**
 * What a node shows that must run in order to tell. It may not, when another fault has taken it. One that runs and gives
 * the probe no answer, which then is undefined, cannot tell only where a fault other than `own` explains that: else it is as bad
 * as one that shows the wrong thing.
 */
export async function sightOf(
  node: NodeId,
  ledger: FaultLedger,
  probe: () => Promise<Sight>,
  own?: Condition,
): Promise<Sight> {
  const sight = await probe();
  if (sight === true) return true;
  if ((await ledger.cluster.state(node)) !== 'running') return undefined;
  const others = ledger.conditions().filter((condition) => condition !== own);
  const isExplained = isSlowed(node, others) || isInOutage(node, ledger);
  return sight === undefined && isExplained ? undefined : false;
}

/** Whether these conditions make everything take the node longer: with much to do, it may not get to an answer while they last. */
function isSlowed(node: NodeId, conditions: readonly Condition[]): boolean {
  return paceOf(node, conditions) > 0 || processorShareOf(node, conditions) < 1;
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
  return confirmEach(nodes, state, async (node) => {
    if (!ledger.healthy().includes(node)) return undefined;
    return (await probe(node)) || ((await ledger.revive([node])).length > 0 && (await probe(node)));
  });
}

/** Whether these conditions may keep the node from its files, so that it cannot tell how they are. */
export function mayMissItsFiles(node: NodeId, conditions: readonly Condition[]): boolean {
  return conditions.some((condition) => {
    if (condition.of === 'descriptors') return condition.nodes.includes(node);
    if (condition.of !== 'disks' || !condition.nodes.includes(node)) return false;
    return condition.trouble.failing !== undefined || condition.trouble.full === true;
  });
}

/** Milliseconds between two looks. */
const LOOK_AGAIN_MS = 50;

/** Looks again and again until it is so, for so long at most: a busy node may miss a question. */
export async function eventually(time: Time, ms: number, look: () => Promise<boolean>): Promise<boolean> {
  const deadline = time.now() + ms * NANOS_PER_MS;
  for (;;) {
    if (await look()) return true;
    if (time.now() >= deadline) return false;
    await time.sleep(LOOK_AGAIN_MS);
  }
}

/** As `eventually`, of looks that may tell nothing: what was seen at last is undefined only where none of them told anything. */
export async function eventuallySeen(time: Time, ms: number, look: () => Promise<Sight>): Promise<Sight> {
  let last: Sight;
  const isThere = async (): Promise<boolean> => {
    last = (await look()) ?? last;
    return last === true;
  };
  await eventually(time, ms, isThere);
  return last;
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

/** Those of the links whose two ends are alive and which no fault cuts, or keeps from being connected. */
export function openLinks(links: readonly Link[], ledger: FaultLedger): Link[] {
  const cut = new Set(ledger.cutLinks().map(linkName));
  const conditions = ledger.conditions();
  return liveLinks(links, ledger).filter(
    (link) => !cut.has(linkName(link)) && !mayBeUnconnected(link, conditions),
  );
}

/** Those of the links whose two ends are at nothing that would keep them from answering in time. */
export function promptLinks(links: readonly Link[], ledger: FaultLedger): Link[] {
  const conditions = ledger.conditions();
  return links.filter(({ from, to }) => !isSlowed(from, conditions) && !isSlowed(to, conditions));
}

/** Whether these conditions may leave the link without a connection, so that it is silent though nobody cut it. */
export function mayBeUnconnected(link: Link, conditions: readonly Condition[]): boolean {
  if (shapeOf(link, conditions).unresolved === true) return true;
  const short = conditions.filter((condition) => condition.of === 'descriptors');
  return short.some(({ nodes }) => nodes.includes(link.from) || nodes.includes(link.to));
}

/** Milliseconds that a queue before a link with a rate may hold up what comes last. */
const QUEUE_MS = 1000;

/** Milliseconds after which everything that these conditions hold up on the link has arrived. */
export function heldUpMs(link: Link, conditions: readonly Condition[]): number {
  const { delayMs = 0, jitterMs = 0, reorder, rate } = shapeOf(link, conditions);
  return delayMs + jitterMs + (reorder?.byMs ?? 0) + (rate === undefined ? 0 : QUEUE_MS);
}

/** How long a link may take to carry again. */
const CARRYING_MS = 5000;

/** Confirmed when those of the links carry again, each within `roundMs`, that no other fault cuts or slows. */
export async function confirmCarrying(
  links: readonly Link[],
  ledger: FaultLedger,
  roundMs?: number,
): Promise<Confirmation> {
  const slow = new Set(ledger.conditions().flatMap(slowedBy));
  const prompt = openLinks(links, ledger).filter((link) => !slow.has(linkName(link)));
  const silent = await silentLinks(ledger.cluster, prompt, CARRYING_MS, roundMs);
  const carrying = prompt.length - silent.length;
  const evidence = `${carrying} of ${prompt.length} links carry again`;
  // What another fault has taken meanwhile, or whose ends do not get to it, says nothing.
  const left = await tellingLinks(silent, ledger);
  if (carrying + left.length === 0) return maskedBecause(`${evidence}: other faults hold the rest`);
  return { confirmed: left.length === 0, evidence };
}

/** Those of the links that no other fault hides: open, between nodes that run, and that get to what they are asked. */
export async function tellingLinks(links: readonly Link[], ledger: FaultLedger): Promise<Link[]> {
  const open = promptLinks(openLinks(links, ledger), ledger);
  const nodes = [...new Set(open.flatMap(({ from, to }) => [from, to]))];
  const states = await Promise.all(nodes.map((node) => ledger.cluster.state(node)));
  const able = nodes.filter((node, index) => states[index] === 'running' && !isInOutage(node, ledger));
  return open.filter(({ from, to }) => able.includes(from) && able.includes(to));
}

function slowedBy(condition: Condition): string[] {
  if (condition.of !== 'links') return [];
  const { delayMs, rate } = condition.shape;
  return delayMs === undefined && rate === undefined ? [] : condition.links.map(linkName);
}
