/**
 * Flapping: a fault that comes and goes for as long as it is in force, each time for a while that was drawn. What is
 * whole between two strokes is as bad for a protocol as the stroke: it begins what it cannot bring to an end.
 */
import type { Confirmation, Fault, FaultLedger } from '../harness/cluster/fault.ts';
import type { Random } from '../harness/random.ts';
import { Ongoing } from './ongoing.ts';

/** One stroke: how long the fault is there, and how long it is not. */
export type Beat = { readonly onMs: number; readonly offMs: number };

/** So many are drawn, and come again when they are used up. */
const BEATS = 8;
/** Around the time-outs of elections, on both sides. */
const ON_MS = { least: 100, most: 1500 };
const OFF_MS = { least: 50, most: 800 };

/** Draws strokes. */
export function drawBeats(random: Random): Beat[] {
  return Array.from({ length: BEATS }, () => ({
    onMs: Math.round(random.between(ON_MS.least, ON_MS.most)),
    offMs: Math.round(random.between(OFF_MS.least, OFF_MS.most)),
  }));
}

/** How to bring a fault into force and take it back, without a look at what came of it. */
export interface Strokes {
  readonly on: () => Promise<void>;
  readonly off: () => Promise<void>;
}

/** This fault, coming and going. Its proof is one stroke that is watched: it is there, and gone again. */
export function flapping(
  fault: Fault,
  { on, off }: Strokes,
  beats: readonly Beat[],
  { cluster }: FaultLedger,
): Fault {
  let beat = 0;
  const ongoing = new Ongoing(cluster.time, async ({ pause }) => {
    const { onMs = 0, offMs = 0 } = beats[beat++ % beats.length] ?? {};
    await on();
    await pause(onMs);
    await off();
    await pause(offMs);
  });
  return {
    description: `${fault.description}, again and again`,
    nodes: fault.nodes,
    inject() {
      ongoing.start();
      return Promise.resolve();
    },
    confirm: () =>
      ongoing.between(async () => {
        if (ongoing.failure !== undefined) return { confirmed: false, evidence: ongoing.failure };
        await fault.inject();
        const there = await fault.confirm();
        return both(there, await fault.heal());
      }),
    async heal() {
      await ongoing.stop();
      return fault.heal();
    },
  };
}

/** A stroke that nobody saw begin proves nothing by its end. */
function both(there: Confirmation, gone: Confirmation): Confirmation {
  if (!there.confirmed) return there;
  return { ...gone, evidence: `${there.evidence}, and then ${gone.evidence}` };
}
