/**
 * A model made fast for a search: states and operations become small integers, and each step is asked of the
 * model once and then looked up. Two operations with the same function, argument and result are the same to a
 * model, so they share a class.
 *
 * Where a step may lead to any of several states, a state of the machine is the set of the model's states that are
 * possible: then the machine is deterministic, and a search need not know (a history has an order if and only if some
 * order leaves a state possible).
 *
 * It is also where a wrong model is caught: one that throws, changes a state that it was given, or answers the same
 * question in two ways, gets an error that says so instead of a verdict that nobody should believe.
 */
import { canonical, type Json } from '../../harness/json.ts';
import { guarded, ModelError } from '../models/guard.ts';
import { Choice, describeOperation, describeState, type Foresight, type Model } from '../models/model.ts';
import type { ModelOperation } from '../models/operation.ts';
import type { Calls } from './calls.ts';
import { ClassTable } from './class-table.ts';
import { StepTable, UNASKED } from './step-table.ts';

/** The answer to a step that the model does not allow. */
export const ILLEGAL = -1;

/** Rough bytes of one interned state beside the characters of its key. */
const STATE_BYTES = 200;
/** Slots for remembered steps: as many as a processor's caches hold. To ask for one again costs less than to miss these always. */
const STEP_SLOTS_MAX = 1 << 18;
/** So many first steps, and then one of so many, are asked twice, to see whether the model answers the same. */
const TWICE_AT_FIRST = 64;
const TWICE_EVERY = 64;
/** Remembered steps that are asked again before a search's "no" is believed. */
const RECHECKED = 1000;

/** The set of the model's states that are possible, as their numbers in ascending order. */
class Possible {
  readonly states: readonly number[];

  constructor(states: readonly number[]) {
    this.states = states;
  }
}

/** What is known about an operation class, whatever the state. */
const PURE = 1;
const BLIND = 2;

/** Interned states, interned classes of operations, remembered steps. */
export class StateMachine {
  readonly model: Model;
  /** The first state. */
  readonly initial: number;
  /** Steps asked of the model so far: each may have been slow. */
  stepsAsked = 0;
  /** Some step gave several states. Until then every state of the machine is one of the model's. */
  hasChoices = false;
  readonly #states: unknown[] = [];
  readonly #keys: (string | number)[] = [];
  /** Numbers of states by key; by the state itself where it is a primitive; sets of them by their text. */
  readonly #ids = new Map<unknown, number>();
  readonly #composites = new Map<string | number, number>();
  readonly #operations: ModelOperation[] = [];
  readonly #flags: number[] = [];
  readonly #classes = new Map<string, number>();
  readonly #classesOfCalls = new WeakMap<Calls, Int32Array>();
  readonly #steps = new StepTable(STEP_SLOTS_MAX);
  readonly #commuting = new StepTable();
  readonly #foresight: Foresight<unknown> | undefined;
  #stateBytes = 0;

  /** With the operations of a history, steps into states that the model foresees to lead nowhere are not allowed. */
  constructor(model: Model, init: Json | undefined, history?: readonly ModelOperation[]) {
    this.model = model;
    this.#foresight =
      history === undefined
        ? undefined
        : guarded(model, 'foresee', undefined, () => model.foresee?.(history));
    this.initial = this.#intern(guarded(model, 'init', undefined, () => model.init(init)));
  }

  /** The first state, as the model gave it. */
  get initialValue(): unknown {
    return this.#states[this.initial];
  }

  /** A state as the model gave it; undefined where any of several is possible. */
  valueOf(state: number): unknown {
    const held = this.#states[state];
    return held instanceof Possible ? undefined : held;
  }

  /** Rough bytes held. */
  get bytes(): number {
    return this.#stateBytes + this.#steps.bytes + this.#commuting.bytes;
  }

  /** The class of an operation. */
  classOf(operation: ModelOperation): number {
    const { f, argument, result, key } = operation;
    const name = canonical([
      f,
      argument,
      result === undefined ? [] : [result],
      key === undefined ? [] : [key],
    ]);
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const operationClass = this.#newClass(operation);
    this.#classes.set(name, operationClass);
    return operationClass;
  }

  /** The classes of these calls. Found once for each list of calls. */
  classesOf(calls: Calls): Int32Array {
    const known = this.#classesOfCalls.get(calls);
    if (known !== undefined) return known;
    const table = new ClassTable(calls, (call) => this.#newClass(calls.operation(call)));
    const classes = new Int32Array(calls.length);
    for (let call = 0; call < classes.length; call++) classes[call] = table.classOf(call);
    this.#classesOfCalls.set(calls, classes);
    return classes;
  }

  /**
   * Tells that `some` are calls of `all`, in their order: `of` says which. Their classes, and steps that were asked, stay known. A call
   * that has another result there has another class.
   */
  share(all: Calls, some: Calls, of: (call: number) => number): void {
    const classes = this.classesOf(all);
    const shared = new Int32Array(some.length);
    for (let call = 0; call < shared.length; call++) {
      const same = some.columns.result[call] === all.columns.result[of(call)];
      shared[call] = same ? (classes[of(call)] ?? 0) : this.classOf(some.operation(call));
    }
    this.#classesOfCalls.set(some, shared);
  }

  /** Whether operations of that class never change any state (`Model.pure`). */
  isPure(operationClass: number): boolean {
    return ((this.#flags[operationClass] ?? 0) & PURE) !== 0;
  }

  /** Whether operations of that class are allowed everywhere and lead to one state from everywhere (`Model.blind`). */
  isBlind(operationClass: number): boolean {
    return ((this.#flags[operationClass] ?? 0) & BLIND) !== 0;
  }

  /** Whether the order of the two does not matter in any state (`Model.commutes`). */
  commute(a: number, b: number): boolean {
    const known = this.#commuting.get(a, b);
    if (known !== UNASKED) return known === 1;
    const [one, other] = [this.#operations[a], this.#operations[b]];
    const answer =
      one !== undefined &&
      other !== undefined &&
      guarded(this.model, 'commutes', one, () => this.model.commutes?.(one, other) === true);
    this.#commuting.set(a, b, answer ? 1 : 0);
    return answer;
  }

  /** The state after an operation of that class, or ILLEGAL. Throws a ModelError. */
  step(state: number, operationClass: number): number {
    const known = this.#steps.get(state, operationClass);
    if (known !== UNASKED) return known;
    const next = this.#ask(state, operationClass);
    this.#steps.set(state, operationClass, next);
    return next;
  }

  /** Asks remembered steps of the model again. Throws a ModelError if it answers one of them differently now. */
  recheck(): void {
    let asked = 0;
    this.#steps.each((state, operationClass, next) => {
      const operation = this.#operations[operationClass];
      if (operation === undefined || this.#states[state] instanceof Possible || ++asked > RECHECKED) return;
      this.#requireSame(next, this.#askModel(state, operation), state, operation);
    });
  }

  /** A state in words. */
  describe(state: number): string {
    const held = this.#states[state];
    if (held instanceof Possible) return held.states.map((each) => this.describe(each)).join(', or ');
    return guarded(this.model, 'describeState', undefined, () => describeState(this.model, held));
  }

  /** The number of a state that the model gave, or of the set of several (see `valuesOf`). */
  stateOf(...values: readonly unknown[]): number {
    return this.#oneOf(values.map((value) => this.#intern(value)));
  }

  /** The states of the model, one or several, that are possible in a state of the machine. */
  valuesOf(state: number): readonly unknown[] {
    const held = this.#states[state];
    return held instanceof Possible ? held.states.map((each) => this.#states[each]) : [held];
  }

  #newClass(operation: ModelOperation): number {
    const { model } = this;
    const pure = guarded(model, 'pure', operation, () => model.pure?.(operation) === true);
    const blind = guarded(model, 'blind', operation, () => model.blind?.(operation) === true);
    this.#flags.push((pure ? PURE : 0) | (blind ? BLIND : 0));
    return this.#operations.push(operation) - 1;
  }

  #ask(state: number, operationClass: number): number {
    const operation = this.#operations[operationClass];
    if (operation === undefined) throw new RangeError(`no operation of class ${operationClass}`);
    const before = this.#states[state];
    if (before instanceof Possible) {
      const nexts = before.states.map((each) => this.step(each, operationClass));
      return this.#oneOf(nexts.filter((next) => next !== ILLEGAL));
    }
    const next = this.#askModel(state, operation);
    this.#requireAsDeclared(next, state, operationClass, operation);
    this.stepsAsked++;
    if (this.stepsAsked <= TWICE_AT_FIRST || this.stepsAsked % TWICE_EVERY === 0) {
      this.#requireSame(next, this.#askModel(state, operation), state, operation);
    }
    return next;
  }

  /** The state after the operation, asked of the model itself. `state` is one of the model's. */
  #askModel(state: number, operation: ModelOperation): number {
    const before = this.#states[state];
    const after = guarded(this.model, 'step', operation, () => this.model.step(before, operation));
    this.#requireUnchanged(state, operation);
    if (after === undefined) return ILLEGAL;
    if (after === before) return state;
    if (!(after instanceof Choice)) return this.#admitted(after, operation);
    this.hasChoices = true;
    const nexts = after.states.map((each) => this.#admitted(each, operation));
    return this.#oneOf(nexts.filter((next) => next !== ILLEGAL));
  }

  /** The state's number, or ILLEGAL if the model foresees that it leads nowhere. */
  #admitted(state: unknown, operation: ModelOperation): number {
    if (this.#foresight === undefined) return this.#intern(state);
    const admitted = guarded(this.model, 'foresee', operation, () => this.#foresight?.admits(state) ?? true);
    if (!admitted) return ILLEGAL;
    return this.#intern(
      guarded(this.model, 'foresee', operation, () => this.#foresight?.standIn?.(state) ?? state),
    );
  }

  /** The state in which any of these is possible. */
  #oneOf(states: readonly number[]): number {
    const members = new Set<number>();
    for (const state of states) {
      const held = this.#states[state];
      if (held instanceof Possible) for (const each of held.states) members.add(each);
      else members.add(state);
    }
    const sorted = [...members].sort((a, b) => a - b);
    const [first = ILLEGAL] = sorted;
    if (sorted.length < 2) return first;
    return this.#numberIn(this.#composites, `one of ${sorted.join()}`, () => new Possible(sorted));
  }

  /** What a model says of its operations saves work, and would cost the verdict if it were not true. */
  #requireAsDeclared(next: number, state: number, operationClass: number, operation: ModelOperation): void {
    const isChanged = next !== ILLEGAL && next !== state;
    const isForbidden = next === ILLEGAL && this.#foresight === undefined;
    const wrong =
      (isChanged && this.isPure(operationClass) && 'pure, but it changes') ||
      (isForbidden && this.isBlind(operationClass) && 'blind, but it is not allowed in');
    if (wrong === false) return;
    throw new ModelError(
      `the model ${this.model.name} declares "${describeOperation(this.model, operation)}" to be ${wrong} the state ${this.describe(state)}`,
    );
  }

  #requireSame(first: number, second: number, state: number, operation: ModelOperation): void {
    if (first === second) return;
    const inWords = (next: number): string => (next === ILLEGAL ? 'not allowed' : this.describe(next));
    throw new ModelError(
      `the model ${this.model.name} is not deterministic: in the state ${this.describe(state)} it answered ` +
        `"${describeOperation(this.model, operation)}" with ${inWords(first)} and then with ${inWords(second)}; ` +
        'a step that may lead to several states returns all of them, as oneOf([…])',
    );
  }

  /** JSON states are frozen, so that changing one throws; states of another kind are compared by their keys. */
  #requireUnchanged(state: number, operation: ModelOperation): void {
    if (this.model.key === undefined || this.#keyOf(this.#states[state]) === this.#keys[state]) return;
    throw new ModelError(
      `the model ${this.model.name} changed the state that it was given to answer ` +
        `"${describeOperation(this.model, operation)}"; a step must leave it alone and return a new one`,
    );
  }

  #keyOf(state: unknown): string | number {
    return guarded(this.model, 'key', undefined, () => this.model.key?.(state) ?? '');
  }

  #intern(state: unknown): number {
    if (this.model.key !== undefined) return this.#numberIn(this.#ids, this.#keyOf(state), () => state);
    if (typeof state !== 'object' || state === null) return this.#numberIn(this.#ids, state, () => state);
    const key = guarded(this.model, 'step', undefined, () => canonical(state as Json));
    return this.#numberIn(this.#composites, key, () => {
      if (isPlain(state)) return deepFreeze(state);
      throw new ModelError(
        `the model ${this.model.name} has a state that is not JSON (${constructorOf(state)}), and no key to tell such states apart; ` +
          'give the model a key(state), or make its states of plain objects and lists',
      );
    });
  }

  #numberIn<Key>(ids: Map<Key, number>, key: Key, state: () => unknown): number {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.push(state()) - 1;
    if (this.model.key !== undefined) this.#keys[id] = key as string | number;
    ids.set(key, id);
    this.#stateBytes += STATE_BYTES + (typeof key === 'string' ? 2 * key.length : 0);
    return id;
  }
}

/** Whether its JSON text is all there is to it: a Map has none of what it holds in it. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (!Array.isArray(value) && constructorOf(value) !== 'Object') return false;
  return Object.values(value).every(isPlain);
}

function constructorOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null ? 'Object' : value.constructor.name;
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
