/**
 * From calls to what the object held: inserts, removes and sightings are matched by their element. Where an element is inserted
 * twice nobody knows which of the two was removed, and the monitors do not apply. Histories that contradict themselves already here
 * (an element out of nowhere, one removed twice) are found to be wrong.
 *
 * A crashed insert whose element was never seen is left out: whatever order has it, it and all that was done to it by
 * crashed removes can be taken out again. Crashed peeks say nothing.
 */
import type { Json } from '../../../../harness/json.ts';
import { show } from '../../../models/model.ts';
import { ABSENT, NEVER, type Calls } from '../../calls.ts';
import { NIL } from '../../values.ts';
import type { MonitorVerdict } from '../monitor.ts';
import { nameOf } from './conflict.ts';
import { newElements, newSightings, type Contents, type Elements, type Takers } from './contents.ts';
import { momentsOf, type Moments } from './moments.ts';

/** What a model calls its operations. */
export interface ContainerNames {
  readonly insert: readonly string[];
  /** Gives the element that it removed, or nil if there was none. */
  readonly remove: readonly string[];
  /** Gives the element that a remove would give, or nil if there is none. */
  readonly peek?: readonly string[];
}

const INSERT = 1;
const REMOVE = 2;
const PEEK = 3;

/**
 * What is known of a value while its calls are being matched: nothing, or that it was seen, or its element, from FIRST_ELEMENT
 * up if it was seen and from -1 down if it was not.
 */
const UNKNOWN = 0;
const SEEN = 1;
const FIRST_ELEMENT = 2;

/** By number of value; kept between histories, because a part of a history has few of the values that all its parts share. */
let knowledge = new Int32Array(0);

/** The first state as a list of elements; undefined if it is no such list. */
function elementsOf(initial: unknown): readonly Json[] | undefined {
  return Array.isArray(initial) ? (initial as readonly Json[]) : undefined;
}

/** What the object held, or the verdict where that can be told already, or cannot be told at all. */
export function readContents(
  calls: Calls,
  initial: unknown,
  names: ContainerNames,
): Contents | MonitorVerdict {
  const roles = rolesOf(calls.functions, names);
  const first = elementsOf(initial)?.map((element) => calls.values.idOf(element));
  if (first === undefined) return { valid: 'inapplicable', why: 'the first state is no list of elements' };
  if (knowledge.length < calls.values.size) knowledge = new Int32Array(2 * calls.values.size);
  try {
    return new Reading(calls, roles, first).read();
  } finally {
    for (const value of first) knowledge[value] = UNKNOWN;
    for (let call = 0; call < calls.length; call++) {
      knowledge[calls.columns.argument[call] ?? 0] = UNKNOWN;
      const result = calls.columns.result[call] ?? ABSENT;
      if (result !== ABSENT) knowledge[result] = UNKNOWN;
    }
  }
}

function rolesOf(functions: readonly string[], { insert, remove, peek = [] }: ContainerNames): Uint8Array {
  return Uint8Array.from(functions, (f) => {
    if (insert.includes(f)) return INSERT;
    if (remove.includes(f)) return REMOVE;
    return peek.includes(f) ? PEEK : UNKNOWN;
  });
}

/** Reads one history. */
class Reading {
  readonly #calls: Calls;
  readonly #roles: Uint8Array;
  readonly #first: readonly number[];
  readonly #moments: Moments;
  #inserts = 0;
  #seen = 0;
  #crashed = 0;

  constructor(calls: Calls, roles: Uint8Array, first: readonly number[]) {
    this.#calls = calls;
    this.#roles = roles;
    this.#first = first;
    this.#moments = momentsOf(calls, first.length);
  }

  read(): Contents | MonitorVerdict {
    const refused = this.#look();
    if (refused !== undefined) return refused;
    const elements = this.#insertAll();
    if ('valid' in elements) return elements;
    const sightings = newSightings(this.#seen);
    const takers = this.#takers();
    const contents = { calls: this.#calls, elements, sightings, takers, end: this.#moments.end };
    return this.#observeAll(contents) ?? wrongSighting(contents) ?? contents;
  }

  /** Looks at every call once: what it is, and which values were seen. */
  #look(): MonitorVerdict | undefined {
    const { f, argument, result, returned } = this.#calls.columns;
    for (let call = 0; call < this.#calls.length; call++) {
      const role = this.#roles[f[call] ?? 0];
      if (role === UNKNOWN) return inapplicable(`it does not know ${nameOf({ calls: this.#calls }, call)}`);
      if (role === INSERT) {
        if (argument[call] === NIL) return inapplicable('nil is no element');
        this.#inserts++;
      } else if (returned[call] === NEVER) {
        if (role === REMOVE) this.#crashed++;
      } else {
        if (role === PEEK || result[call] === NIL) this.#seen++;
        knowledge[result[call] ?? NIL] = SEEN;
      }
    }
    return undefined;
  }

  #insertAll(): Elements | MonitorVerdict {
    const { f, argument, returned } = this.#calls.columns;
    const inserts = new Int32Array(this.#first.length + this.#inserts).fill(ABSENT);
    let count = this.#first.length;
    for (let call = 0; call < this.#calls.length; call++) {
      if (this.#roles[f[call] ?? 0] !== INSERT) continue;
      const isNeeded = returned[call] !== NEVER || (knowledge[argument[call] ?? 0] ?? 0) > UNKNOWN;
      if (isNeeded) inserts[count++] = call;
    }
    const elements = newElements(count);
    for (let element = 0; element < count; element++) {
      const call = inserts[element] ?? ABSENT;
      const value = (call === ABSENT ? this.#first[element] : argument[call]) ?? NIL;
      if (value === NIL) return inapplicable('nil is no element');
      const known = knowledge[value] ?? UNKNOWN;
      if (known !== UNKNOWN && known !== SEEN) {
        return inapplicable(`${show(this.#calls.values.at(value))} is inserted twice`);
      }
      knowledge[value] = known === SEEN ? FIRST_ELEMENT + element : -1 - element;
      this.#insert(elements, element, value, call);
    }
    return elements;
  }

  #insert(elements: Elements, element: number, value: number, call: number): void {
    elements.value[element] = value;
    elements.insert[element] = call;
    elements.insertFirst[element] = call === ABSENT ? element : (this.#moments.first[call] ?? 0);
    elements.insertLast[element] = call === ABSENT ? element : (this.#moments.last[call] ?? 0);
    elements.removeFirst[element] = this.#moments.end;
    elements.removeLast[element] = this.#moments.end;
  }

  #takers(): Takers {
    const { f, returned } = this.#calls.columns;
    const takers = {
      length: this.#crashed,
      call: new Int32Array(this.#crashed),
      first: new Int32Array(this.#crashed),
    };
    let taker = 0;
    for (let call = 0; taker < takers.length && call < this.#calls.length; call++) {
      if (returned[call] !== NEVER || this.#roles[f[call] ?? 0] !== REMOVE) continue;
      takers.call[taker] = call;
      takers.first[taker++] = this.#moments.first[call] ?? 0;
    }
    return takers;
  }

  /** Matches removes and peeks with the elements that they gave. */
  #observeAll({ elements, sightings }: Contents): MonitorVerdict | undefined {
    const { f, result, returned } = this.#calls.columns;
    const { first, last } = this.#moments;
    let sighting = 0;
    for (let call = 0; call < this.#calls.length; call++) {
      const role = this.#roles[f[call] ?? 0];
      if (role === INSERT || returned[call] === NEVER) continue;
      const value = result[call] ?? NIL;
      const element = value === NIL ? ABSENT : (knowledge[value] ?? UNKNOWN) - FIRST_ELEMENT;
      if (value !== NIL && element < 0) return outOfNowhere(this.#calls, call);
      if (role === PEEK || value === NIL) {
        sightings.call[sighting] = call;
        sightings.element[sighting] = element;
        sightings.first[sighting] = first[call] ?? 0;
        sightings.last[sighting++] = last[call] ?? 0;
        continue;
      }
      if (elements.remove[element] !== ABSENT) return removedTwice(this.#calls, elements, element, call);
      elements.remove[element] = call;
      elements.removeFirst[element] = first[call] ?? 0;
      elements.removeLast[element] = last[call] ?? 0;
      if ((last[call] ?? 0) < (elements.insertFirst[element] ?? 0)) {
        return tooEarly(this.#calls, elements, element, call);
      }
    }
    return undefined;
  }
}

function resultOf({ values, columns }: Calls, call: number): string {
  return show(values.at(columns.result[call] ?? NIL));
}

function inapplicable(why: string): MonitorVerdict {
  return { valid: 'inapplicable', why };
}

function contradiction(conflict: readonly number[], reason: string): MonitorVerdict {
  const calls = conflict.filter((call) => call !== ABSENT).sort((a, b) => a - b);
  return { valid: false, conflict: calls, reason };
}

function outOfNowhere(calls: Calls, call: number): MonitorVerdict {
  return contradiction(
    [call],
    `${nameOf({ calls }, call)} gave ${resultOf(calls, call)}, which was never inserted`,
  );
}

function removedTwice(
  calls: Calls,
  { insert, remove }: Elements,
  element: number,
  call: number,
): MonitorVerdict {
  const conflict = [insert[element] ?? ABSENT, remove[element] ?? ABSENT, call];
  return contradiction(conflict, `${resultOf(calls, call)} was inserted once and removed twice`);
}

function tooEarly(calls: Calls, { insert }: Elements, element: number, call: number): MonitorVerdict {
  const reason = `${nameOf({ calls }, call)} gave ${resultOf(calls, call)} before it was inserted`;
  return contradiction([insert[element] ?? ABSENT, call], reason);
}

/** A peek that saw an element before it came, or after it had gone. */
function wrongSighting({ calls, elements, sightings }: Contents): MonitorVerdict | undefined {
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    const element = sightings.element[sighting] ?? ABSENT;
    if (element === ABSENT) continue;
    const call = sightings.call[sighting] ?? 0;
    if ((sightings.last[sighting] ?? 0) < (elements.insertFirst[element] ?? 0)) {
      return tooEarly(calls, elements, element, call);
    }
    if ((sightings.first[sighting] ?? 0) > (elements.removeLast[element] ?? 0)) {
      const conflict = [elements.insert[element] ?? ABSENT, elements.remove[element] ?? ABSENT, call];
      return contradiction(
        conflict,
        `${nameOf({ calls }, call)} gave ${resultOf(calls, call)} after it was removed`,
      );
    }
  }
  return undefined;
}
