/**
 * A model made fast for a search: states and operations become small integers, and each step is asked of the
 * model once and then looked up. Two operations with the same function, argument and result are the same to a
 * model, so they share a class.
 *
 * It is also where a wrong model is caught: one that throws, or changes a state that it was given, gets an error
 * that says so instead of a verdict that nobody should believe.
 */
import { canonical, type Json } from '../../harness/json.ts';
import { guarded, ModelError } from '../models/guard.ts';
import {
  describeOperation,
  describeState,
  stateKey,
  type Foresight,
  type Model,
  type ModelOperation,
} from '../models/model.ts';
import { StepTable, UNASKED } from './step-table.ts';

/** The answer to a step that the model does not allow. */
export const ILLEGAL = -1;

/** Rough bytes of one interned state beside the characters of its key. */
const STATE_BYTES = 200;

/** Interned states, interned classes of operations, remembered steps. */
export class StateMachine {
  readonly model: Model;
  /** The first state. */
  readonly initial: number;
  /** Steps asked of the model so far: each may have been slow. */
  stepsAsked = 0;
  readonly #states: unknown[] = [];
  readonly #keys: (string | number)[] = [];
  readonly #ids = new Map<string | number, number>();
  readonly #operations: ModelOperation[] = [];
  readonly #classes = new Map<string, number>();
  readonly #steps = new StepTable();
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

  /** Rough bytes held. */
  get bytes(): number {
    return this.#stateBytes + this.#steps.bytes;
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
    this.#classes.set(name, this.#operations.length);
    return this.#operations.push(operation) - 1;
  }

  /** The state after an operation of that class, or ILLEGAL. Throws a ModelError. */
  step(state: number, operationClass: number): number {
    const known = this.#steps.get(state, operationClass);
    if (known !== UNASKED) return known;
    const next = this.#ask(state, operationClass);
    this.#steps.add(state, operationClass, next);
    return next;
  }

  /** A state in words. */
  describe(state: number): string {
    return guarded(this.model, 'describeState', undefined, () =>
      describeState(this.model, this.#states[state]),
    );
  }

  #ask(state: number, operationClass: number): number {
    const operation = this.#operations[operationClass];
    if (operation === undefined) throw new RangeError(`no operation of class ${operationClass}`);
    const before = this.#states[state];
    this.stepsAsked++;
    const after = guarded(this.model, 'step', operation, () => this.model.step(before, operation));
    this.#requireUnchanged(state, operation);
    if (after === undefined) return ILLEGAL;
    if (after === before) return state;
    const admitted = guarded(this.model, 'foresee', operation, () => this.#foresight?.admits(after) ?? true);
    return admitted ? this.#intern(after) : ILLEGAL;
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
    return guarded(this.model, this.model.key === undefined ? 'step' : 'key', undefined, () =>
      stateKey(this.model, state),
    );
  }

  #intern(state: unknown): number {
    const key = this.#keyOf(state);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.push(this.model.key === undefined ? deepFreeze(state) : state) - 1;
    this.#keys.push(key);
    this.#ids.set(key, id);
    this.#stateBytes += STATE_BYTES + (typeof key === 'string' ? 2 * key.length : 0);
    return id;
  }
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
