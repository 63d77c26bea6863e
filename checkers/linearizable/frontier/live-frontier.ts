/**
 * A frontier that follows calls as they come, for as long as they come, in bounded memory. What a state machine has learnt is
 * thrown away now and then, and the states that are still possible go into a new one. Crashed calls, which stay open for ever, are
 * accounted for exactly while that is cheap and not at all afterwards; then a violation is still certain, but nothing else.
 */
import type { ModelOperation } from '../../models/operation.ts';
import type { StartedModel } from '../split.ts';
import { StateMachine } from '../state-machine.ts';
import { ExactAccounts, NONE_USED, unlimitedAccounts } from './crashes.ts';
import { Frontier } from './frontier.ts';
import { OpenCalls } from './open-calls.ts';

/** Bytes from which on a machine is replaced, and how many times more than what had to be kept the last time. */
const MACHINE_BYTES_MIN = 1 << 19;
const MACHINE_GROWTH = 4;
/** Configurations at one return from which on crashed calls are no longer counted, and from which on the frontier is given up. */
const COUNTED_MAX = 2_000;
const CONFIGURATIONS_MAX = 5_000;

const OPTIONS = { eager: true, hiding: true } as const;

interface OpenCall {
  readonly operation: ModelOperation;
  readonly returned: number;
}

/** What is known at one moment. `lost`: there were too many possibilities to follow. */
export type LiveState = 'possible' | 'impossible' | 'lost';

/** A configuration when nothing that completes is open: the model's states of which one is there, and the crashed calls used. */
interface Resting {
  readonly values: readonly unknown[];
  readonly used: readonly number[];
}

/** What has to be remembered of a frontier while nothing that completes is open. */
export interface RestingFrontier {
  readonly resting: readonly Resting[];
  readonly crashed: readonly ModelOperation[];
  readonly crashCounts: readonly number[];
  readonly isExact: boolean;
  readonly state: LiveState;
}

/** The frontier of one object. Calls are named by numbers of the caller's own. */
export class LiveFrontier {
  state: LiveState = 'possible';
  /** Every crashed call was accounted for: if all went well, there is an order. */
  #isExact = true;
  readonly #started: StartedModel;
  /** Open calls that will complete, by slot; and crashed ones, with how often, by class. */
  readonly #calls: (OpenCall | undefined)[] = [];
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  readonly #crashed: ModelOperation[] = [];
  readonly #crashCounts: number[] = [];
  readonly #exact = new ExactAccounts();
  #replaceAt = MACHINE_BYTES_MIN;
  #machine: StateMachine;
  #open: OpenCalls;
  #frontier: Frontier;

  /** From the model's first state, or from where another one rested. */
  constructor(started: StartedModel, from?: RestingFrontier) {
    this.#started = started;
    this.#machine = new StateMachine(started.model, started.init);
    this.#open = this.#openCalls();
    this.#frontier = this.#newFrontier();
    if (from !== undefined) this.#wake(from);
  }

  /** False once more was possible than could be followed: then only violations are certain. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** What to remember, if nothing that completes is open. */
  rest(): RestingFrontier | undefined {
    if (this.#slots.size > 0) return undefined;
    const resting = this.#frontier.keep().map(({ state, account }) => ({
      values: this.#machine.valuesOf(state),
      used: this.#exact.countsOf(account),
    }));
    const { state, isExact } = this;
    return { resting, crashed: this.#crashed, crashCounts: this.#crashCounts, isExact, state };
  }

  /** A call that completes, and returns at that position, is invoked. */
  invoke(call: number, operation: ModelOperation, returned: number): void {
    if (this.state !== 'possible') return;
    const slot = this.#free.pop() ?? this.#calls.length;
    this.#calls[slot] = { operation, returned };
    this.#slots.set(call, slot);
    if (slot >= this.#open.classAt.length) this.#rebuild(this.#machine);
    else this.#addCompleted(slot, { operation, returned });
    this.#frontier.enter([slot]);
  }

  /** A call that never completes is invoked. */
  invokeCrashed(operation: ModelOperation): void {
    if (this.state !== 'possible') return;
    const operationClass = this.#machine.classOf(operation);
    // What never changes the state, unheard, says nothing.
    if (this.#machine.isPure(operationClass)) return;
    const known = this.#open.crashClasses.indexOf(operationClass);
    const index = known === -1 ? this.#crashed.push(operation) - 1 : known;
    this.#crashCounts[index] = (this.#crashCounts[index] ?? 0) + 1;
    this.#open.addCrashed(index, operationClass);
  }

  /** The call returns. */
  return(call: number): void {
    const slot = this.#slots.get(call);
    if (slot === undefined) return;
    this.#slots.delete(call);
    if (this.state !== 'possible') return;
    const passed = this.#pass(slot);
    this.#open.remove(slot);
    this.#calls[slot] = undefined;
    this.#free.push(slot);
    if (!passed) this.#lose();
    else if (this.#frontier.size === 0) this.state = 'impossible';
    else this.#keepSmall();
  }

  /** Too many possibilities: gives up what it holds. */
  #lose(): void {
    this.state = 'lost';
    this.#isExact = false;
    this.#frontier = this.#newFrontier();
  }

  /** Passes the return; without counting crashed calls if that is too much; false if even that is. */
  #pass(slot: number): boolean {
    const counting = this.#isExact && this.#crashed.length > 0;
    const most = counting ? COUNTED_MAX : CONFIGURATIONS_MAX;
    if (this.#frontier.pass(slot, () => this.#frontier.pending > most)) return true;
    if (!counting) return false;
    this.#isExact = false;
    this.#rebuild(this.#machine);
    return this.#pass(slot);
  }

  #keepSmall(): void {
    if (this.#machine.bytes < this.#replaceAt) return;
    const { model, init } = this.#started;
    this.#rebuild(new StateMachine(model, init));
    this.#replaceAt = Math.max(MACHINE_BYTES_MIN, MACHINE_GROWTH * this.#machine.bytes);
  }

  #wake({ resting, crashed, crashCounts, isExact, state }: RestingFrontier): void {
    this.state = state;
    this.#isExact = isExact;
    this.#crashed.push(...crashed);
    this.#crashCounts.push(...crashCounts);
    this.#open = this.#openCalls();
    this.#frontier = this.#newFrontier();
    this.#frontier.resume(
      resting.map(({ values, used }) => ({
        state: this.#machine.stateOf(...values),
        account: isExact ? this.#exact.idOf(used) : NONE_USED,
        used: [],
        hidden: [],
      })),
    );
  }

  /** Says the same with another machine, without counting crashed calls, or with room for more open ones. */
  #rebuild(machine: StateMachine): void {
    const [kept, before] = [this.#frontier.keep(), this.#machine];
    this.#machine = machine;
    this.#open = this.#openCalls();
    this.#frontier = this.#newFrontier();
    this.#frontier.resume(
      kept.map((configuration) => ({
        ...configuration,
        state: machine.stateOf(...before.valuesOf(configuration.state)),
        account: this.#isExact ? configuration.account : NONE_USED,
      })),
    );
  }

  /** The open calls in their slots, as the machine of now knows them. */
  #openCalls(): OpenCalls {
    const open = new OpenCalls(this.#machine, OPTIONS);
    open.reserve(Math.max(1, this.#calls.length));
    this.#open = open;
    for (const [slot, call] of this.#calls.entries()) if (call !== undefined) this.#addCompleted(slot, call);
    for (const [index, operation] of this.#crashed.entries()) {
      const operationClass = this.#machine.classOf(operation);
      for (let count = 0; count < (this.#crashCounts[index] ?? 0); count++)
        open.addCrashed(index, operationClass);
    }
    return open;
  }

  #addCompleted(slot: number, { operation, returned }: OpenCall): void {
    this.#open.add(slot, slot, this.#machine.classOf(operation), returned);
  }

  #newFrontier(): Frontier {
    const accounts = this.#isExact ? this.#exact : unlimitedAccounts;
    const commuting = this.#started.model.commutes !== undefined;
    return new Frontier(this.#machine, this.#open, accounts, { symmetry: true, dominance: true, commuting });
  }
}
