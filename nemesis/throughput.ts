/**
 * How a rate shows: of pings that are long enough for it to matter, some are late that would all have been in time.
 */
import type { Link } from '../harness/cluster/cluster.ts';
import { shapeOf } from '../harness/cluster/condition.ts';
import type { Confirmation, FaultLedger } from '../harness/cluster/fault.ts';
import { countPings } from '../harness/cluster/probe.ts';
import { heldUpMs, maskedBecause, openLinks, promptLinks, tellingLinks } from './confirm.ts';

/** So many pings of so many bytes at least, on each link. */
const PINGS = 40;
const PING_BYTES = 1000;
/** Milliseconds beyond what the rate makes of it: the program's own messages go the same way. */
const MARGIN_MS = 1500;
/** How often pings are sent of which none is heard. */
const TRIES = 3;
/** Share that must be late, and share that may be: half are, when we look half-way. */
const LATE = { least: 0.25, most: 0.1 };

/** Of the links that nothing else slows, how many of the pings that should take so long at this rate were late. */
async function countLate(
  links: readonly Link[],
  rate: number,
  ledger: FaultLedger,
): Promise<{ readonly sent: number; readonly heard: number; readonly late: number }> {
  const wholeMs = (1000 * PINGS * PING_BYTES) / rate;
  const times = { onTimeMs: wholeMs / 2, waitMs: wholeMs + MARGIN_MS };
  const { sent, heard, copies, onTime } = await countPings(ledger.cluster, links, PINGS, times, PING_BYTES);
  return { sent, heard, late: 1 - onTime / Math.max(1, copies) };
}

/** The links on which the rate is what matters most, between nodes that get to their messages. */
function telling(links: readonly Link[], rate: number, ledger: FaultLedger): Link[] {
  const conditions = ledger.conditions();
  return promptLinks(openLinks(links, ledger), ledger).filter((link) => {
    const shape = shapeOf(link, conditions);
    const { rate: slowest, corrupt, ...others } = shape;
    const isHeldUp = heldUpMs(link, [{ of: 'links', links: [link], shape: others }]) > 0;
    return !isHeldUp && corrupt === undefined && (slowest ?? rate) >= rate;
  });
}

/** Pings over those of these links that tell, until some are heard: a node that others restart again and again may be there the next time. */
async function confirmLateness(
  select: () => readonly Link[],
  rate: number,
  ledger: FaultLedger,
  isRight: (late: number) => boolean,
): Promise<Confirmation> {
  let evidence = '';
  for (let tries = 0; tries < TRIES; tries++) {
    const open = select();
    if (open.length === 0) return maskedBecause(`${evidence}other faults hold all of its links`);
    const { sent, heard, late } = await countLate(open, rate, ledger);
    const percent = heard === 0 ? 'none' : `${Math.round(100 * late)}%`;
    const counts = `of ${sent} long pings ${sent - heard} lost, ${percent} of the others late`;
    if (heard > 0) return { confirmed: isRight(late), evidence: counts };
    evidence = `${counts}: `;
    if ((await tellingLinks(open, ledger)).length === 0)
      return maskedBecause(`${evidence}other faults hold all of its links`);
  }
  return { confirmed: false, evidence: `${evidence}nobody answered` };
}

/** Confirmed when about half of the pings take longer than half of the time that all need at this rate. */
export function confirmHeldDown(
  links: readonly Link[],
  rate: number,
  ledger: FaultLedger,
): Promise<Confirmation> {
  const select = (): Link[] => telling(links, rate, ledger);
  return confirmLateness(select, rate, ledger, (late) => late >= LATE.least);
}

/** Confirmed when they do not any more, on links that no other fault gives a rate. */
export function confirmUnlimited(
  links: readonly Link[],
  rate: number,
  ledger: FaultLedger,
): Promise<Confirmation> {
  const select = (): Link[] =>
    telling(links, rate, ledger).filter((link) => shapeOf(link, ledger.conditions()).rate === undefined);
  return confirmLateness(select, rate, ledger, (late) => late <= LATE.most);
}
