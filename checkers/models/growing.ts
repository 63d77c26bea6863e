/**
 * Lists and texts that are appended to and read whole. Two things are known of them in advance.
 *
 * What is only ever appended to begins, at any time, the longest value that was read of it, or continues it; so that one
 * read settles the order of everything before it, and a search need not try the other orders.
 *
 * A value that begins none of those that were ever found there will not be found until something overwrites it, however it
 * grows. One such value is like any other, so one stands for all.
 */
import { canonical, equal, type Json } from '../../harness/json.ts';
import type { Foresight } from './model.ts';

type Growing = string | readonly Json[];

const isGrowing = (value: Json): value is Growing => typeof value === 'string' || Array.isArray(value);

/** Texts in order, in which the beginnings of texts are found by halving. */
class Texts {
  readonly #sorted: readonly string[];
  /** Begins none of the texts. */
  readonly unfound: string;

  constructor(texts: Iterable<string>) {
    this.#sorted = [...new Set(texts)].sort();
    let unfound = '?';
    while (this.haveOneThatBegins(unfound)) unfound += '?';
    this.unfound = unfound;
  }

  haveOneThatBegins(beginning: string): boolean {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? '') < beginning) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(beginning) === true;
  }
}

/** All beginnings of some lists, as their canonical texts. */
class Lists {
  readonly #beginnings = new Set<string>();
  /** Begins none of the lists. */
  readonly unfound: readonly Json[];

  constructor(lists: readonly (readonly Json[])[]) {
    for (const list of lists.toSorted((a, b) => b.length - a.length)) {
      if (this.haveOneThatBegins(list)) continue;
      for (let length = 0; length <= list.length; length++) {
        this.#beginnings.add(canonical(list.slice(0, length)));
      }
    }
    let unfound: readonly Json[] = ['?'];
    while (this.haveOneThatBegins(unfound)) unfound = [...unfound, '?'];
    this.unfound = unfound;
  }

  haveOneThatBegins(beginning: readonly Json[]): boolean {
    return this.#beginnings.has(canonical(beginning));
  }
}

/** True if one of the two continues the other. */
function areCompatible(held: Growing, longest: Growing): boolean {
  if (typeof held === 'string' && typeof longest === 'string') {
    return held.startsWith(longest) || longest.startsWith(held);
  }
  const shared = Math.min(held.length, longest.length);
  for (let place = 0; place < shared; place++) {
    if (!equal(held[place] ?? null, longest[place] ?? null)) return false;
  }
  return true;
}

/**
 * What is foreseen of a value of which these values were found, by reads and by whatever else depends on what is
 * there. `onlyGrows`: nothing is done with it but appending and reading.
 */
export function foreseeGrowth(found: readonly Json[], onlyGrows: boolean): Foresight<Json> {
  const texts = new Texts(found.filter((value) => typeof value === 'string'));
  const lists = new Lists(found.filter((value) => Array.isArray(value)) as readonly (readonly Json[])[]);
  const longest = found
    .filter(isGrowing)
    .reduce<Growing>((best, value) => (value.length > best.length ? value : best), '');
  const isUnfound = (value: Growing): boolean =>
    typeof value === 'string' ? !texts.haveOneThatBegins(value) : !lists.haveOneThatBegins(value);
  return {
    admits(value) {
      if (!onlyGrows || !isGrowing(value) || longest.length === 0) return true;
      return areCompatible(value, longest) || continuesUnfound(value);
    },
    standIn(value) {
      if (!isGrowing(value) || !isUnfound(value)) return value;
      return typeof value === 'string' ? texts.unfound : lists.unfound;
    },
  };

  /** What grows on from the value that stands for all that are not found. */
  function continuesUnfound(value: Growing): boolean {
    if (typeof value === 'string') return value.startsWith(texts.unfound);
    return value.length >= lists.unfound.length && areCompatible(value, lists.unfound);
  }
}
