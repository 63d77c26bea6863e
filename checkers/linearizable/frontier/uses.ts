/**
 * How the values of an object that holds one value are used, over a whole history: who leaves each, who needs it, until when. For
 * models that describe their operations by what they need and leave (`Model.cell`). What follows from it is in look-ahead.ts.
 */
import type { Json } from '../../../harness/json.ts';
import { guarded } from '../../models/guard.ts';
import type { CellAccess } from '../../models/model.ts';
import { type Calls, NEVER } from '../calls.ts';
import type { StateMachine } from '../state-machine.ts';

/** What no value is. */
export const NO_VALUE = -1;
const NO_CLASS = -1;
const UNKNOWN = -1;

/** What calls of a class need and leave, with values by number. */
export interface Access {
  readonly needs: number;
  readonly leaves: number;
  /** The use of what they leave; undefined if they leave nothing. */
  readonly left: Use | undefined;
}

const NO_ACCESS: Access = { needs: NO_VALUE, leaves: NO_VALUE, left: undefined };

/** How one value is used. */
export interface Use {
  readonly value: number;
  /** How often it comes about: written, or there at first. */
  written: number;
  /** Some call needs it, or it was there at first. */
  matters: boolean;
  /** Some completed call needs it. */
  isFound: boolean;
  /** Some call needs it to be absent. */
  isLacked: boolean;
  /** Returns that must be passed before the last completed call that needs it is invoked. */
  neededUntil: number;
  /** The completed calls that need it and change it: how many there are, and the class of one. */
  changers: number;
  changerClass: number;
  /** Crashed calls need it and may or may not change it. */
  mayBeChanged: boolean;
  /**
   * Returns after which nobody who is still to be invoked needs it or what it is changed to, and so on. NEVER if it is written
   * several times, or if it is not certain who changes it.
   */
  settledAt: number;
}

/** The uses of all values. */
export class Uses {
  /** Some call needs a value to be absent. */
  hasLacks = false;
  readonly #calls: Calls;
  readonly #accesses: Access[] = [];
  readonly #uses = new Map<number, Use>();

  private constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * The uses by calls of these classes; undefined if the model does not describe one of them. `events`: a call for an invocation,
   * its complement for a return, in order of time.
   */
  static count(
    calls: Calls,
    machine: StateMachine,
    classes: Int32Array,
    events: Int32Array,
  ): Uses | undefined {
    const uses = new Uses(calls);
    if (machine.model.cell === undefined || !uses.#describe(machine, classes)) return undefined;
    const first = uses.of(calls.values.idOf(machine.initialValue as Json));
    first.written++;
    first.matters = true;
    let position = 0;
    for (const event of events) {
      if (event < 0) position++;
      else uses.#countCall(event, classes[event] ?? 0, position);
    }
    for (const use of uses.#uses.values()) uses.#settle(use);
    return uses;
  }

  /** What calls of a class need and leave. */
  access(operationClass: number): Access {
    return this.#accesses[operationClass] ?? NO_ACCESS;
  }

  /** The use of a value. */
  of(value: number): Use {
    let use = this.#uses.get(value);
    if (use === undefined) {
      use = {
        value,
        written: 0,
        matters: false,
        isFound: false,
        isLacked: false,
        neededUntil: 0,
        changers: 0,
        changerClass: NO_CLASS,
        mayBeChanged: false,
        settledAt: UNKNOWN,
      };
      this.#uses.set(value, use);
    }
    return use;
  }

  /** The use of a value that occurs; undefined if this one does not. */
  ofJson(value: Json): Use | undefined {
    return this.#uses.get(this.#calls.values.idOf(value));
  }

  /** Understands every class; false if one is not described. */
  #describe(machine: StateMachine, classes: Int32Array): boolean {
    for (let call = 0; call < classes.length; call++) {
      const operationClass = classes[call] ?? 0;
      if (this.#accesses[operationClass] !== undefined) continue;
      const operation = this.#calls.operation(call);
      const access = guarded(machine.model, 'cell', operation, () => machine.model.cell?.(operation));
      if (access === undefined) return false;
      this.#accesses[operationClass] = this.#numbered(access);
    }
    return true;
  }

  #numbered({ needs, lacks, leaves }: CellAccess): Access {
    const idOf = (value: Json | undefined): number =>
      value === undefined ? NO_VALUE : this.#calls.values.idOf(value);
    if (lacks !== undefined) {
      this.of(idOf(lacks)).isLacked = true;
      this.hasLacks = true;
    }
    return {
      needs: idOf(needs),
      leaves: idOf(leaves),
      left: leaves === undefined ? undefined : this.of(idOf(leaves)),
    };
  }

  #countCall(call: number, operationClass: number, position: number): void {
    const { needs, leaves, left } = this.access(operationClass);
    if (left !== undefined) left.written++;
    if (needs === NO_VALUE) return;
    const use = this.of(needs);
    use.matters = true;
    if (this.#calls.hasCrashed(call)) {
      use.mayBeChanged = true;
      return;
    }
    use.isFound = true;
    use.neededUntil = position;
    if (leaves === NO_VALUE || leaves === needs) return;
    use.changers++;
    use.changerClass = operationClass;
  }

  /** Finds out when a value is settled, and with it every value that it is changed to. */
  #settle(use: Use): void {
    const chain: Use[] = [];
    let next: Use | undefined = use;
    while (next?.settledAt === UNKNOWN) {
      // So much is said of a value that is changed to others and in the end to itself.
      next.settledAt = NEVER;
      chain.push(next);
      next = next.changers === 1 ? this.access(next.changerClass).left : undefined;
    }
    let settledAt = next?.settledAt ?? 0;
    for (const each of chain.reverse()) {
      settledAt = Math.max(settledAt, settledAlone(each));
      each.settledAt = settledAt;
    }
  }
}

/** When nobody needs the value itself any more. */
function settledAlone({ matters, written, mayBeChanged, changers, neededUntil }: Use): number {
  if (!matters) return 0;
  return written === 1 && !mayBeChanged && changers <= 1 ? neededUntil : NEVER;
}
