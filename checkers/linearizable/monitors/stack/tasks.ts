/**
 * What must be possible for each element of a stack before it can be peeled: its insert, its remove and its peeks, each at one
 * moment of its own at which no other element is certainly there.
 *
 * An element whose insert and remove can share a moment is pushed, seen and popped at once, on top of whatever is there. It is in
 * nobody's way, and has no tasks.
 */
import { ABSENT } from '../../calls.ts';
import { SightingsByElement, type Contents, type Windows } from '../container/contents.ts';
import { orderByMoment } from '../container/moments.ts';
import { SegmentTree } from '../segment-tree.ts';

/** The tasks, those of one element in a row: its insert, its remove, and its peeks by time. */
export class StackTasks {
  readonly length: number;
  readonly element: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** The peek; ABSENT for inserts and removes. */
  readonly sighting: Int32Array;
  /** The moment at which the task was found to be possible; ABSENT until then. */
  readonly moment: Int32Array;
  /** How many of an element's tasks were not yet found to be possible. */
  readonly open: Int32Array;
  /** The first task of each element, and an end. */
  readonly #starts: Int32Array;
  /** Tasks by their first moments, and in the tree their last moments with the sign turned: small numbers are late. */
  readonly #byFirst: Int32Array;
  readonly #lasts: SegmentTree;
  /** The same for the peeks of each element alone; undefined if there are none. */
  readonly #ownLasts: SegmentTree | undefined;

  constructor({ elements, sightings, end }: Contents, { insertLast, removeFirst }: Windows) {
    const capacity = 2 * elements.length + sightings.length;
    this.element = new Int32Array(capacity);
    this.first = new Int32Array(capacity);
    this.last = new Int32Array(capacity);
    this.sighting = new Int32Array(capacity).fill(ABSENT);
    this.moment = new Int32Array(capacity).fill(ABSENT);
    this.open = new Int32Array(elements.length);
    this.#starts = new Int32Array(elements.length + 1);
    const seen = new SightingsByElement({ elements, sightings });
    let length = 0;
    const add = (element: number, first: number, last: number, sighting: number): void => {
      this.element[length] = element;
      this.first[length] = first;
      this.last[length] = last;
      this.sighting[length++] = sighting;
    };
    for (let element = 0; element < elements.length; element++) {
      this.#starts[element] = length;
      const [comes, goes] = [elements.insertFirst[element] ?? 0, elements.removeLast[element] ?? 0];
      if ((insertLast[element] ?? 0) >= (removeFirst[element] ?? 0)) continue;
      add(element, comes, insertLast[element] ?? 0, ABSENT);
      add(element, removeFirst[element] ?? 0, goes, ABSENT);
      for (const sighting of seen.of(element)) {
        const first = Math.max(comes, sightings.first[sighting] ?? 0);
        add(element, first, Math.min(goes, sightings.last[sighting] ?? 0), sighting);
      }
      this.open[element] = length - (this.#starts[element] ?? 0);
    }
    this.#starts[elements.length] = length;
    this.length = length;
    this.#byFirst = orderByMoment(this.first.subarray(0, length), end);
    this.#lasts = new SegmentTree(this.#byFirst.map((task) => -(this.last[task] ?? 0)));
    this.#ownLasts = this.sighting.some((sighting) => sighting !== ABSENT) ? this.#peekLasts() : undefined;
  }

  #peekLasts(): SegmentTree {
    const lasts = this.sighting.map((sighting, task) =>
      sighting === ABSENT ? SegmentTree.NEVER_SMALL : -(this.last[task] ?? 0),
    );
    return new SegmentTree(lasts);
  }

  /** Whether any element was peeked at. */
  get havePeeks(): boolean {
    return this.#ownLasts !== undefined;
  }

  /** The tasks of the element are from `startOf(element)` up to `startOf(element + 1)`. */
  startOf(element: number): number {
    return this.#starts[element] ?? this.length;
  }

  /** Does all open tasks that the moment allows, where no element is certainly there. Calls back for elements that have none left. */
  doAll(moment: number, onFinished: (element: number) => void): void {
    for (;;) {
      const place = this.#lasts.leftmost(-moment);
      const task = this.#byFirst[place] ?? ABSENT;
      if (place === -1 || (this.first[task] ?? 0) > moment) return;
      this.#lasts.remove(place);
      this.#finish(task, moment, onFinished);
    }
  }

  /** Does the open peeks of an element that the moment allows, where only this element is certainly there. */
  doPeeks(element: number, moment: number, onFinished: (element: number) => void): void {
    while ((this.open[element] ?? 0) > 0) {
      const task = this.#ownLasts?.leftmostFrom(this.startOf(element), -moment) ?? -1;
      if (task === -1 || task >= this.startOf(element + 1) || (this.first[task] ?? 0) > moment) return;
      this.#ownLasts?.remove(task);
      this.#finish(task, moment, onFinished);
    }
  }

  #finish(task: number, moment: number, onFinished: (element: number) => void): void {
    if (this.moment[task] !== ABSENT) return;
    this.moment[task] = moment;
    const element = this.element[task] ?? 0;
    const open = (this.open[element] ?? 0) - 1;
    this.open[element] = open;
    if (open === 0) onFinished(element);
  }
}
