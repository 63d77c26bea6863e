/**
 * The model's contract: what an object does when operations come one at a time. A linearizability checker asks
 * whether the operations of a concurrent history can be put in an order that the model allows.
 *
 * A model is a small value of pure functions, so that a user writes one in fifteen lines:
 *
 *     export const register = defineModel<Json>({
 *       name: 'register',
 *       summary: 'one value, read and written',
 *       operations: { read: 'gives the value', write: 'sets the value' },
 *       init: (value = null) => value,
 *       step: (state, { f, argument, result }) => {
 *         if (f === 'write') return argument;
 *         return result === undefined || equal(result, state) ? state : undefined;
 *       },
 *       pure: ({ f }) => f === 'read',
 *     });
 *
 * States are interned by `key` and steps remembered, so a step may cost microseconds, but it must be a function:
 * the same answer for the same state and operation, and no change to the state it is given.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, type Json } from '../../harness/json.ts';
import type { Monitor } from '../linearizable/monitors/monitor.ts';
import type { ModelOperation } from './operation.ts';

/** What a model foresees of one history. */
export interface Foresight<State> {
  /** False only for a state that no explanation of the history passes through. */
  admits(state: State): boolean;
  /**
   * A state that can stand for this one: from either of them on, the history's operations are allowed in the same orders. Many
   * states that no operation tells apart become one. Default: every state stands for itself.
   */
  standIn?(state: State): State;
}

/** Several states, each of which a step may lead to; made by `oneOf`. */
export class Choice<State> {
  readonly states: readonly State[];

  constructor(states: readonly State[]) {
    this.states = states;
  }
}

/** What a step of a non-deterministic model gives: one of these states, nobody knows which. None means that the step is not allowed. */
export function oneOf<State>(states: readonly State[]): Choice<State> {
  return new Choice(states);
}

/** An operation on an object that holds one value. It is allowed if and only if the value is `needs` and is not `lacks`, where given. */
export interface CellAccess {
  readonly needs?: Json;
  readonly lacks?: Json;
  /** The value afterwards; the same as before unless given. */
  readonly leaves?: Json;
}

/** A sequential specification. `State` is anything immutable; JSON unless `key` is given. */
export interface Model<State = unknown> {
  /** What `--model` calls it. */
  readonly name: string;
  /** One sentence for `splitbrain list`. */
  readonly summary: string;
  /** The functions it understands, and what each takes and gives. An operation with another `f` is refused. */
  readonly operations: Readonly<Record<string, string>>;
  /** The first state. `value` comes from `--init`; throw a UsageError if it makes no sense. */
  init(value?: Json): State;
  /**
   * The state after the operation; undefined if the operation cannot have this result in this state; `oneOf([…])` if it
   * may lead to any of several.
   */
  step(state: State, operation: ModelOperation): State | Choice<State> | undefined;
  /** Equal for equal states, and only for these. Default: the state as canonical JSON. */
  key?(state: State): string | number;
  /**
   * True if the operation, with this result, never changes *any* state (a read; not an `add` that happens to
   * find its element there). Crashed pure operations are left out of the search. Default: false.
   */
  pure?(operation: ModelOperation): boolean;
  /**
   * True if the operation, with this result, is allowed in every state and leads from all of them to one and the same (a
   * plain write). Whatever such an operation overwrites need not have been seen. Default: false.
   */
  blind?(operation: ModelOperation): boolean;
  /**
   * True if in every state the two operations, with their results, are allowed in either order or in neither, and lead to
   * the same state (two additions). Then only one of the orders is tried. Default: false.
   */
  commutes?(a: ModelOperation, b: ModelOperation): boolean;
  /**
   * The values that the operation has to do with, if the object is such that leaving out all operations on a value makes none
   * of the others impossible; undefined for an operation that has to do with all values. With it a failure is explained by few
   * operations, and by none whose reason was left out. Default: every operation has to do with all values.
   */
  concerns?(operation: ModelOperation): readonly Json[] | undefined;
  /**
   * The model of one key, where every operation has a key and the object is a product of its keys: smaller states than the whole's.
   * Its first state, `init()`, follows from the whole's. Default: each key is an object of this model, starting with `init`.
   */
  perKey?(key: Json, init: Json | undefined): Model;
  /** Algorithms made for this object, tried before the general search. Default: none. */
  readonly monitors?: readonly Monitor[];
  /**
   * For an object whose state is one value: what the operation needs to find there and what it leaves; undefined for an operation
   * that this does not describe. With it a search looks ahead, at who wrote and who will read a value. Default: not described.
   */
  cell?(operation: ModelOperation): CellAccess | undefined;
  /**
   * What all operations of a history tell about its states in advance. With it a search does not follow a wrong
   * turn up to the next read that shows it to be wrong. Default: nothing, all states are admitted.
   */
  foresee?(operations: readonly ModelOperation[]): Foresight<State>;
  /**
   * Which of several parts the operation belongs to, if the object is a product of parts that do not know of each
   * other; undefined for an operation over several of them, which keeps the object whole. Default: one part.
   */
  partition?(operation: ModelOperation): Json | undefined;
  /** The operation in a few words: `read → 3`. Default: f, argument and result. */
  describe?(operation: ModelOperation): string;
  /** The state in a few words: `3`, `held`. Default: the state as JSON. */
  describeState?(state: State): string;
}

/** Types the literal and forgets the type of its state, which is the model's own business. */
export function defineModel<State>(model: Model<State>): Model {
  return model;
}

/** The state's identity. */
export function stateKey(model: Model, state: unknown): string | number {
  return model.key === undefined ? canonical(state as Json) : model.key(state);
}

/** The operation in words, by the model's own printer if it has one. */
export function describeOperation(model: Model, operation: ModelOperation): string {
  if (model.describe !== undefined) return model.describe(operation);
  const { f, argument, result } = operation;
  const asked = argument === null ? f : `${f} ${show(argument)}`;
  if (result === undefined) return `${asked} → ?`;
  return result === null || canonical(result) === canonical(argument) ? asked : `${asked} → ${show(result)}`;
}

/** The state in words, by the model's own printer if it has one. */
export function describeState(model: Model, state: unknown): string {
  return model.describeState === undefined ? show(state as Json) : model.describeState(state);
}

/** Of a long list, or of a long text, the beginning is shown and the end, where what went wrong is to be seen. */
const LIST_ENDS = { first: 2, last: 8 } as const;
const TEXT_ENDS = { first: 8, last: 40 } as const;

/** A value as people write it: `nil` for null, else JSON, with the middle of long lists and texts left out. */
export function show(value: Json | undefined): string {
  if (value === undefined) return '?';
  if (value === null) return 'nil';
  if (typeof value === 'string') return JSON.stringify(withoutMiddle(value, TEXT_ENDS));
  if (!Array.isArray(value)) return JSON.stringify(value);
  const items = (value as readonly Json[]).map((item) => JSON.stringify(item));
  const left = items.length - LIST_ENDS.first - LIST_ENDS.last;
  if (left <= 1) return `[${items.join(',')}]`;
  return `[${items.slice(0, LIST_ENDS.first).join(',')}, … ${left} more …, ${items.slice(-LIST_ENDS.last).join(',')}]`;
}

function withoutMiddle(text: string, { first, last }: { first: number; last: number }): string {
  const left = text.length - first - last;
  if (left <= 20) return text;
  return `${text.slice(0, first)} … ${left} characters … ${text.slice(-last)}`;
}

/** An argument that is a pair, as `cas` takes; anything else is the history's mistake. */
export function pairOf(operation: ModelOperation): readonly [Json, Json] {
  const { argument, f } = operation;
  if (Array.isArray(argument) && argument.length === 2) return argument as unknown as readonly [Json, Json];
  throw new UsageError(`${f} takes [expected, next], not ${show(argument)}`);
}
