/**
 * What the whole history tells about an object that holds one value, before any search: who writes each value, and until when it
 * is read (uses.ts).
 *
 * - A value that nobody needs, or needs to be absent, is as good as any other such value: calls that leave one are of one class.
 * - A value that is written once never comes back. It must stay until all completed calls that need it have been invoked; and if one of these
 *   changes the value, it is that one that ends its time. After that the value is *spent*: as good as one that nobody needs.
 * - So it is no loss to have written such a value: where it is not there any more, all who needed it have had it (configuration.ts).
 * - And it must have been there if a completed call needs it: its write cannot have been overwritten unseen.
 * - A completed call that needs a value that was certainly gone before can never take effect: no order gets past its return (barrier.ts).
 *
 * It also tells which calls to try first. Where every value is written once, a search that goes by it need hardly ever go back: it comes to
 * placing clusters by their zones, as Gibbons and Korach do (Testing shared memories, 1997).
 */
import type { Json } from '../../../harness/json.ts';
import type { Calls } from '../calls.ts';
import type { StateMachine } from '../state-machine.ts';
import { findBarrier } from './barrier.ts';
import { type Use, Uses } from './uses.ts';

const NO_STATE = -1;

/** Which calls are tried before which: all of one round, and then all of the next. */
export const ROUNDS = 3;

/** What is known in advance. Where the model does not describe its operations, nothing is. */
export class LookAhead {
  /** The class of each call, with those that make no difference being one. */
  readonly classes: Int32Array;
  /** Positions from which on no order goes further: a call that can never take effect returns there. */
  readonly barrier: number = Infinity;
  readonly #machine: StateMachine;
  readonly #calls: Calls;
  /** Undefined where nothing is known. */
  readonly #uses: Uses | undefined;
  readonly #useByState: (Use | null | undefined)[] = [];
  /** The state that stands for every state whose value does not matter, or does not matter any more. */
  readonly #spent: number = NO_STATE;

  /** `events`: a call for an invocation, its complement for a return, in order of time. */
  constructor(calls: Calls, machine: StateMachine, events: Int32Array, isOn: boolean) {
    this.#calls = calls;
    this.#machine = machine;
    this.classes = machine.classesOf(calls);
    this.#uses = isOn ? Uses.count(calls, machine, this.classes, events) : undefined;
    if (this.#uses === undefined) return;
    const first = calls.values.idOf(machine.initialValue as Json);
    this.barrier = findBarrier(calls, this.classes, events, this.#uses, first);
    this.classes = this.#merge(this.classes, this.#uses);
    this.#spent = this.#makeSpent();
  }

  /** Whether anything is known. */
  get isOn(): boolean {
    return this.#uses !== undefined;
  }

  /** Whether a call of that class may take effect in that state when so many returns are passed, as far as the future tells. */
  admits(state: number, operationClass: number, position: number): boolean {
    if (this.#uses === undefined) return true;
    const use = this.#useOf(state);
    if (use === undefined || use.written !== 1) return true;
    const { left } = this.#uses.access(operationClass);
    if (left === undefined || left === use) return true;
    if (position < use.neededUntil) return false;
    return use.changers !== 1 || use.changerClass === operationClass;
  }

  /** The state, or the one that stands for it: whatever is possible in one when so many returns are passed is possible in the other. */
  normal(state: number, position: number): number {
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
    const use = this.#uses?.access(operationClass).left;
    if (use === undefined || this.#uses?.hasLacks === true || use.mayBeChanged) return false;
    return use.written === 1 || !use.matters;
  }

  /** Whether what calls of that class leave may be overwritten unseen: not if nobody else writes it and it was found. */
  isHideable(operationClass: number): boolean {
    const use = this.#uses?.access(operationClass).left;
    return use === undefined || use.written !== 1 || !use.isFound;
  }

  /**
   * In which round to try a call of one class, when so many returns are passed and a call of another class returns next.
   *
   * First those that leave a value which, with all that it is changed to, nobody needs who is yet to be invoked: once they have taken
   * effect, and those who need the value too, everything is as it was, so they only have less before them. Not so any later, when
   * some value must stay. Then the call that returns, and those that leave what it needs. All others may as well wait.
   */
  roundOf(operationClass: number, returning: number, position: number): number {
    const use = this.#uses?.access(operationClass).left;
    if (use === undefined || use.settledAt <= position) return 0;
    const isWanted = operationClass === returning || use.value === this.#uses?.access(returning).needs;
    return isWanted ? 1 : ROUNDS - 1;
  }

  /** One class for all calls that need the same and leave something that does not matter. */
  #merge(classes: Int32Array, uses: Uses): Int32Array {
    const representatives = new Map<number, number>();
    return classes.map((operationClass, call) => {
      const { needs, left } = uses.access(operationClass);
      if (left === undefined || left.matters || left.isLacked) return operationClass;
      const isCrashed = this.#calls.hasCrashed(call) ? 1 : 0;
      const name = 2 * needs + isCrashed;
      const representative = representatives.get(name) ?? operationClass;
      representatives.set(name, representative);
      return representative;
    });
  }

  /** The use of the state's value; undefined where nothing is known, and for the state that stands for all that do not matter. */
  #useOf(state: number): Use | undefined {
    if (this.#uses === undefined) return undefined;
    const known = this.#useByState[state];
    if (known !== undefined) return known ?? undefined;
    const value = this.#machine.valueOf(state);
    const use = value === undefined ? undefined : this.#uses.ofJson(value as Json);
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
