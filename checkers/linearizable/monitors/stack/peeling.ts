/**
 * Peeling a stack from the bottom: in near-linear time, with a segment tree over the moments.
 *
 * An element can be at the bottom if its insert and its remove are possible at moments at which no other is certainly there, and
 * its peeks at moments at which none but itself is. Then it is taken away, which leaves others more moments. An element that can be
 * at the bottom never makes a difference to the others, and the one that is pushed first in any order can be; so peeling gets stuck if
 * and only if there is no order (Lee and Mathur 2025). Comparing elements in pairs is not enough.
 *
 * The tree holds for each moment by how many elements it is covered. Moments with none are taken out as they come up. So are those
 * with one, if there are peeks, which then cost one more to be noticed again when that element is gone too.
 */
import { ABSENT } from '../../calls.ts';
import type { Contents, Windows } from '../container/contents.ts';
import { Fenwick } from '../fenwick.ts';
import { SegmentTree } from '../segment-tree.ts';
import { StackTasks } from './tasks.ts';

/** The peeling of a stack, done on construction. */
export class Peeling {
  readonly tasks: StackTasks;
  /** Elements as they were peeled: the lowest first. Those without tasks are not among them. */
  readonly peeled: number[] = [];
  /** For each moment how many elements were peeled when it was found that none was left there; ABSENT if some always is. */
  readonly emptySince: Int32Array;
  readonly #windows: Windows;
  readonly #covers: SegmentTree;
  /** At a moment the sum of the numbers, counted from 1, of the elements that cover it: that of the one if there is one. */
  readonly #owners: Fenwick | undefined;
  readonly #isLone: Uint8Array;
  readonly #ready: number[] = [];

  constructor(contents: Contents, windows: Windows) {
    const { end } = contents;
    this.#windows = windows;
    this.tasks = new StackTasks(contents, windows);
    this.emptySince = new Int32Array(end + 1).fill(ABSENT);
    this.#isLone = new Uint8Array(end + 1);
    this.#owners = this.tasks.havePeeks ? new Fenwick(end + 1) : undefined;
    this.#covers = new SegmentTree(this.#count(contents.elements.length, end));
    this.#peel();
  }

  /** The elements that could not be peeled. */
  stuck(): number[] {
    const stuck: number[] = [];
    this.tasks.open.forEach((open, element) => {
      if (open > 0) stuck.push(element);
    });
    return stuck;
  }

  /** How many elements cover each moment. */
  #count(elements: number, end: number): Int32Array {
    const counts = new Int32Array(end + 2);
    for (let element = 0; element < elements; element++) {
      const [first, last] = this.#cover(element);
      if (first > last) continue;
      counts[first] = (counts[first] ?? 0) + 1;
      counts[last + 1] = (counts[last + 1] ?? 0) - 1;
      this.#owners?.add(first, last, element + 1);
    }
    for (let moment = 1; moment <= end; moment++) {
      counts[moment] = (counts[moment] ?? 0) + (counts[moment - 1] ?? 0);
    }
    return counts.subarray(0, end + 1);
  }

  #cover(element: number): readonly [first: number, last: number] {
    return [(this.#windows.insertLast[element] ?? 0) + 1, (this.#windows.removeFirst[element] ?? 0) - 1];
  }

  #peel(): void {
    const onFinished = (element: number): void => void this.#ready.push(element);
    const limit = this.#owners === undefined ? 0 : 1;
    for (;;) {
      for (let moment = this.#covers.leftmost(limit); moment !== -1; moment = this.#covers.leftmost(limit)) {
        this.#visit(moment, onFinished);
      }
      const element = this.#ready.pop();
      if (element === undefined) return;
      this.peeled.push(element);
      const [first, last] = this.#cover(element);
      this.#covers.add(first, last, -1);
      if (first <= last) this.#owners?.add(first, last, -1 - element);
    }
  }

  /** A moment that was covered by more elements when it was last looked at. */
  #visit(moment: number, onFinished: (element: number) => void): void {
    const owner = this.#isLone[moment] === 1 ? 0 : (this.#owners?.at(moment) ?? 0);
    if (owner > 0) {
      this.#isLone[moment] = 1;
      this.#covers.add(moment, moment, 1);
      this.tasks.doPeeks(owner - 1, moment, onFinished);
      return;
    }
    this.#covers.remove(moment);
    this.emptySince[moment] = this.peeled.length;
    this.tasks.doAll(moment, onFinished);
  }
}
