/**
 * Slow links: every message to and from some nodes is late. Confirmed by pings from node to node: not heard
 * before the delay is over, heard after it.
 */
import type { Link } from '../harness/cluster/cluster.ts';
import type { ActiveFault, Confirmation, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeLinks } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMS, draw, drawKind, strikeable } from './aim.ts';
import { confirmCarrying, openLinks } from './confirm.ts';
import { allLinks } from './grudges.ts';

/** Longer than a ping takes on a busy machine, shorter than any delay we inject. */
const TOO_EARLY_MS = 120;
const IN_TIME_MS = 3000;

interface SlowLinkParameters {
  readonly delayMs: number;
  readonly nodes: readonly NodeId[];
}

async function confirmSlow(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  const probed = openLinks(links, ledger);
  const early = (await probeLinks(ledger.cluster, probed, TOO_EARLY_MS)).filter(
    (result) => result.heard,
  ).length;
  const late = (await probeLinks(ledger.cluster, probed, IN_TIME_MS)).filter((result) => result.heard).length;
  return {
    confirmed: probed.length > 0 && early === 0 && late > 0,
    evidence: `${probed.length - early} of ${probed.length} links silent for ${TOO_EARLY_MS} ms, ${late} heard later`,
  };
}

/** The slow-link family. */
export const slowLink: FaultFamily = {
  name: 'slow-link',
  summary: 'every message to and from some nodes is late',
  kinds: AIMS,
  needs: ['delay'],

  plan(kinds, nodes, random) {
    const kind = drawKind(kinds, random);
    const delayMs = 200 + random.int(400);
    return { family: 'slow-link', kind, parameters: { delayMs, nodes: draw(kind, nodes, random) } };
  },

  async inject({ kind, parameters }, ledger): Promise<ActiveFault | string> {
    const { delayMs, nodes: drawn } = parameters as unknown as SlowLinkParameters;
    const nodes = await strikeable(kind, drawn, ledger);
    if (typeof nodes === 'string') return nodes;
    const slow = new Set(nodes);
    const links = allLinks(ledger.cluster.nodes).filter(({ from, to }) => slow.has(from) || slow.has(to));
    await ledger.cluster.shape(links, { delayMs, jitterMs: delayMs / 4 });
    return {
      description: `${nodes.join(' ')} slow by ${delayMs} ms`,
      nodes,
      confirm: () => confirmSlow(links, ledger),
      async heal() {
        await ledger.cluster.shape(links, {});
        return confirmCarrying(ledger.cluster, openLinks(links, ledger));
      },
    };
  },
};
