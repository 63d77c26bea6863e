/**
 * How damage to messages shows: receivers notice every damaged frame, count it, and break the connection
 * (harness/node/connections.ts). Pings go over the links, a few at a time, since each that is damaged takes along what is
 * on its way with it.
 */
import type { Cluster, Link } from '../harness/cluster/cluster.ts';
import { shapeOf } from '../harness/cluster/condition.ts';
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { probeConnections, probeLinks } from '../harness/cluster/probe.ts';
import { confirmCarrying, eventually, maskedBecause, openLinks } from './confirm.ts';

const ANSWER_MS = 1000;
/** How long damage is waited for; of hundreds of pings on each link none would be spared. */
const SHOWN_MS = 8000;
const PINGS = 5;
/** Rounds of pings that all stay whole where nothing is damaged. */
const ROUNDS = 10;
/** Rounds after which damage must have shown: of the least share that is drawn, one in a thousand times it has not. */
const TELLING = 30;
/** Milliseconds between two rounds: enough for a broken connection to be there again. */
const SPACED_MS = 60;

/** How much damage the receiver of each link has counted; undefined where it does not answer. */
function damageOn(links: readonly Link[], cluster: Cluster): Promise<(number | undefined)[]> {
  return Promise.all(
    links.map(async ({ from, to }) => (await probeConnections(cluster, to, ANSWER_MS))?.[from]?.in.damaged),
  );
}

/** Confirmed when damage shows on each of the links that other faults leave open. */
export async function confirmDamaged(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  const { cluster } = ledger;
  const open = openLinks(links, ledger);
  if (open.length === 0) return maskedBecause('other faults hold all of its links');
  const before = await damageOn(open, cluster);
  const carried = open.map(() => 0);
  let damaged = open.map(() => false);
  await eventually(cluster.time, SHOWN_MS, async () => {
    const probes = await probeLinks(cluster, open, SPACED_MS, PINGS);
    for (const [index, probe] of probes.entries())
      if (probe === 'heard') carried[index] = (carried[index] ?? 0) + 1;
    const now = await damageOn(open, cluster);
    damaged = now.map((count = 0, index) => count > (before[index] ?? Infinity));
    return damaged.every(Boolean);
  });
  // Of a link that hardly carries anything, because of other faults, nobody can say what damage it does.
  const told = damaged.filter((is, index) => is || (carried[index] ?? 0) >= TELLING);
  const seen = damaged.filter(Boolean).length;
  const evidence = `damage arrived on ${seen} of ${open.length} links`;
  if (told.length === 0) return maskedBecause(`${evidence}: other faults hold them`);
  return { confirmed: seen === told.length, evidence };
}

/** Confirmed when no damage shows any more on the links that no other fault damages. */
export async function confirmUndamaged(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  const { cluster } = ledger;
  const conditions = ledger.conditions();
  const whole = openLinks(links, ledger).filter((link) => shapeOf(link, conditions).corrupt === undefined);
  if (whole.length === 0) return maskedBecause('other faults hold all of its links');
  const carrying = await confirmCarrying(whole, ledger);
  const before = await damageOn(whole, cluster);
  for (let round = 0; round < ROUNDS; round++) {
    await probeLinks(cluster, whole, 0, PINGS);
    await cluster.time.sleep(SPACED_MS);
  }
  const now = await damageOn(whole, cluster);
  const damaged = now.filter((count = 0, index) => count > (before[index] ?? Infinity)).length;
  const evidence = `${carrying.evidence}, damage arrived on ${damaged} of ${whole.length}`;
  return { ...carrying, confirmed: carrying.confirmed && damaged === 0, evidence };
}
