/**
 * Elements of a queue that were first for a certain time: one was seen at the head, or removed, before a moment `nextLast` and was
 * still there at a moment `removeFirst` after it. Only peeks tell so much. In the steps from moment to moment between them no other
 * element was first. So these times must not overlap, and what another element can do within such a time it
 * does either before or after it: its windows are cut, which makes "was first before" an interval order.
 */
import { ABSENT } from '../../calls.ts';
import { windowsOf, type Contents, type Windows } from '../container/contents.ts';

/** The certain firsts; cuts the windows that it is given. */
export class Firsts {
  /** Two elements that cannot both have been first when they must. */
  readonly contradiction: readonly [number, number] | undefined;
  readonly #contents: Contents;
  /** At `m`: the element that is first from moment m to moment m + 1. */
  readonly #owner: Int32Array;

  constructor(contents: Contents, windows: Windows) {
    this.#contents = contents;
    const hasAny = windows.nextLast.some(
      (nextLast, element) => nextLast < (windows.removeFirst[element] ?? 0),
    );
    this.#owner = new Int32Array(hasAny ? contents.end + 1 : 0).fill(ABSENT);
    if (hasAny) this.contradiction = this.#claim(windows) ?? this.#cut(windows);
  }

  #ownerOf(step: number): number {
    return this.#owner[step] ?? ABSENT;
  }

  #claim({ nextLast, removeFirst }: Windows): [number, number] | undefined {
    for (let element = 0; element < nextLast.length; element++) {
      for (let step = nextLast[element] ?? 0; step < (removeFirst[element] ?? 0); step++) {
        const other = this.#ownerOf(step);
        if (other !== ABSENT) return [other, element];
        this.#owner[step] = element;
      }
    }
    return undefined;
  }

  #cut({ nextLast, removeFirst }: Windows): [number, number] | undefined {
    const uncut = { nextLast: Int32Array.from(nextLast), removeFirst: Int32Array.from(removeFirst) };
    for (let element = 0; element < nextLast.length; element++) {
      const [from, to] = [uncut.removeFirst[element] ?? 0, uncut.nextLast[element] ?? 0];
      if (to < from) continue;
      const before = this.#ownerOf(from - 1);
      if (before !== ABSENT && before === this.#ownerOf(to)) return [before, element];
      const early = this.#around(from);
      const late = this.#around(to);
      if (early !== ABSENT) removeFirst[element] = uncut.removeFirst[early] ?? 0;
      if (late !== ABSENT) nextLast[element] = uncut.nextLast[late] ?? 0;
    }
    return undefined;
  }

  /** The element that is first both before and after the moment. */
  #around(moment: number): number {
    const owner = this.#ownerOf(moment);
    return owner === this.#ownerOf(moment - 1) ? owner : ABSENT;
  }

  /** The elements whose time as the first cut this one's windows. */
  around(element: number): number[] {
    if (this.#owner.length === 0) return [];
    const { nextLast, removeFirst } = windowsOf(this.#contents);
    const owners = [this.#around(nextLast[element] ?? 0), this.#around(removeFirst[element] ?? 0)];
    return owners.filter((owner) => owner !== ABSENT && owner !== element);
  }
}
