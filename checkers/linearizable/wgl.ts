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
import { CallList } from './call-list.ts';
import type { Call } from './calls.ts';
import { Configurations } from './configurations.ts';
import type { SearchLimits, SearchOutcome } from './search.ts';
import { ILLEGAL, type StateMachine } from './state-machine.ts';

/** Steps between looks at the clock. A step that the model had to be asked for is always followed by one. */
const STEPS_BETWEEN_LOOKS = 1024;

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
function numbering(calls: readonly Call[]): { readonly numbers: Int32Array; readonly completed: number } {
  const completed = calls.filter(({ returned }) => returned !== undefined).length;
  const numbers = new Int32Array(calls.length);
  let [nextCompleted, nextCrashed] = [0, completed];
  for (const [position, { returned }] of calls.entries()) {
    numbers[position] = returned === undefined ? nextCrashed++ : nextCompleted++;
  }
  return { numbers, completed };
}

/** Decides linearizability by Wing-Gong-Lowe search. Exponential in the number of concurrent calls at worst. */
export function wgl(calls: readonly Call[], machine: StateMachine, limits: SearchLimits): SearchOutcome {
  const list = new CallList(calls);
  const classes = Int32Array.from(calls, (call) => machine.classOf(call));
  const { numbers, completed } = numbering(calls);
  const reached = new Configurations(completed, calls.length - completed);
  const order = new Order(calls.length);
  const looks = lookout(machine, reached, limits);
  let state = machine.initial;
  let placed = 0;
  let node = list.first();

  const outcome = (end: SearchOutcome['end']): SearchOutcome => {
    order.observe(placed);
    return { end, order: order.longest(), configurations: reached.size };
  };
  const isCompleted = (number: number): number => (number < completed ? 1 : 0);

  while (placed < completed) {
    const end = looks();
    if (end !== undefined) return outcome(end);
    const call = list.invokedAt(node);
    if (call < 0) {
      if (order.isEmpty) return outcome('not-linearizable');
      order.observe(placed);
      const last = order.pop();
      const number = numbers[last.call] ?? 0;
      state = last.state;
      placed -= isCompleted(number);
      reached.unmark(number);
      node = list.after(list.unlift(last.call));
      continue;
    }
    const next = machine.step(state, classes[call] ?? 0);
    if (next !== ILLEGAL) {
      const number = numbers[call] ?? 0;
      reached.mark(number);
      if (reached.add(next)) {
        order.push(call, state);
        state = next;
        placed += isCompleted(number);
        list.lift(call);
        node = list.first();
        continue;
      }
      reached.unmark(number);
    }
    node = list.after(node);
  }
  return outcome('linearizable');
}

/** Tells, whenever it is called, whether a limit is passed; it looks only now and then, since looking costs. */
function lookout(
  machine: StateMachine,
  reached: Configurations,
  { remainingMs, memoryBytes }: SearchLimits,
): () => 'deadline' | 'memory' | undefined {
  let steps = 0;
  let asked = machine.stepsAsked;
  return () => {
    if (++steps % STEPS_BETWEEN_LOOKS !== 0 && machine.stepsAsked === asked) return undefined;
    asked = machine.stepsAsked;
    if (remainingMs() < 0) return 'deadline';
    return machine.bytes + reached.bytes > memoryBytes ? 'memory' : undefined;
  };
}
