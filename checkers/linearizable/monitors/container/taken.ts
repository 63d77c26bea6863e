/**
 * Which elements crashed removes took, by search. Taking an element, or taking it earlier, never makes an explanation impossible: it
 * could still go when it did. So the search asks for as little as it must. It starts with elements that must be taken, each with the
 * latest crashed remove that may have taken it, its limit, and gives those with the lowest limits the earliest removes.
 * Either that explains the history, or some elements contradict each other as they are now. Then one of these must have been taken, or
 * taken earlier, and each of them is tried in turn. When one has been tried, it is not taken earlier when the next is.
 *
 * Contradictions are made small and kept. They are looked at again before the whole history is, so that most of the
 * search happens among few elements. It ends without an answer when it has done more work than it may.
 */
import { ABSENT } from '../../calls.ts';
import { namesOf, smallestCore, type Contradicts, type Core } from './conflict.ts';
import type { Contents } from './contents.ts';
import type { Decision } from './outline.ts';
import { pickContents, withTaken } from './picking.ts';

/** What is known before the search: limits of elements that must have been taken, and which elements and sightings prove it. */
export interface Known extends Pick<Core, 'elements' | 'sightings'> {
  readonly limits: ReadonlyMap<number, number>;
}

/** How many elements and sightings may be looked at, each as often as it is. */
const WORK_MAX = 1_000_000;
/** What it costs to look at contents, however small they are. */
const WORK_LEAST = 100;

/** Decides by search. `contradicts` is the same decision about some of the contents. */
export function searchTaken(
  contents: Contents,
  known: Known,
  withoutTakers: Contradicts,
  contradicts: Contradicts,
): Decision {
  const search = new Search(contents, known.limits, withoutTakers);
  const fits = search.run();
  if (fits !== undefined) return { fits };
  if (search.isExhausted) return { undecided: 'it depends on which elements crashed removes took' };
  return { core: coreOf(contents, known, search.found), contradicts };
}

/** A contradiction that depends on what was taken. */
interface Contradiction extends Pick<Core, 'elements' | 'sightings'> {
  /** These elements alone. */
  readonly alone: Contents;
}

/** From all contradictions that were found the elements that cannot be explained whatever was taken. */
function coreOf(contents: Contents, known: Known, found: readonly Contradiction[]): Core {
  const elements = [...new Set([known, ...found].flatMap((some) => some.elements))].sort((a, b) => a - b);
  const sightings = [...new Set([known, ...found].flatMap((some) => some.sightings))];
  const { remove, removeLast } = contents.elements;
  const removed = elements.filter((element) => remove[element] !== ABSENT);
  const moments = [
    ...removed.map((element) => removeLast[element] ?? 0),
    ...sightings.map((sighting) => contents.sightings.last[sighting] ?? 0),
  ];
  const last = moments.reduce((a, b) => Math.max(a, b), 0);
  // Those that began later cannot have helped.
  const begun = contents.takers.first.filter((first) => first <= last);
  const takers = Array.from(begun.keys());
  const left = elements.filter((element) => remove[element] === ABSENT);
  const reason = `whatever crashed removes took, nothing explains what was seen of ${namesOf(contents, left)}`;
  return { elements, sightings, takers, reason };
}

/** One search, which is made once. */
class Search {
  /** All contradictions that came up, each without what it does not need. */
  readonly found: Contradiction[] = [];
  readonly #contents: Contents;
  readonly #contradicts: Contradicts;
  /** The elements that must be taken, each with the latest crashed remove that may take it. */
  readonly #limits: Map<number, number>;
  /** Elements that are not taken before a moment, because that has been tried. */
  readonly #tried = new Map<number, number>();
  #work = 0;

  constructor(contents: Contents, limits: ReadonlyMap<number, number>, withoutTakers: Contradicts) {
    this.#contents = contents;
    this.#limits = new Map(limits);
    this.#contradicts = (some) => {
      this.#work += WORK_LEAST + some.elements.length + some.sightings.length + some.takers.length;
      return withoutTakers(some);
    };
  }

  /** Whether it ended because it did too much work. */
  get isExhausted(): boolean {
    return this.#work > WORK_MAX;
  }

  /** Contents that fit, with all limits kept. */
  run(): Contents | undefined {
    const taken = this.#assign();
    if (taken === undefined || this.isExhausted) return undefined;
    const contents = withTaken(this.#contents, taken);
    const contradiction = this.#contradictionIn(contents, taken);
    return contradiction === undefined ? contents : this.#resolve(contradiction, taken);
  }

  /** Gives the elements with the lowest limits the earliest removes; undefined if there are too few. */
  #assign(): Map<number, number> | undefined {
    const byLimit = [...this.#limits].sort(([, a], [, b]) => a - b);
    if (byLimit.some(([, limit], taker) => limit < taker)) return undefined;
    return new Map(byLimit.map(([element], taker) => [element, taker]));
  }

  #contradictionIn(contents: Contents, taken: ReadonlyMap<number, number>): Contradiction | undefined {
    for (const contradiction of this.found) {
      const { alone, elements } = contradiction;
      const among = elements.flatMap((element, place): [number, number][] => {
        const taker = taken.get(element);
        return taker === undefined ? [] : [[place, taker]];
      });
      if (this.#contradicts(withTaken(alone, among)) !== undefined) return contradiction;
    }
    const core = this.#contradicts(contents);
    if (core === undefined) return undefined;
    const { elements, sightings } = smallestCore(contents, core, this.#contradicts);
    const alone = pickContents(this.#contents, elements, sightings);
    const contradiction = { elements, sightings, alone };
    this.found.push(contradiction);
    return contradiction;
  }

  /** Has each of the elements taken, or taken earlier, in turn. */
  #resolve({ elements }: Contradiction, taken: ReadonlyMap<number, number>): Contents | undefined {
    const { takers, end } = this.#contents;
    const before = new Map(this.#tried);
    for (const element of elements) {
      if (this.#contents.elements.remove[element] !== ABSENT) continue;
      const moment = takers.first[taken.get(element) ?? takers.length] ?? end;
      const limit = takers.first.findLastIndex((first) => first < moment);
      if (limit === -1 || (takers.first[limit] ?? 0) < (this.#tried.get(element) ?? 0)) continue;
      const fits = this.#withLimit(element, limit);
      if (fits !== undefined || this.isExhausted) return fits;
      this.#tried.set(element, moment);
    }
    this.#tried.clear();
    for (const [element, moment] of before) this.#tried.set(element, moment);
    return undefined;
  }

  #withLimit(element: number, limit: number): Contents | undefined {
    const before = this.#limits.get(element);
    this.#limits.set(element, limit);
    const fits = this.run();
    if (before === undefined) this.#limits.delete(element);
    else this.#limits.set(element, before);
    return fits;
  }
}
