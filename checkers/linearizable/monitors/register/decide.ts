/**
 * Decides whether calls on a register are linearizable, in time linear in their number: periods, blocks of periods, an order of
 * the blocks, and last the misses.
 */
import { show } from '../../../models/model.ts';
import type { MonitorVerdict } from '../monitor.ts';
import { findBlocks } from './linking.ts';
import { placeMisses, refuteMisses } from './misses.ts';
import { findPeriods } from './periods.ts';
import type { Steps } from './steps.ts';
import { orderBlocks } from './sweep.ts';
import { orderCalls } from './witness.ts';

/** The verdict on these calls. */
export function decideRegister(steps: Steps): MonitorVerdict {
  const periods = findPeriods(steps);
  if ('ambiguous' in periods) {
    const value = show(steps.valueAt(periods.ambiguous));
    return { valid: 'inapplicable', why: `the value ${value} may come from more than one call` };
  }
  const blocks = findBlocks(steps, periods);
  if ('valid' in blocks) return blocks;
  const order = orderBlocks(blocks);
  if ('valid' in order) return order;
  const inOrder = (): number[] => [...orderCalls(blocks, order)];
  if (steps.misses.length === 0) return { valid: true, order: inOrder };
  const refuted = refuteMisses(blocks);
  if (refuted !== undefined) return refuted;
  const witness = placeMisses(blocks, orderCalls(blocks, order));
  if (witness !== undefined) return { valid: true, order: () => [...witness] };
  return {
    valid: 'inapplicable',
    why: `a ${steps.swapName} that did not match finds no place in the order of the others`,
  };
}
