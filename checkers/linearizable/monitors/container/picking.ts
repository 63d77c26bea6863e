/**
 * Contents made from others: some of the elements alone, or the same elements where crashed removes took some of them.
 */
import { ABSENT } from '../../calls.ts';
import { orderBy } from '../order.ts';
import { newElements, newSightings, type Contents, type Elements, type Sightings } from './contents.ts';

/** The contents in which crashed removes took these elements, each at any moment from its invocation on. */
export function withTaken(
  contents: Contents,
  taken: Iterable<readonly [element: number, taker: number]>,
): Contents {
  const { elements, takers } = contents;
  const remove = Int32Array.from(elements.remove);
  const removeFirst = Int32Array.from(elements.removeFirst);
  for (const [element, taker] of taken) {
    remove[element] = takers.call[taker] ?? 0;
    removeFirst[element] = takers.first[taker] ?? 0;
  }
  return { ...contents, elements: { ...elements, remove, removeFirst } };
}

/** The contents with these elements and sightings only, and with the moments that matter to them. */
export function pickContents(
  contents: Contents,
  elements: readonly number[],
  sightings: readonly number[],
): Contents {
  const places = new Map(elements.map((element, place) => [element, place]));
  places.set(ABSENT, ABSENT);
  const seen = sightings.filter((sighting) => places.has(contents.sightings.element[sighting] ?? ABSENT));
  const picked: Contents = {
    ...contents,
    elements: pickColumns(contents.elements, newElements(elements.length), elements),
    sightings: pickColumns(contents.sightings, newSightings(seen.length), seen),
    takers: { ...contents.takers, first: Int32Array.from(contents.takers.first) },
  };
  for (let place = 0; place < seen.length; place++) {
    picked.sightings.element[place] = places.get(picked.sightings.element[place] ?? ABSENT) ?? ABSENT;
  }
  return { ...picked, end: renumber(picked) };
}

function pickColumns<Columns extends Elements | Sightings>(
  from: Columns,
  to: Columns,
  rows: readonly number[],
): Columns {
  for (const name of Object.keys(to) as (keyof Columns)[]) {
    const source = from[name];
    const target = to[name];
    if (!(source instanceof Int32Array) || !(target instanceof Int32Array)) continue;
    for (let place = 0; place < rows.length; place++) target[place] = source[rows[place] ?? 0] ?? 0;
  }
  return to;
}

/** Counts the moments anew, without those at which nothing begins or ends; the answer is the new `end`. */
function renumber({ elements, sightings, takers, end }: Contents): number {
  const { insertFirst, insertLast, removeFirst, removeLast } = elements;
  const columns = [
    insertFirst,
    insertLast,
    removeFirst,
    removeLast,
    sightings.first,
    sightings.last,
    takers.first,
  ];
  const all = new Int32Array(1 + columns.reduce((sum, column) => sum + column.length, 0));
  all[0] = end;
  let filled = 1;
  for (const column of columns) {
    all.set(column, filled);
    filled += column.length;
  }
  const numbers = new Int32Array(all.length);
  let number = -1;
  let previous = -1;
  for (const place of orderBy(all)) {
    if (all[place] !== previous) number++;
    previous = all[place] ?? 0;
    numbers[place] = number;
  }
  filled = 1;
  for (const column of columns) {
    column.set(numbers.subarray(filled, filled + column.length));
    filled += column.length;
  }
  return numbers[0] ?? 0;
}
