/**
 * The first return that certainly no order gets past: a call cannot find a value that was certainly gone before it began.
 */
import type { Calls } from '../calls.ts';
import { NO_VALUE, type Uses } from './uses.ts';

/** Before everything: when the first value was left. */
const AT_FIRST = -1;

/** Of the calls that have returned, when the last began, and the last of those that left or found another value than it. */
class LatestCalls {
  #value = NO_VALUE;
  #begun = -Infinity;
  #begunOther = -Infinity;

  add(value: number, begun: number): void {
    if (value === NO_VALUE) return;
    if (value === this.#value) {
      this.#begun = Math.max(this.#begun, begun);
    } else if (begun > this.#begun) {
      [this.#value, this.#begun, this.#begunOther] = [value, begun, this.#begun];
    } else {
      this.#begunOther = Math.max(this.#begunOther, begun);
    }
  }

  /** When the last of them began that left or found another value than this. */
  latestBut(value: number): number {
    return value === this.#value ? this.#begunOther : this.#begun;
  }
}

/**
 * The number of returns before that one; Infinity if none is known. A value was certainly gone when some call that left or found another
 * value began after everybody who writes the value had returned, and itself returned before. (Nobody writes it at all: the
 * same with nobody.) `first`: the value that was there at first. `events`: as in uses.ts.
 */
export function findBarrier(
  calls: Calls,
  classes: Int32Array,
  events: Int32Array,
  uses: Uses,
  first: number,
): number {
  const { invoked, returned } = calls.columns;
  const others = new LatestCalls();
  const goneSince = new Map<number, number>();
  /** By value, the last return of a call, among those invoked so far, that leaves it. */
  const lastLeft = new Map<number, number>([[first, AT_FIRST]]);
  const lastReturn = (value: number): number => lastLeft.get(value) ?? -Infinity;
  let position = 0;
  for (const event of events) {
    const call = event < 0 ? ~event : event;
    const { needs, leaves } = uses.access(classes[call] ?? 0);
    if (event >= 0) {
      if (needs !== NO_VALUE) goneSince.set(call, others.latestBut(needs));
      if (leaves !== NO_VALUE) lastLeft.set(leaves, Math.max(lastReturn(leaves), returned[call] ?? 0));
      continue;
    }
    if (needs !== NO_VALUE && lastReturn(needs) <= (goneSince.get(call) ?? -Infinity)) return position;
    goneSince.delete(call);
    others.add(leaves === NO_VALUE ? needs : leaves, invoked[call] ?? 0);
    position++;
  }
  return Infinity;
}
