/**
 * Finds the blocks: follows swaps from period to period, and sees to it that what is within a block is in the order that real time
 * asks for.
 */
import type { MonitorVerdict } from '../monitor.ts';
import { begunAt, type Blocks } from './blocks.ts';
import { contradictEarly, contradictNobody, contradictRing, contradictTwice } from './conflict.ts';
import { BEFORE_ALL, INITIAL, NONE, type Periods } from './periods.ts';
import { SWAP, type Steps } from './steps.ts';

/** The blocks, or why there is no order within them. */
export function findBlocks(steps: Steps, periods: Periods): Blocks | MonitorVerdict {
  const apart: Blocks = { ...periods, steps, periods, following: undefined, blockOf: undefined };
  return steps.hasSwaps ? linkBlocks(apart) : (checkPeriods(apart) ?? apart);
}

/** Without swaps: every value that was found was produced, and not later. */
function checkPeriods(blocks: Blocks): MonitorVerdict | undefined {
  const { producer, first, found } = blocks.periods;
  const { invoked } = blocks.steps.calls.columns;
  for (let period = 0; period < found.length; period++) {
    const by = producer[period] ?? NONE;
    if (by >= 0) {
      if ((first[period] ?? 0) < (invoked[by] ?? 0)) return contradictEarly(blocks, [period], 0, 0);
    } else if (by === NONE && found[period] === 1) {
      return contradictNobody(blocks, period);
    }
  }
  return undefined;
}

function linkBlocks(apart: Blocks): Blocks | MonitorVerdict {
  const { steps, periods } = apart;
  const following = new Int32Array(periods.count).fill(NONE);
  const blocks: Blocks = {
    ...apart,
    following,
    blockOf: new Int32Array(periods.count).fill(NONE),
    first: periods.first.slice(),
    last: periods.last.slice(),
  };
  let twice = NONE;
  for (let call = 0; call < steps.calls.length; call++) {
    const period = periods.periodOf[call] ?? NONE;
    if (period === NONE || steps.role[call] !== SWAP) continue;
    const before = steps.value[call] ?? 0;
    if (following[before] === NONE) following[before] = period;
    else if (twice === NONE) twice = call;
  }
  if (twice !== NONE) return contradictTwice(blocks, twice);
  for (let period = 0; period < periods.count; period++) {
    const by = periods.producer[period] ?? NONE;
    if (by === NONE && periods.found[period] === 1) return contradictNobody(blocks, period);
    if (by !== INITIAL && (by < 0 || steps.role[by] === SWAP)) continue;
    const wrong = followBlock(blocks, period);
    if (wrong !== undefined) return wrong;
  }
  return checkRings(blocks) ?? blocks;
}

/** Walks through the block that begins with this period: no call returned before one was invoked that comes earlier in the block. */
function followBlock(blocks: Blocks, head: number): MonitorVerdict | undefined {
  const { following, blockOf, first, last, periods } = blocks;
  let latest = BEFORE_ALL;
  for (let period = head; period !== NONE; period = following?.[period] ?? NONE) {
    if (blockOf !== undefined) blockOf[period] = head;
    const ended = periods.first[period] ?? 0;
    latest = Math.max(latest, begunAt(blocks, period));
    if (ended < latest) return contradictOrder(blocks, head, period);
    latest = Math.max(latest, periods.last[period] ?? 0);
    first[head] = Math.min(first[head] ?? 0, ended);
    last[head] = latest;
  }
  return undefined;
}

/** A call of `late` returned before one was invoked that comes earlier: that one in the nearest period. */
function contradictOrder(blocks: Blocks, head: number, late: number): MonitorVerdict {
  const chain: number[] = [];
  for (let period = head; period !== late; period = blocks.following?.[period] ?? NONE) chain.push(period);
  chain.push(late);
  const ended = blocks.periods.first[late] ?? 0;
  let at = chain.length - 1;
  if (ended > begunAt(blocks, late)) {
    do at--;
    while (at > 0 && (blocks.periods.last[chain[at] ?? 0] ?? 0) < ended);
  }
  return contradictEarly(blocks, chain, at, chain.length - 1);
}

/** Swaps that no block reached find each other's values all round. */
function checkRings(blocks: Blocks): MonitorVerdict | undefined {
  const { steps, periods, blockOf } = blocks;
  for (let call = 0; call < steps.calls.length; call++) {
    const period = periods.periodOf[call] ?? NONE;
    if (period !== NONE && steps.role[call] === SWAP && blockOf?.[period] === NONE) {
      return contradictRing(blocks, call);
    }
  }
  return undefined;
}
