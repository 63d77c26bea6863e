/**
 * Why calls on a register contradict each other, as few calls and a sentence.
 *
 * What is chosen must be contradictory by itself. So beside the calls that stand in the way of each other it has
 * those that produced the values, the swaps between, and for a crashed call a call that found what it left. Where a long
 * chain of swaps leads up to the values, the beginning is left out: the swaps that are chosen need it, and that it was there is not
 * in doubt.
 */
import { show } from '../../../models/model.ts';
import { NEVER } from '../../calls.ts';
import type { MonitorVerdict } from '../monitor.ts';
import type { Blocks } from './blocks.ts';
import { NONE } from './periods.ts';
import { OBSERVE, SWAP } from './steps.ts';

/** So many swaps before the calls that matter are still shown. */
const LONGEST_LEAD = 4;

/** A value was found that nothing produced. */
export function contradictNobody(blocks: Blocks, value: number): MonitorVerdict {
  const { steps, periods } = blocks;
  const evidence = new Evidence(blocks);
  const reader = readerIn(blocks, value);
  if (reader !== NONE) {
    evidence.add(reader);
  } else {
    const finds = (_: number, call: number): boolean =>
      steps.role[call] === SWAP && periods.periodOf[call] !== NONE && steps.value[call] === value;
    const swap = periods.periodOf.findIndex(finds);
    evidence.add(swap);
    evidence.addHappened(periods.periodOf[swap] ?? 0);
  }
  return evidence.verdict(`the value ${evidence.show(value)} was found, but nothing had left it there`);
}

/** Two swaps found the same value: `second` and one before it. */
export function contradictTwice(blocks: Blocks, second: number): MonitorVerdict {
  const { steps, periods, following } = blocks;
  const value = steps.value[second] ?? 0;
  const evidence = new Evidence(blocks);
  evidence.addChain(chainUpTo(blocks, value), value, value);
  for (const period of [following?.[value] ?? 0, periods.periodOf[second] ?? 0]) {
    evidence.addProducer(period);
    evidence.addHappened(period);
  }
  return evidence.verdict(
    `two calls of ${steps.swapName} found the value ${evidence.show(value)}, which was there only once`,
  );
}

/** The swap is one of several that find each other's values all round. */
export function contradictRing(blocks: Blocks, swap: number): MonitorVerdict {
  const { steps, periods, following } = blocks;
  const start = periods.periodOf[swap] ?? 0;
  const evidence = new Evidence(blocks);
  let period = start;
  do {
    evidence.addProducer(period);
    period = following?.[period] ?? start;
  } while (period !== start);
  evidence.addHappened(start);
  return evidence.verdict(
    `calls of ${steps.swapName} found only what others of them had left, the value ${evidence.show(start)} among it`,
  );
}

/** In a chain of periods a call of one returned before one was invoked that belongs to an earlier place, or before the producer. */
export function contradictEarly(
  blocks: Blocks,
  chain: readonly number[],
  earlier: number,
  later: number,
): MonitorVerdict {
  const { periods } = blocks;
  const [from = 0, to = 0] = [chain[earlier], chain[later]];
  const evidence = new Evidence(blocks);
  evidence.addChain(chain, from, to);
  evidence.addReturn(periods.first[to] ?? 0);
  if (from === to) {
    return evidence.verdict(
      `the value ${evidence.showAt(to)} was found before the call began that left it there`,
    );
  }
  evidence.addInvocation(periods.last[from] ?? 0);
  return evidence.verdict(
    `the value ${evidence.showAt(from)} was there again after ${evidence.showAt(to)}, which came from it, had been`,
  );
}

/** Two blocks must each come before the other. */
export function contradictBlocks(blocks: Blocks, one: number, other: number): MonitorVerdict {
  const { first, last } = blocks;
  const outer = (first[one] ?? 0) < (first[other] ?? 0) ? one : other;
  const inner = outer === one ? other : one;
  const evidence = new Evidence(blocks);
  const again = nearest(blocks, outer, last[inner] ?? 0, first[inner] ?? 0);
  const between = nearest(blocks, inner, again.invoked, again.returned);
  for (const span of [again, between]) {
    evidence.addReturn(span.returned);
    evidence.addInvocation(span.invoked);
    evidence.addChain(span.chain, span.from, span.to);
  }
  const [seen, overwriting] = [evidence.showAt(again.last), evidence.showAt(between.first)];
  return evidence.verdict(
    again.first === again.last
      ? `the value ${seen} was there both before and after ${overwriting}, though it came only once`
      : `the value ${seen} followed without a gap from ${evidence.showAt(again.first)}, but ${overwriting} was there in between`,
  );
}

/** A miss found something other than the value while the register held it. */
export function contradictMiss(blocks: Blocks, miss: number): MonitorVerdict {
  const { steps, periods, following } = blocks;
  const value = steps.value[miss] ?? 0;
  const evidence = new Evidence(blocks);
  evidence.add(miss);
  evidence.addReturn(periods.first[value] ?? 0);
  const stillHeld = periods.last[value] ?? 0;
  const next = following?.[value] ?? NONE;
  if (stillHeld > (steps.calls.columns.returned[miss] ?? 0)) {
    evidence.addInvocation(stillHeld);
    evidence.addChain(chainUpTo(blocks, value), value, value);
  } else {
    evidence.addChain(chainUpTo(blocks, next), value, next);
  }
  return evidence.verdict(
    `${steps.swapName} did not find the value ${evidence.show(value)} while it was there`,
  );
}

/** The calls that are chosen. */
class Evidence {
  readonly #blocks: Blocks;
  readonly #calls = new Set<number>();

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  add(call: number): void {
    this.#calls.add(call);
  }

  addProducer(period: number): void {
    const producer = this.#blocks.periods.producer[period] ?? NONE;
    if (producer >= 0) this.#calls.add(producer);
  }

  /** The call that returned at this position, if it is one. */
  addReturn(position: number): void {
    const call = this.#blocks.steps.calls.columns.returned.indexOf(position);
    if (call !== -1) this.#calls.add(call);
  }

  /** The call that was invoked at this position. */
  addInvocation(position: number): void {
    const call = this.#blocks.steps.calls.columns.invoked.indexOf(position);
    if (call !== -1) this.#calls.add(call);
  }

  /** What produced the periods `from` to `to` of the chain, and what is before them if that is little; with the proof that it all happened. */
  addChain(chain: readonly number[], from: number, to: number): void {
    const start = chain.indexOf(from);
    const end = chain.indexOf(to, start);
    const lead = start <= LONGEST_LEAD ? 0 : start;
    for (let at = lead; at <= end; at++) this.addProducer(chain[at] ?? 0);
    this.addHappened(to);
  }

  /**
   * A proof that the period was: if its producer crashed, a call that found the value, or the shortest way over crashed swaps
   * to one that is certain. By ways, because a period may have several followers in what is contradictory, or be its own.
   */
  addHappened(period: number): void {
    const { steps, periods } = this.#blocks;
    const cameFrom = new Map([[period, NONE]]);
    for (const at of cameFrom.keys()) {
      const reader = this.#readerIn(at);
      if (reader !== NONE || !this.#needsProof(periods.producer[at] ?? NONE)) {
        for (let on = at; on !== period; on = cameFrom.get(on) ?? period) this.addProducer(on);
        if (reader !== NONE && this.#needsProof(periods.producer[at] ?? NONE)) this.#calls.add(reader);
        return;
      }
      periods.periodOf.forEach((next, call) => {
        if (next === NONE || steps.role[call] !== SWAP || steps.value[call] !== at) return;
        if (!cameFrom.has(next)) cameFrom.set(next, at);
      });
    }
  }

  /** A completed call that observed the period's value, one that is chosen if possible. */
  #readerIn(period: number): number {
    const { steps, periods } = this.#blocks;
    const observes = (call: number): boolean =>
      steps.role[call] === OBSERVE && periods.periodOf[call] === period;
    return [...this.#calls].find(observes) ?? readerIn(this.#blocks, period);
  }

  #needsProof(producer: number): boolean {
    const { role, calls, readsShowSwaps } = this.#blocks.steps;
    if (producer < 0) return false;
    return calls.columns.returned[producer] === NEVER || (readsShowSwaps && role[producer] === SWAP);
  }

  show(value: number): string {
    return show(this.#blocks.steps.valueAt(value));
  }

  /** The period's value in words. */
  showAt(period: number): string {
    return this.show(this.#blocks.periods.valueOf(period));
  }

  verdict(reason: string): MonitorVerdict {
    return { valid: false, conflict: [...this.#calls].sort((a, b) => a - b), reason };
  }
}

/** A completed call that observed the period's value; NONE if there is none. */
function readerIn({ steps, periods }: Blocks, period: number): number {
  return periods.periodOf.findIndex((of, call) => of === period && steps.role[call] === OBSERVE);
}

/** The periods of a block from its first to this one. Where swaps go round in a ring there is no first; then the chain ends there. */
function chainUpTo({ steps, periods }: Blocks, last: number): readonly number[] {
  const chain: number[] = [];
  const seen = new Set<number>();
  let period = last;
  do {
    chain.push(period);
    seen.add(period);
    const producer = periods.producer[period] ?? NONE;
    if (producer < 0 || steps.role[producer] !== SWAP) break;
    period = steps.value[producer] ?? 0;
  } while (!seen.has(period));
  return chain.reverse();
}

interface Span {
  readonly chain: readonly number[];
  /** The outermost periods in the order of the chain. */
  readonly from: number;
  readonly to: number;
  /** Where a call returned early, and the position; where one was invoked late, and the position. */
  readonly first: number;
  readonly returned: number;
  readonly last: number;
  readonly invoked: number;
}

/**
 * The shortest span of the block's periods with a call that returned before `before` and one that was invoked after `after`.
 * The block as a whole has both.
 */
function nearest({ periods, following }: Blocks, block: number, before: number, after: number): Span {
  const chain: number[] = [];
  let [early, late] = [NONE, NONE];
  let best: readonly [number, number] | undefined;
  for (let period = block; period !== NONE; period = following?.[period] ?? NONE) {
    const place = chain.push(period) - 1;
    if ((periods.first[period] ?? 0) < before) early = place;
    if ((periods.last[period] ?? 0) > after) late = place;
    if (early === NONE || late === NONE) continue;
    if (best === undefined || Math.abs(early - late) < Math.abs(best[0] - best[1])) best = [early, late];
  }
  const [e, l] = best ?? [0, 0];
  const [first, last] = [chain[e] ?? block, chain[l] ?? block];
  const [from, to] = e < l ? [first, last] : [last, first];
  const [returned, invoked] = [periods.first[first] ?? 0, periods.last[last] ?? 0];
  return { chain, from, to, first, last, returned, invoked };
}
