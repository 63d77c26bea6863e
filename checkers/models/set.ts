/**
 * A set: elements added, removed, asked for one at a time or read all at once. Without whole reads each element
 * is an object of its own, and the history is split by element.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, equal, type Json } from '../../harness/json.ts';
import { growOnlySetMonitor } from '../linearizable/monitors/set/grow-only.ts';
import { setMonitor } from '../linearizable/monitors/set/monitor.ts';
import { defineModel, show } from './model.ts';

/** Canonical elements in order, each once. */
type Elements = readonly string[];

const elementsOf = (list: readonly Json[]): Elements => [...new Set(list.map(canonical))].sort();
const same = (a: Elements, b: Elements): boolean =>
  a.length === b.length && a.every((item, at) => item === b[at]);

function whole(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new UsageError(`a set is written as a list of its elements such as [1, 2], not ${show(value)}`);
}

/** The model of a set; starts with the elements of the list `init`, or empty. A read gives them in any order. */
export const set = defineModel<Elements>({
  name: 'set',
  summary: 'a set: add, remove, contains, read',
  operations: {
    add: 'adds an element',
    remove: 'removes an element',
    contains: 'gives true or false for an element',
    read: 'gives all elements as a list',
  },
  init: (value = null) => (value === null ? [] : elementsOf(whole(value))),
  step(elements, { f, argument, result }) {
    if (f === 'read') {
      return result === undefined || same(elements, elementsOf(whole(result))) ? elements : undefined;
    }
    const element = canonical(argument);
    const present = elements.includes(element);
    if (f === 'contains') return result === undefined || result === present ? elements : undefined;
    if (f === 'add') return present ? elements : [...elements, element].sort();
    return present ? elements.filter((other) => other !== element) : elements;
  },
  key: (elements) => elements.join(' '),
  pure: ({ f }) => f === 'read' || f === 'contains',
  commutes: (a, b) => a.f !== 'read' && b.f !== 'read' && !equal(a.argument, b.argument),
  partition: ({ f, argument }) => (f === 'read' ? undefined : argument),
  monitors: [
    setMonitor({ add: ['add'], remove: ['remove'], contains: ['contains'] }),
    growOnlySetMonitor({ add: ['add'], read: ['read'] }),
  ],
  describeState: (elements) => `{${elements.join(', ')}}`,
});
