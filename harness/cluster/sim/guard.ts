/**
 * Keeps simulated nodes off what would make their runs unrepeatable. While code of a node runs, the forbidden
 * functions (forbidden.ts) throw an error that names the call, the node and the line, and says what to use instead.
 * Since a program may swallow that, its world is told as well, and ends with it.
 *
 * Functions are replaced where programs find them, while simulations run and only then. The harness goes on using
 * them: what counts is whose code runs (blame.ts), and for what is called on the way, whose line it is. What got
 * hold of a function before is not caught by this; should it wake a node, `isTurnOf` catches it at the next thing
 * that the node does, and else the second run of --verify-determinism.
 */
import { syncBuiltinESMExports } from 'node:module';
import { UsageError } from '../../errors.ts';
import { culpritNow, type Culprit } from './blame.ts';
import { forbidden, type Forbidden } from './forbidden.ts';
import { callerIn, isOfHarness, isOfNode, isOfPackage, placeName, stackHere } from './stack.ts';

/** A property that is replaced while simulations run. */
interface Replacement {
  readonly holder: object;
  readonly name: string;
  /** Absent where the object inherits it. */
  readonly original: PropertyDescriptor | undefined;
  readonly guarded: PropertyDescriptor;
}

/** A program that is being loaded. */
interface Load {
  refusal?: UsageError;
}

const loads = new Set<Load>();
let holders = 0;
let replacements: Replacement[] | undefined;

/** From now on nodes are kept off. Counts: simulations may run side by side. */
export function holdGuard(): void {
  holders++;
  if (holders > 1) return;
  replacements ??= forbidden().map(replacementOf);
  for (const { holder, name, guarded } of replacements) Object.defineProperty(holder, name, guarded);
  syncBuiltinESMExports();
}

/** Takes one `holdGuard` back; with the last, everything is as it was. */
export function releaseGuard(): void {
  holders--;
  if (holders > 0) return;
  for (const { holder, name, original } of replacements ?? []) {
    if (original === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, original);
  }
  syncBuiltinESMExports();
}

/** Loads a program, whose modules are kept off at their top level as its nodes are later. Throws a UsageError. */
export async function guardedLoad<T>(load: () => Promise<T>): Promise<T> {
  const loading: Load = {};
  loads.add(loading);
  holdGuard();
  let loaded: T;
  try {
    loaded = await load();
  } finally {
    releaseGuard();
    loads.delete(loading);
  }
  // The module may have swallowed it.
  if (loading.refusal !== undefined) throw loading.refusal;
  return loaded;
}

/**
 * Whether an event of this node runs, as always when its program does something. If not, something real has woken
 * the program, or another node: that is refused.
 */
export function isTurnOf(culprit: Culprit): boolean {
  const running = culpritNow();
  if (running === culprit) return true;
  const place = placeName(
    stackHere().find((frame) => frame.file !== '' && !isOfNode(frame) && !isOfHarness(frame)),
  );
  const why =
    running === undefined
      ? 'when no event of it ran: it has waited for something that is not simulated (a file, a socket, a thread, import()), and would not go on at the same moment again. Use what the context has'
      : `in an event of ${running.id}: they share a promise or a callback, through a variable at the top of a module. Keep all state in what start() makes`;
  culprit.refuse(new UsageError(`${place}: ${culprit.id} went on ${why}.`));
  return false;
}

function replacementOf(thing: Forbidden): Replacement {
  const { holder, name } = thing;
  const original = Object.getOwnPropertyDescriptor(holder, name);
  const value = guardedFunction(thing);
  return { holder, name, original, guarded: { writable: true, ...original, configurable: true, value } };
}

/** The function, which refuses to be called by a node. A proxy: it may be a class, and have properties of its own. */
function guardedFunction(thing: Forbidden): unknown {
  const original = Reflect.get(thing.holder, thing.name) as (...parameters: unknown[]) => unknown;
  return new Proxy(original, {
    apply(target, self, parameters): unknown {
      refuseNow(thing);
      return Reflect.apply(target, self, parameters);
    },
    construct(target, parameters: unknown[], made): object {
      // A date that is given is a value like any other.
      if (thing.name !== 'Date' || parameters.length === 0) refuseNow(thing);
      return Reflect.construct(target, parameters, made) as object;
    },
  });
}

/** Throws, if it is code of a node that calls. */
function refuseNow(thing: Forbidden): void {
  const culprit = culpritNow();
  if (culprit === undefined && loads.size === 0) return;
  const stack = stackHere().filter(({ file }) => file !== import.meta.filename);
  const caller = callerIn(stack);
  // Node.js itself calls, for something that is allowed: it writes to the console, loads a module, shows an assertion.
  if (stack[0] !== undefined && isOfNode(stack[0])) return;
  if (caller !== undefined && isOfHarness(caller)) return;
  if (culprit !== undefined) {
    const error = refusalOf(placeName(caller), culprit.id, thing);
    culprit.refuse(error);
    throw error;
  }
  const inModule = stack.some(({ file }) => file.startsWith('node:internal/modules/'));
  if (caller === undefined || isOfPackage(caller) || !inModule) return;
  const error = refusalOf(placeName(caller), 'the program, as it is loaded,', thing);
  for (const load of loads) load.refusal ??= error;
  throw error;
}

function refusalOf(place: string, who: string, { call, is, instead }: Forbidden): UsageError {
  return new UsageError(
    `${place}: ${who} calls ${call}, which is ${is}. A simulated node does not, or the same seed would not give the same run: use ${instead}.`,
  );
}
