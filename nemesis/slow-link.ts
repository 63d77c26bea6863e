/**
 * Slow links: every message to and from some nodes is late. Confirmed by pings from node to node: not heard
 * before the delay is over, heard after it.
 */
import type { Link } from '../harness/cluster/cluster.ts';
import type { Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { count, probeLinks } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMED_KINDS, draw, linksAround, namedByKind, strikeable } from './aim.ts';
import { confirmCarrying, maskedBecause, openLinks, promptLinks } from './confirm.ts';

/** Longer than a ping takes on a busy machine, shorter than any delay we inject. */
const TOO_EARLY_MS = 120;
const IN_TIME_MS = 3000;
/** Pings on each link, so that of those that another fault does not lose one arrives. */
const PINGS = 10;

interface SlowLinkParameters {
  readonly delayMs: number;
  readonly nodes: readonly NodeId[];
}

async function confirmSlow(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  // A slow node hears a question so late that what it is asked for has arrived.
  const probed = promptLinks(openLinks(links, ledger), ledger);
  if (probed.length === 0) return maskedBecause('other faults hold all of its links');
  const early = await probeLinks(ledger.cluster, probed, TOO_EARLY_MS);
  const silent = count(early, 'silent');
  const late = count(await probeLinks(ledger.cluster, probed, IN_TIME_MS, PINGS), 'heard');
  const evidence = `${silent} of ${probed.length} links silent for ${TOO_EARLY_MS} ms, ${late} heard later`;
  if (count(early, 'heard') > 0) return { confirmed: false, evidence };
  // Who does not answer says nothing of a link, and what never arrives is not late.
  return silent > 0 && late > 0 ? { confirmed: true, evidence } : maskedBecause(evidence);
}

/** The slow-link family. */
export const slowLink: FaultFamily = {
  name: 'slow-link',
  summary: 'every message to and from some nodes is late',
  ...AIMED_KINDS,
  needs: ['delay'],

  plan(kind, nodes, random) {
    const delayMs = 200 + random.int(400);
    return { family: 'slow-link', kind, parameters: { delayMs, nodes: draw(kind, nodes, random) } };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { delayMs, nodes: drawn } = plan.parameters as unknown as SlowLinkParameters;
    const nodes = await strikeable(plan.kind, drawn, ['running', 'paused'], ledger);
    if (typeof nodes === 'string') return nodes;
    const links = linksAround(nodes, ledger.cluster.nodes);
    const condition: Condition = { of: 'links', links, shape: { delayMs, jitterMs: delayMs / 4 } };
    return {
      description: `${nodes.join(' ')} slow by ${delayMs} ms`,
      nodes,
      named: namedByKind(plan, nodes),
      inject: () => ledger.impose(condition),
      confirm: () => confirmSlow(links, ledger),
      async heal() {
        await ledger.lift(condition);
        return confirmCarrying(links, ledger, TOO_EARLY_MS);
      },
    };
  },
};
