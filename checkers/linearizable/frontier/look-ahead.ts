/**
 * What the whole history tells about an object that holds one value, before any search: who writes each value, and until when it
 * is read. For models that describe their operations by what they need and leave (`Model.cell`).
 *
 * - A value that nobody needs, or needs to be absent, is as good as any other such value: calls that leave one are of one class.
 * - A value that is written once never comes back. It must stay until all completed calls that need it have been invoked; and if one of these
 *   changes the value, it is that one that ends its time. After that the value is *spent*: as good as one that nobody needs.
 * - So it is no loss to have written such a value: where it is not there any more, all who needed it have had it (configuration.ts).
 * - A completed call that needs a value that was certainly gone before can never take effect: no order gets past its return.
 */
import type { Json } from '../../../harness/json.ts';
import { guarded } from '../../models/guard.ts';
import type { CellAccess } from '../../models/model.ts';
import type { Calls } from '../calls.ts';
import type { StateMachine } from '../state-machine.ts';

const NO_VALUE = -1;
const NO_CLASS = -1;
const NO_STATE = -1;

/** A class's access, with values by number. */
interface Access {
  readonly needs: number;
  readonly leaves: number;
}

/** How one value is used, over the whole history. */
interface Use {
  readonly value: number;
  /** How often it comes about: written, or there at first. */
  written: number;
  /** Some call needs it, or it was there at first. */
  matters: boolean;
  /** Some call needs it to be absent. */
  isLacked: boolean;
  /** Returns that must be passed before the last completed call that needs it is invoked. */
  neededUntil: number;
  /** The classes of completed calls that need it and change it, if it is one call: how many there are. */
  changers: number;
  changerClass: number;
  /** Crashed calls need it and may or may not change it. */
  mayBeChanged: boolean;
  /** Position of the last return of a call, among those invoked so far, that leaves it; before everything for the first value. */
  lastReturn: number;
}

/** Of the calls that have returned, when the last began, and the last of those that left or found another value than it. */
class LatestCalls {
  #value = NO_VALUE;
  #begun = -Infinity;
  #begunOther = -Infinity;

  add(value: number, begun: number): void {
    if (value === NO_VALUE) return;
    if (value === this.#value) {
      this.#begun = Math.max(this.#begun, begun);
    } else if (begun > this.#begun) {
      [this.#value, this.#begun, this.#begunOther] = [value, begun, this.#begun];
    } else {
      this.#begunOther = Math.max(this.#begunOther, begun);
    }
  }

  /** When the last of them began that left or found another value than this. */
  latestBut(value: number): number {
    return value === this.#value ? this.#begunOther : this.#begun;
  }
}

/** What is known in advance. Where the model does not describe its operations, nothing is. */
export class LookAhead {
  /** The class of each call, with those that make no difference being one. */
  readonly classes: Int32Array;
  /** Positions from which on no order goes further: a call that can never take effect returns there. */
  barrier = Infinity;
  readonly #machine: StateMachine;
  readonly #calls: Calls;
  /** By class, where all classes are described. */
  readonly #accesses: (Access | undefined)[] = [];
  readonly #uses = new Map<number, Use>();
  readonly #useByState: (Use | null | undefined)[] = [];
  /** The state that stands for every state whose value does not matter, or does not matter any more. */
  #spent = NO_STATE;
  /** Some call needs a value to be absent. */
  #hasLacks = false;
  readonly #isOn: boolean;

  /** `events`: a call for an invocation, its complement for a return, in order of time. */
  constructor(calls: Calls, machine: StateMachine, events: Int32Array, isOn: boolean) {
    this.#calls = calls;
    this.#machine = machine;
    const classes = machine.classesOf(calls);
    this.classes = classes;
    this.#isOn = isOn && machine.model.cell !== undefined && this.#describe(classes);
    if (!this.#isOn) return;
    this.#countUses(events);
    this.classes = this.#merge(classes);
    this.#spent = this.#makeSpent();
  }

  /** Whether a call of that class may take effect in that state when so many returns are passed, as far as the future tells. */
  admits(state: number, operationClass: number, position: number): boolean {
    if (!this.#isOn) return true;
    const use = this.#useOf(state);
    if (use === undefined || use.written !== 1) return true;
    const access = this.#accesses[operationClass];
    if (access === undefined || access.leaves === NO_VALUE || this.#uses.get(access.leaves) === use)
      return true;
    if (position < use.neededUntil) return false;
    return use.changers !== 1 || use.changerClass === operationClass;
  }

  /** The state, or the one that stands for it: whatever is possible in one when so many returns are passed is possible in the other. */
  normal(state: number, position: number): number {
    if (!this.#isOn) return state;
    const use = this.#useOf(state);
    if (use === undefined || use.isLacked) return state;
    const isOver =
      use.written === 1 && position >= use.neededUntil && use.changers === 0 && !use.mayBeChanged;
    return isOver || !use.matters ? this.#spent : state;
  }

  /**
   * Whether calls of that class leave a value that is written once, and that everybody who needs it has had when it is gone. (Not so
   * if a crashed call may change it: who has it still to come may use that call, and who has had it may not. Nor where some call needs
   * a value to be absent: who has the write still to come can make it so.)
   */
  isOnce(operationClass: number): boolean {
    const leaves = this.#accesses[operationClass]?.leaves ?? NO_VALUE;
    if (!this.#isOn || leaves === NO_VALUE) return false;
    const use = this.#use(leaves);
    if (this.#hasLacks || use.mayBeChanged) return false;
    return use.written === 1 || !use.matters;
  }

  /** Understands every class; false if one is not described. */
  #describe(classes: Int32Array): boolean {
    for (let call = 0; call < classes.length; call++) {
      const operationClass = classes[call] ?? 0;
      if (this.#accesses[operationClass] !== undefined) continue;
      const operation = this.#calls.operation(call);
      const access = guarded(this.#machine.model, 'cell', operation, () =>
        this.#machine.model.cell?.(operation),
      );
      if (access === undefined) return false;
      this.#accesses[operationClass] = this.#numbered(access);
    }
    return true;
  }

  #numbered({ needs, lacks, leaves }: CellAccess): Access {
    const idOf = (value: Json | undefined): number =>
      value === undefined ? NO_VALUE : this.#calls.values.idOf(value);
    if (lacks !== undefined) {
      this.#use(idOf(lacks)).isLacked = true;
      this.#hasLacks = true;
    }
    return { needs: idOf(needs), leaves: idOf(leaves) };
  }

  #use(value: number): Use {
    let use = this.#uses.get(value);
    if (use === undefined) {
      use = {
        value,
        written: 0,
        matters: false,
        isLacked: false,
        neededUntil: 0,
        changers: 0,
        changerClass: NO_CLASS,
        mayBeChanged: false,
        lastReturn: -Infinity,
      };
      this.#uses.set(value, use);
    }
    return use;
  }

  #countUses(events: Int32Array): void {
    const first = this.#use(this.#calls.values.idOf(this.#machine.initialValue as Json));
    first.written++;
    first.matters = true;
    first.lastReturn = -1;
    let position = 0;
    for (const event of events) {
      if (event < 0) position++;
      else this.#countCall(event, position);
    }
    this.#findBarrier(events);
  }

  #countCall(call: number, position: number): void {
    const operationClass = this.classes[call] ?? 0;
    const { needs, leaves } = this.#accesses[operationClass] ?? { needs: NO_VALUE, leaves: NO_VALUE };
    if (leaves !== NO_VALUE) this.#use(leaves).written++;
    if (needs === NO_VALUE) return;
    const use = this.#use(needs);
    use.matters = true;
    if (this.#calls.hasCrashed(call)) {
      use.mayBeChanged = true;
      return;
    }
    use.neededUntil = position;
    if (leaves === NO_VALUE || leaves === needs) return;
    use.changers++;
    use.changerClass = operationClass;
  }

  /**
   * A call cannot find a value that was certainly gone before it began: some call that left or found another value began after everybody who
   * writes the value had returned, and itself returned before. (Nobody writes it at all: the same with nobody.)
   */
  #findBarrier(events: Int32Array): void {
    const { invoked, returned } = this.#calls.columns;
    const others = new LatestCalls();
    const goneSince = new Map<number, number>();
    let position = 0;
    for (const event of events) {
      const call = event < 0 ? ~event : event;
      const { needs, leaves } = this.#accesses[this.classes[call] ?? 0] ?? {
        needs: NO_VALUE,
        leaves: NO_VALUE,
      };
      if (event >= 0) {
        if (needs !== NO_VALUE) goneSince.set(call, others.latestBut(needs));
        if (leaves !== NO_VALUE)
          this.#use(leaves).lastReturn = Math.max(this.#use(leaves).lastReturn, returned[call] ?? 0);
        continue;
      }
      if (needs !== NO_VALUE && this.#use(needs).lastReturn <= (goneSince.get(call) ?? -Infinity)) {
        this.barrier = position;
        return;
      }
      goneSince.delete(call);
      others.add(leaves === NO_VALUE ? needs : leaves, invoked[call] ?? 0);
      position++;
    }
  }

  /** One class for all calls that need the same and leave something that does not matter. */
  #merge(classes: Int32Array): Int32Array {
    const representatives = new Map<number, number>();
    return classes.map((operationClass, call) => {
      const { needs, leaves } = this.#accesses[operationClass] ?? { needs: NO_VALUE, leaves: NO_VALUE };
      if (leaves === NO_VALUE || this.#isMattering(leaves)) return operationClass;
      const isCrashed = this.#calls.hasCrashed(call) ? 1 : 0;
      const name = 2 * needs + isCrashed;
      const representative = representatives.get(name) ?? operationClass;
      representatives.set(name, representative);
      return representative;
    });
  }

  #isMattering(value: number): boolean {
    const use = this.#use(value);
    return use.matters || use.isLacked;
  }

  /** The use of the state's value; undefined for the state that stands for all that do not matter. */
  #useOf(state: number): Use | undefined {
    const known = this.#useByState[state];
    if (known !== undefined) return known ?? undefined;
    const value = this.#machine.valueOf(state);
    const use = value === undefined ? undefined : this.#uses.get(this.#calls.values.idOf(value as Json));
    this.#useByState[state] = use ?? null;
    return use;
  }

  /** A state with a value that nobody in this history has to do with. */
  #makeSpent(): number {
    let nobodys: Json = ['spent'];
    while (this.#calls.values.has(nobodys)) nobodys = [nobodys];
    return this.#machine.stateOf(nobodys);
  }
}
