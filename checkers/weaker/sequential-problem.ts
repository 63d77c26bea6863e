/**
 * The question of sequential consistency in numbers: the calls session by session, each with the object (key)
 * that it concerns and its class in that object's state machine. A key is an object of its own with a state
 * of its own, but their operations stay in one order.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, type Json } from '../../harness/json.ts';
import { StateMachine } from '../linearizable/state-machine.ts';
import { guarded } from '../models/guard.ts';
import type { Model } from '../models/model.ts';
import { bySession, type ClientCall } from './client-calls.ts';

/** Calls to order. Calls are named by their place in `calls`. */
export interface SequentialProblem {
  readonly model: Model;
  /** One session after another, each in its own order. */
  readonly calls: readonly ClientCall[];
  /** Where each session begins in `calls`, and at last where the last one ends. */
  readonly starts: Int32Array;
  /** For each call its session and its object. */
  readonly session: Int32Array;
  readonly object: Int32Array;
  /** For each call its class in its object's machine. */
  readonly classes: Int32Array;
  /** For each call whether it never changes any state. */
  readonly pure: Uint8Array;
  /** One for each object. */
  readonly machines: readonly StateMachine[];
}

/** How many sessions there are. */
export function sessionCount({ starts }: SequentialProblem): number {
  return starts.length - 1;
}

/** Whether a call certainly happened. */
export function isCompleted({ calls }: SequentialProblem, call: number): boolean {
  return calls[call]?.returned !== undefined;
}

function isPure(model: Model, call: ClientCall): boolean {
  return guarded(model, 'pure', call, () => model.pure?.(call) === true);
}

function refuseUnknown(model: Model, { f, invoked }: ClientCall): void {
  if (Object.hasOwn(model.operations, f)) return;
  const known = Object.keys(model.operations).join(', ');
  throw new UsageError(
    `operation ${invoked} is a "${f}", which the model ${model.name} does not know (it knows ${known}); ` +
      'name another model, or leave such operations out of the history',
  );
}

/**
 * The problem that these calls pose, without crashed ones that could change nothing. Throws a UsageError, a
 * ModelError.
 */
export function sequentialProblem(
  all: readonly ClientCall[],
  model: Model,
  init: Json | undefined,
): SequentialProblem {
  for (const call of all) refuseUnknown(model, call);
  const sessions = bySession(all.filter((call) => call.returned !== undefined || !isPure(model, call)));
  const calls = sessions.flat();
  const starts = new Int32Array(sessions.length + 1);
  for (const [session, { length }] of sessions.entries())
    starts[session + 1] = (starts[session] ?? 0) + length;
  const names = calls.map(({ key }) => (key === undefined ? '' : canonical(key)));
  const objects = new Map([...new Set(names)].map((name, object) => [name, object]));
  const object = Int32Array.from(names, (name) => objects.get(name) ?? 0);
  const byObject: ClientCall[][] = Array.from(objects, () => []);
  for (const [at, call] of calls.entries()) byObject[object[at] ?? 0]?.push(call);
  const machines = byObject.map((own) => new StateMachine(model, init, own));
  return {
    model,
    calls,
    starts,
    session: Int32Array.from(sessions.flatMap((session, number) => session.map(() => number))),
    object,
    classes: Int32Array.from(calls, (call, at) => machines[object[at] ?? 0]?.classOf(call) ?? 0),
    pure: Uint8Array.from(calls, (call) => (isPure(model, call) ? 1 : 0)),
    machines,
  };
}
