/**
 * One element of a set: it is in or it is out, add puts it in whether or not it was there, remove takes it out whether or not
 * it was there, contains looks. So there is hardly a thing that can be unique. See phases.ts for what decides: fast and
 * exact where few additions and removals overlap, as always where an element is added once and removed once. Where
 * very many overlap the monitor may find that it does not apply.
 */
import { canonical } from '../../../../harness/json.ts';
import type { Calls } from '../../calls.ts';
import { smallestConflict } from './conflict.ts';
import type { ElementCalls } from './element.ts';
import { decidePhases } from './phases.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';

/** What the model calls the functions. */
export interface SetFunctions {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly contains: readonly string[];
}

type Kind = keyof SetFunctions;

class SetCheck {
  readonly #calls: Calls;
  readonly #kinds: readonly (Kind | undefined)[];

  constructor(calls: Calls, names: SetFunctions) {
    const kinds = Object.keys(names) as Kind[];
    this.#calls = calls;
    this.#kinds = calls.functions.map((name) => kinds.find((kind) => names[kind].includes(name)));
  }

  run(isElementFirst: (element: string) => boolean): MonitorVerdict {
    const { length, values, columns } = this.#calls;
    const { argument, f, result, invoked, returned } = columns;
    const values01 = new Uint8Array(length);
    const writes = new Uint8Array(length);
    const required = new Uint8Array(length);
    for (let call = 0; call < length; call++) {
      const kind = this.#kinds[f[call] ?? 0];
      if (kind === undefined) {
        return { valid: 'inapplicable', why: `${this.#name(call)} is not about a single element` };
      }
      if (argument[call] !== argument[0]) return { valid: 'inapplicable', why: 'there are several elements' };
      required[call] = this.#calls.hasCrashed(call) ? 0 : 1;
      if (kind !== 'contains') {
        writes[call] = 1;
        values01[call] = kind === 'add' ? 1 : 0;
      } else if (required[call] === 1) {
        const found = values.at(result[call] ?? 0);
        if (typeof found !== 'boolean') return this.#neither(call);
        values01[call] = found ? 1 : 0;
      }
    }
    const isIn = length > 0 && isElementFirst(canonical(values.at(argument[0] ?? 0)));
    return this.#judge({ first: isIn ? 1 : 0, values: values01, writes, required, invoked, returned });
  }

  #name(call: number): string {
    return this.#calls.functions[this.#calls.columns.f[call] ?? 0] ?? '';
  }

  #neither(call: number): MonitorVerdict {
    return { valid: false, conflict: [call], reason: `${this.#name(call)} gives neither true nor false` };
  }

  #judge(element: ElementCalls): MonitorVerdict {
    const decided = decidePhases(element);
    if (decided.valid === 'inapplicable') return decided;
    if (decided.valid) return { valid: true, order: () => decided.order() };
    const conflict = smallestConflict(element, decided.at);
    return { valid: false, conflict, reason: this.#reason(element, conflict) };
  }

  #reason({ values }: ElementCalls, conflict: readonly number[]): string {
    const last = conflict.at(-1) ?? 0;
    const [is, not, by] = values[last] === 1 ? ['in', 'out', 'addition'] : ['out', 'in', 'removal'];
    const element = JSON.stringify(this.#calls.values.at(this.#calls.columns.argument[last] ?? 0));
    return (
      `the element ${element} must be ${is} at some moment of the last ${this.#name(last)}, but it was ${not} before, and no ` +
      `${by} was left that could have changed that in time`
    );
  }
}

/**
 * A monitor of one element of a set, for histories split by element. Its state is the list of the elements' canonical
 * texts.
 *
 * @example setMonitor({ add: ['add'], remove: ['remove'], contains: ['contains'] })
 */
export function setMonitor(functions: SetFunctions): Monitor {
  return {
    name: 'set-phases',
    check(calls, initial) {
      if (!Array.isArray(initial))
        return { valid: 'inapplicable', why: 'the first state is not a list of elements' };
      return new SetCheck(calls, functions).run((element) => initial.includes(element));
    },
  };
}
