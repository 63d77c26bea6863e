/**
 * One node, struck in one of several ways and given back: what faults that strike again and again are made of.
 */
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { confirmEach } from './confirm.ts';
import { isDown } from './deaths.ts';
import { isolate } from './grudges.ts';
import { ALIVE, createOutage } from './outage.ts';
import { confirmSilence } from './partition.ts';

/** How a node is struck. */
export type StrokeKind = 'crash' | 'isolate' | 'pause';

/** A stroke. */
export interface Stroke {
  strike(): Promise<void>;
  /** What the nodes show of it. */
  confirm(): Promise<Confirmation>;
  /** Gives the node back; doing it twice is safe. */
  release(): Promise<void>;
}

const SILENCE_MS = 250;

/** A stroke of this kind at this node. */
export function createStroke(kind: StrokeKind, node: NodeId, ledger: FaultLedger): Stroke {
  switch (kind) {
    case 'crash':
      return crash(node, ledger);
    case 'isolate':
      return isolation(node, ledger);
    case 'pause':
      return freeze(node, ledger);
  }
}

function crash(node: NodeId, ledger: FaultLedger): Stroke {
  const { cluster } = ledger;
  const outage = createOutage(ledger);
  return {
    strike: () => outage.begin([node], ALIVE, () => cluster.kill(node)),
    confirm: () => confirmEach([node], `down, ${node}`, () => isDown(node, cluster)),
    release: () => outage.end([node]),
  };
}

function isolation(node: NodeId, ledger: FaultLedger): Stroke {
  const links = isolate(node, ledger.cluster.nodes);
  return {
    strike: () => ledger.cut(links),
    confirm: () => confirmSilence(links, ledger),
    release: () => ledger.uncut(links),
  };
}

function freeze(node: NodeId, ledger: FaultLedger): Stroke {
  const { cluster } = ledger;
  let held = false;
  return {
    async strike() {
      if ((await cluster.state(node)) !== 'running') return;
      held = true;
      ledger.strike(node);
      await cluster.pause(node);
    },
    confirm: () =>
      confirmEach(
        [node],
        `frozen, ${node}`,
        async () =>
          (await cluster.state(node)) === 'paused' && !(await probeHealth(cluster, node, SILENCE_MS)),
      ),
    async release() {
      if (!held) return;
      if ((await cluster.state(node)) === 'paused') await cluster.resume(node);
      held = false;
      ledger.release(node);
    },
  };
}
