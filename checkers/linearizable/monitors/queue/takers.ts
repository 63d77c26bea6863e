/**
 * Crashed dequeues, exactly. Elements without a dequeue (left) may each have been taken by a crashed dequeue that began early enough.
 *
 * An element `u` must be gone by nextLast(b) if its insert precedes that of an element b that was first, and by the moment at which a
 * call found nothing, if it came before that moment. Either way, if u must go then so must all that came before u: what must be gone
 * by a moment is a beginning of the list of left elements, sorted by insertLast. A crashed dequeue can take any of them from
 * the moment on at which it began. By Hall's theorem for such chains it is enough to count: never must more be gone by a
 * moment than there are crashed dequeues that began by then, and the i-th element takes the i-th dequeue.
 *
 * At which moment a call finds nothing can be chosen for each of them alone: the elements that came before a moment are to
 * be gone at that moment, which implies all that it requires later.
 *
 * Where nobody peeked at left elements, that is enough. Where somebody did, it is where the search for what was taken begins.
 */
import { ABSENT } from '../../calls.ts';
import { nameOf, namesOf, type Contradicts, type Core } from '../container/conflict.ts';
import { isEmptySighting, windowsOf, type Contents, type Windows } from '../container/contents.ts';
import { orderByMoment } from '../container/moments.ts';
import type { Decision } from '../container/outline.ts';
import { withTaken } from '../container/picking.ts';
import { Stays } from '../container/stays.ts';
import { searchTaken, type Known } from '../container/taken.ts';
import { Firsts } from './firsts.ts';

/** Decides about a queue with crashed dequeues, where the elements whose dequeue is known fit among themselves. */
export function withTakers(contents: Contents, withoutTakers: Contradicts): Decision {
  const counts = new Counts(contents);
  const core = counts.contradiction();
  if (core !== undefined) return { core, contradicts };
  const known = counts.known();
  if (hasSeenLeft(contents)) return searchTaken(contents, known, withoutTakers, contradicts);
  const inOrder = Array.from(known.limits.keys(), (element, taker) => [element, taker] as const);
  return { fits: withTaken(contents, inOrder) };

  function contradicts(some: Contents): Core | undefined {
    if (withoutTakers(some) === undefined) return undefined;
    const decision = withTakers(some, withoutTakers);
    return 'core' in decision ? decision.core : undefined;
  }
}

function hasSeenLeft({ elements, sightings }: Contents): boolean {
  return sightings.element.some((element) => element !== ABSENT && elements.remove[element] === ABSENT);
}

/** At `m`: how many of the moments are at or before m. */
function tally(moments: Iterable<number>, end: number): Int32Array {
  const counts = new Int32Array(end + 1);
  for (const moment of moments) counts[moment] = (counts[moment] ?? 0) + 1;
  for (let moment = 1; moment <= end; moment++) {
    counts[moment] = (counts[moment] ?? 0) + (counts[moment - 1] ?? 0);
  }
  return counts;
}

/** So many left elements, the first ones, must be gone when so many crashed dequeues have begun. */
interface Need {
  readonly gone: number;
  readonly begun: number;
  /** What proves it. */
  readonly elements: readonly number[];
  readonly sightings: readonly number[];
}

/** What must be gone when, against what crashed dequeues can have taken by then. */
class Counts {
  readonly #contents: Contents;
  readonly #windows: Windows;
  readonly #firsts: Firsts;
  readonly #stays: Stays;
  /** The elements without a dequeue, by insertLast. */
  readonly #left: Int32Array;
  readonly #leftBy: Int32Array;
  readonly #begunBy: Int32Array;
  /** What must be gone, by all that was looked at so far. */
  readonly #needs: Need[] = [];

  constructor(contents: Contents) {
    const { elements, takers, end } = contents;
    this.#contents = contents;
    const left = [...elements.remove.keys()].filter((element) => elements.remove[element] === ABSENT);
    // What holds even if the first of the crashed dequeues took every one of them.
    const freest = withTaken(
      contents,
      left.map((element) => [element, 0]),
    );
    this.#windows = windowsOf(freest);
    this.#firsts = new Firsts(freest, this.#windows);
    this.#stays = new Stays(this.#windows, end, (element) => elements.remove[element] !== ABSENT);
    const { insertLast } = this.#windows;
    this.#left = orderByMoment(insertLast, end).filter((element) => elements.remove[element] === ABSENT);
    this.#leftBy = tally(
      this.#left.map((element) => insertLast[element] ?? 0),
      end,
    );
    this.#begunBy = tally(takers.first, end);
  }

  /** How many left elements came before the moment. */
  #leftBefore(moment: number): number {
    return this.#leftBy[moment - 1] ?? 0;
  }

  contradiction(): Core | undefined {
    return this.#overtaking() ?? this.#wrongEmptiness();
  }

  /** Elements that were first although more had been inserted before them than can have been taken. */
  #overtaking(): Core | undefined {
    const { elements, end } = this.#contents;
    const latest = this.#latestByNext();
    let last = ABSENT;
    for (let moment = 0; moment < end; moment++) {
      const candidate = latest[moment] ?? ABSENT;
      if ((elements.insertFirst[candidate] ?? ABSENT) > (elements.insertFirst[last] ?? ABSENT))
        last = candidate;
      if (last === ABSENT) continue;
      const begun = this.#begunBy[moment] ?? 0;
      const before = this.#leftBefore(elements.insertFirst[last] ?? 0);
      if (before <= (this.#needs.at(-1)?.gone ?? 0)) continue;
      const proof = [last, ...this.#firsts.around(last)];
      if (before > begun) return this.#tooMany(begun, proof, []);
      this.#needs.push({ gone: before, begun, elements: proof, sightings: [] });
    }
    return undefined;
  }

  /** At `m`: of the elements that must have been first by m, not before m, the one that was inserted last. */
  #latestByNext(): Int32Array {
    const { elements, end } = this.#contents;
    const latest = new Int32Array(end + 1).fill(ABSENT);
    for (let element = 0; element < elements.length; element++) {
      const moment = this.#windows.nextLast[element] ?? 0;
      const other = latest[moment] ?? ABSENT;
      if ((elements.insertFirst[element] ?? 0) > (elements.insertFirst[other] ?? ABSENT))
        latest[moment] = element;
    }
    return latest;
  }

  /** A call that found nothing, although at each of its moments something was there for certain. */
  #wrongEmptiness(): Core | undefined {
    const { sightings, end } = this.#contents;
    const next = new Int32Array(end + 1).fill(end);
    for (let moment = end - 1; moment >= 0; moment--) {
      next[moment] = this.#canBeEmpty(moment) ? moment : (next[moment + 1] ?? end);
    }
    for (let sighting = 0; sighting < sightings.length; sighting++) {
      if (!isEmptySighting(sightings, sighting)) continue;
      const moment = next[sightings.first[sighting] ?? 0] ?? end;
      if (moment > (sightings.last[sighting] ?? 0)) return this.#emptyCore(sighting);
      const begun = this.#begunBy[sightings.last[sighting] ?? 0] ?? 0;
      this.#needs.push({ gone: this.#leftBefore(moment), begun, elements: [], sightings: [sighting] });
    }
    return undefined;
  }

  #canBeEmpty(moment: number): boolean {
    return (
      this.#stays.endAt(moment - 1) <= moment && this.#leftBefore(moment) <= (this.#begunBy[moment] ?? 0)
    );
  }

  #emptyCore(sighting: number): Core {
    const { sightings } = this.#contents;
    const last = sightings.last[sighting] ?? 0;
    const covering: number[] = [];
    for (let moment = sightings.first[sighting] ?? 0; moment <= last;) {
      const end = this.#stays.endAt(moment - 1);
      if (end > moment) {
        const longest = this.#stays.longestAt(moment - 1);
        covering.push(longest, ...this.#firsts.around(longest));
      }
      moment = Math.max(end, moment + 1);
    }
    return this.#tooMany(this.#begunBy[last] ?? 0, covering, [sighting]);
  }

  /** The core in which more elements must be gone than the so many crashed dequeues can have taken. */
  #tooMany(begun: number, dequeued: readonly number[], sightings: readonly number[]): Core {
    const contents = this.#contents;
    const left = [...this.#left.subarray(0, begun + 1)];
    const call = contents.sightings.call[sightings[0] ?? ABSENT];
    const seen =
      call === undefined
        ? `${namesOf(contents, dequeued.slice(0, 1))} was first`
        : `${nameOf(contents, call)} found nothing`;
    return {
      elements: [...left, ...dequeued],
      sightings,
      takers: Array.from({ length: begun }, (_, taker) => taker),
      reason: `${seen} while not all of ${namesOf(contents, left)} can have been taken by crashed removes`,
    };
  }

  /** What must be gone, each element with the latest crashed dequeue that can have taken it, the first elements first. */
  known(): Known {
    const limits = new Map<number, number>();
    const proofs: Need[] = [];
    for (const need of this.#needs.sort((a, b) => a.begun - b.begun)) {
      if (need.gone <= limits.size) continue;
      proofs.push(need);
      for (const element of this.#left.subarray(limits.size, need.gone)) limits.set(element, need.begun - 1);
    }
    return {
      limits,
      elements: [...limits.keys(), ...proofs.flatMap(({ elements }) => elements)],
      sightings: proofs.flatMap(({ sightings }) => sightings),
    };
  }
}
