/**
 * The history of a part as a line of events on which a search moves: forward when it has passed a return, back when it
 * takes up a configuration that it left behind. At each position the next event is a return, and the open calls are known.
 */
import { type Calls, NEVER } from '../calls.ts';
import { orderBy } from '../monitors/order.ts';
import type { StateMachine } from '../state-machine.ts';
import { LookAhead } from './look-ahead.ts';
import { OpenCalls, type OpenCallsOptions } from './open-calls.ts';

/** What no call is. */
export const NO_CALL = -1;

/** How calls are told apart. */
export interface TimelineOptions extends OpenCallsOptions {
  /** False: every crashed call counts as a class of its own. */
  readonly crashCounts: boolean;
  /** False: nothing of what comes later is used. */
  readonly lookAhead: boolean;
}

/** A part's events, fixed, and the place at which a search looks at them. */
export class Timeline {
  readonly open: OpenCalls;
  readonly ahead: LookAhead;
  /** Number of returns: positions are from 0 to this, at which all is passed. */
  readonly returns: number;
  /** Returns that are passed. */
  position = 0;
  /** The call that returns next, or NO_CALL at the end; and its slot. */
  response = NO_CALL;
  slot = 0;
  /** Slots of calls that were invoked since the return before. Meaningful directly after a move forward. */
  readonly entered: number[] = [];
  /** A call for an invocation, its complement for a return. */
  readonly #events: Int32Array;
  readonly #classes: Int32Array;
  /** For a completed call its slot; for a crashed one its index among the classes of crashed calls. */
  readonly #slots: Int32Array;
  readonly #returned: Int32Array;
  /** Index of the event that is next. */
  #next = 0;

  constructor(calls: Calls, machine: StateMachine, options: TimelineOptions) {
    this.#returned = calls.columns.returned;
    this.#events = eventsOf(calls);
    this.returns = this.#events.length - calls.length;
    this.ahead = new LookAhead(calls, machine, this.#events, options.lookAhead);
    this.#classes = this.ahead.classes;
    this.open = new OpenCalls(machine, options, this.ahead);
    this.#slots = new Int32Array(calls.length);
    this.#assignSlots(options.crashCounts);
    this.#enter();
  }

  /** Passes the next return. */
  forward(): void {
    this.open.remove(this.slot);
    this.#next++;
    this.open.position = ++this.position;
    this.#enter();
  }

  /** Goes to a position, forward or back. */
  moveTo(position: number): void {
    while (this.position > position) this.#back();
    while (this.position < position) this.forward();
  }

  /** The class of a call. */
  classOf(call: number): number {
    return this.#classes[call] ?? 0;
  }

  /** The slot in which that call is while it is open. */
  slotOf(call: number): number {
    return this.#slots[call] ?? 0;
  }

  #assignSlots(crashCounts: boolean): void {
    const free: number[] = [];
    const indices = new Map<number, number>();
    let [slots, crashed] = [0, 0];
    for (const event of this.#events) {
      if (event < 0) {
        free.push(this.#slots[~event] ?? 0);
      } else if (this.#returned[event] !== NEVER) {
        this.#slots[event] = free.pop() ?? slots++;
      } else {
        const name = crashCounts ? this.classOf(event) : crashed++;
        const index = indices.get(name) ?? indices.size;
        indices.set(name, index);
        this.#slots[event] = index;
      }
    }
    this.open.reserve(Math.max(1, slots));
  }

  /** Opens what is invoked before the next return. */
  #enter(): void {
    this.entered.length = 0;
    let event = this.#events[this.#next];
    for (; event !== undefined && event >= 0; event = this.#events[++this.#next]) {
      const slot = this.slotOf(event);
      const returned = this.#returned[event] ?? NEVER;
      if (returned === NEVER) {
        this.open.addCrashed(slot, this.classOf(event));
        continue;
      }
      this.open.add(slot, event, this.classOf(event), returned);
      this.entered.push(slot);
    }
    this.#look(event);
  }

  #back(): void {
    let event = this.#events[--this.#next] ?? 0;
    for (; event >= 0; event = this.#events[--this.#next] ?? 0) {
      if (this.#returned[event] === NEVER) this.open.removeCrashed(this.slotOf(event));
      else this.open.remove(this.slotOf(event));
    }
    this.open.position = --this.position;
    this.#look(event);
    this.open.add(this.slot, this.response, this.classOf(this.response), this.#returned[this.response] ?? 0);
  }

  #look(event: number | undefined): void {
    this.response = event === undefined ? NO_CALL : ~event;
    this.slot = event === undefined ? 0 : this.slotOf(this.response);
  }
}

/** Invocations and returns in order of time. */
function eventsOf({ columns: { invoked, returned }, length, completed }: Calls): Int32Array {
  const positions = new Int32Array(length + completed);
  const labels = new Int32Array(length + completed);
  positions.set(invoked);
  let events = length;
  for (let call = 0; call < length; call++) {
    labels[call] = call;
    if (returned[call] === NEVER) continue;
    positions[events] = returned[call] ?? 0;
    labels[events++] = ~call;
  }
  return orderBy(positions).map((event) => labels[event] ?? 0);
}
