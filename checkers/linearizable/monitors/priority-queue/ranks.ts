/**
 * The elements of a priority queue by their size.
 */
import { show } from '../../../models/model.ts';
import type { Contents } from '../container/contents.ts';
import { orderBy } from '../order.ts';

const SORTABLE_MAX = 2 ** 31;

/** Why the elements cannot be ordered: one of them is no number. */
export function notANumber({ calls, elements }: Contents): string | undefined {
  for (const value of elements.value) {
    const element = calls.values.at(value);
    if (typeof element !== 'number') return `${show(element)} is no number`;
  }
  return undefined;
}

/** The elements, the greatest first. */
export function greatestFirst({ calls, elements }: Contents): Int32Array {
  const sizes = new Float64Array(elements.length);
  let areSortable = true;
  for (let element = 0; element < sizes.length; element++) {
    const size = Number(calls.values.at(elements.value[element] ?? 0));
    sizes[element] = size;
    areSortable &&= Number.isInteger(size) && size >= 0 && size < SORTABLE_MAX;
  }
  if (areSortable) return orderBy(new Int32Array(sizes)).reverse();
  const order = new Int32Array(sizes.length);
  for (let element = 0; element < sizes.length; element++) order[element] = element;
  return order.sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
}
