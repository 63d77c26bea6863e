/**
 * Invocations and returns in order of time, as a doubly linked list from which a call is lifted when it is given
 * its place in the order and into which it is put back on the way back (Wing and Gong 1993, section 4).
 *
 * A lifted node keeps its links, so that putting back restores the list, provided that calls are put back in the
 * reverse of the order in which they were lifted.
 */
import { type Calls, NEVER } from '../calls.ts';
import { orderBy } from '../monitors/order.ts';

const HEAD = 0;

/** The list. Nodes are numbers from 1; 0 stands before the first and after the last. */
export class CallList {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** For a node, its call; for a return, the complement of it. */
  readonly #label: Int32Array;
  readonly #invocation: Int32Array;
  /** 0 for a crashed call, which has no return. */
  readonly #return: Int32Array;

  constructor(calls: Calls) {
    const { invoked, returned } = calls.columns;
    const completed = calls.completed;
    const positions = new Int32Array(calls.length + completed);
    const labels = new Int32Array(calls.length + completed);
    positions.set(invoked);
    let events = calls.length;
    for (let call = 0; call < calls.length; call++) {
      labels[call] = call;
      if (returned[call] === NEVER) continue;
      positions[events] = returned[call] ?? 0;
      labels[events++] = ~call;
    }
    const nodes = events + 1;
    this.#next = new Int32Array(nodes);
    this.#previous = new Int32Array(nodes);
    for (let node = 0; node < nodes; node++) {
      this.#next[node] = (node + 1) % nodes;
      this.#previous[node] = (node + nodes - 1) % nodes;
    }
    this.#label = new Int32Array(nodes);
    this.#invocation = new Int32Array(calls.length);
    this.#return = new Int32Array(calls.length);
    for (const [place, event] of orderBy(positions).entries()) {
      const label = labels[event] ?? 0;
      this.#label[place + 1] = label;
      if (label < 0) this.#return[~label] = place + 1;
      else this.#invocation[label] = place + 1;
    }
  }

  /** The first node. */
  first(): number {
    return this.#next[HEAD] ?? HEAD;
  }

  /** The node after this one. */
  after(node: number): number {
    return this.#next[node] ?? HEAD;
  }

  /** The call that is invoked at this node, or a negative number where one returns. */
  invokedAt(node: number): number {
    return this.#label[node] ?? 0;
  }

  /** Takes the call out of the list. */
  lift(call: number): void {
    this.#remove(this.#invocation[call] ?? HEAD);
    this.#remove(this.#return[call] ?? HEAD);
  }

  /** Puts the call that was lifted last back; the answer is the node of its invocation. */
  unlift(call: number): number {
    const invocation = this.#invocation[call] ?? HEAD;
    this.#restore(this.#return[call] ?? HEAD);
    this.#restore(invocation);
    return invocation;
  }

  #remove(node: number): void {
    if (node === HEAD) return;
    const [previous, next] = [this.#previous[node] ?? HEAD, this.#next[node] ?? HEAD];
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  #restore(node: number): void {
    if (node === HEAD) return;
    this.#next[this.#previous[node] ?? HEAD] = node;
    this.#previous[this.#next[node] ?? HEAD] = node;
  }
}
