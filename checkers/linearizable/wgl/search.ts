/**
 * Wing-Gong-Lowe search, as Porcupine does it (Anish Athalye, porcupine/checker.go; Wing and Gong 1993; Lowe 2017).
 *
 * Depth first: of the calls that were invoked before anything still in the list returned, take the first that the
 * model allows, give it the next place in the order and lift it out of the list; at a return the call that
 * returns there has no place any more, so go back. A configuration that was reached before is not entered again.
 *
 * Unlike Porcupine it knows crashed calls: they have no return, so nothing forces them into the order, and the
 * search succeeds when every *completed* call is in it.
 */
import type { Calls } from '../calls.ts';
import { lookout } from '../lookout.ts';
import type { Decision, Search } from '../search.ts';
import { ILLEGAL, type StateMachine } from '../state-machine.ts';
import { CallList } from './call-list.ts';
import { Configurations } from './configurations.ts';

/** The calls in the order that the search has given them so far, with the states they met, and the best so far. */
class Order {
  readonly #calls: Int32Array;
  readonly #states: Int32Array;
  readonly #longest: Int32Array;
  #depth = 0;
  #longestDepth = 0;
  #longestCompleted = -1;
  /** `#longest` and `#calls` agree up to here. */
  #shared = 0;

  constructor(capacity: number) {
    this.#calls = new Int32Array(capacity);
    this.#states = new Int32Array(capacity);
    this.#longest = new Int32Array(capacity);
  }

  get isEmpty(): boolean {
    return this.#depth === 0;
  }

  push(call: number, state: number): void {
    this.#calls[this.#depth] = call;
    this.#states[this.#depth++] = state;
  }

  /** Takes the last call off, with the state that it met. */
  pop(): { readonly call: number; readonly state: number } {
    this.#depth--;
    if (this.#depth < this.#shared) this.#shared = this.#depth;
    return { call: this.#calls[this.#depth] ?? 0, state: this.#states[this.#depth] ?? 0 };
  }

  /** Remembers the present order if it explains more completed calls than any before. Called only before a way back. */
  observe(completed: number): void {
    if (completed <= this.#longestCompleted) return;
    this.#longest.set(this.#calls.subarray(this.#shared, this.#depth), this.#shared);
    this.#shared = this.#longestDepth = this.#depth;
    this.#longestCompleted = completed;
  }

  longest(): number[] {
    return [...this.#longest.subarray(0, this.#longestDepth)];
  }
}

/** Numbers for the bitset: completed calls first, each kind in order of invocation. */
function numbering(calls: Calls): { readonly numbers: Int32Array; readonly completed: number } {
  const completed = calls.completed;
  const numbers = new Int32Array(calls.length);
  let [nextCompleted, nextCrashed] = [0, completed];
  for (let call = 0; call < calls.length; call++) {
    numbers[call] = calls.hasCrashed(call) ? nextCrashed++ : nextCompleted++;
  }
  return { numbers, completed };
}

/** Wing-Gong-Lowe search. Exponential in the number of concurrent calls at worst. */
export class WingGongLowe implements Search {
  readonly name = 'wgl';
  /** It knows no more than that it found none. */
  readonly failedAt = undefined;
  readonly #machine: StateMachine;
  readonly #list: CallList;
  readonly #classes: Int32Array;
  readonly #numbers: Int32Array;
  readonly #completed: number;
  readonly #reached: Configurations;
  readonly #order: Order;
  #state: number;
  /** Completed calls in the order. */
  #placed = 0;
  #node: number;

  constructor(calls: Calls, machine: StateMachine) {
    const { numbers, completed } = numbering(calls);
    this.#machine = machine;
    this.#list = new CallList(calls);
    this.#classes = machine.classesOf(calls);
    this.#numbers = numbers;
    this.#completed = completed;
    this.#reached = new Configurations(completed, calls.length - completed);
    this.#order = new Order(calls.length);
    this.#state = machine.initial;
    this.#node = this.#list.first();
  }

  get configurations(): number {
    return this.#reached.size;
  }

  get position(): number {
    return this.#placed;
  }

  get bytes(): number {
    return this.#reached.bytes;
  }

  longest(): readonly number[] {
    this.#order.observe(this.#placed);
    return this.#order.longest();
  }

  advance(paused: () => boolean): Decision | undefined {
    const isPaused = lookout(this.#machine, paused);
    while (this.#placed < this.#completed) {
      if (isPaused()) return undefined;
      const call = this.#list.invokedAt(this.#node);
      if (call >= 0) this.#tryNext(call);
      else if (this.#order.isEmpty) return 'not-linearizable';
      else this.#goBack();
    }
    return 'linearizable';
  }

  /** Gives the call the next place, if the model allows it and that leads somewhere new; else goes on in the list. */
  #tryNext(call: number): void {
    const next = this.#machine.step(this.#state, this.#classes[call] ?? 0);
    if (next !== ILLEGAL) {
      const number = this.#numbers[call] ?? 0;
      this.#reached.mark(number);
      if (this.#reached.add(next)) {
        this.#order.push(call, this.#state);
        this.#state = next;
        this.#placed += this.#weightOf(number);
        this.#list.lift(call);
        this.#node = this.#list.first();
        return;
      }
      this.#reached.unmark(number);
    }
    this.#node = this.#list.after(this.#node);
  }

  /** Takes back the call that was placed last. */
  #goBack(): void {
    this.#order.observe(this.#placed);
    const last = this.#order.pop();
    const number = this.#numbers[last.call] ?? 0;
    this.#state = last.state;
    this.#placed -= this.#weightOf(number);
    this.#reached.unmark(number);
    this.#node = this.#list.after(this.#list.unlift(last.call));
  }

  /** Only completed calls count. */
  #weightOf(number: number): number {
    return number < this.#completed ? 1 : 0;
  }
}
