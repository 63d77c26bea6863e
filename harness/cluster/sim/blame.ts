/**
 * Whose code runs? An event of the simulation belongs to one node, with all the microtasks that follow from it, or
 * to nobody. Who it is decides three things: a node that throws where nobody catches - in a microtask, or in a
 * promise that nobody awaits - would end a real process, and must end its simulated node alone; a node that reaches
 * for real time, files or sockets is refused (guard.ts); and one that does not give way is caught (run-away.ts).
 *
 * Node.js reports uncaught errors to the whole process and before the next event begins, so whoever the running
 * event belongs to is to blame. While a simulation runs its listeners stand in for all others (a test runner's would
 * take the node's crash for its own); what belongs to no node is passed on to them.
 */
import type { UsageError } from '../../errors.ts';

/** Whoever answers for the code that runs. */
export interface Culprit {
  /** The name of the node. */
  readonly id: string;
  /** Nanoseconds of virtual time. */
  readonly now: number;
  /** The code has failed in a way that nobody caught. */
  crash(error: unknown): void;
  /** The code did what makes its runs unrepeatable: the simulation is over, with this error. */
  refuse(error: UsageError): void;
}

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;

type Listener = (...details: unknown[]) => void;

/**
 * Odd while code of a culprit runs, and another number for each event. In shared memory, because a thread of its own
 * watches it (run-away.ts); one plain write is all that this costs an event.
 */
export const pulse = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

let beat = 0;
let running: Culprit | undefined;
let holders = 0;
let displaced: { readonly name: string; readonly listeners: readonly Listener[] }[] = [];

/** Runs code of this culprit, which answers for all that follows from it until the next event begins. */
export function runFor(culprit: Culprit, run: () => void): void {
  running = culprit;
  pulse[0] = beat |= 1;
  try {
    run();
  } catch (error) {
    culprit.crash(error);
  }
}

/** Runs code of the harness amid a culprit's: an onlooker's. */
export function runForNobody(run: () => void): void {
  const culprit = running;
  running = undefined;
  try {
    run();
  } finally {
    running = culprit;
  }
}

/** A new event begins, which belongs to nobody until `runFor`. */
export function beginEvent(): void {
  running = undefined;
  pulse[0] = beat = (beat + 2) & ~1;
}

/** Whose code runs now. */
export function culpritNow(): Culprit | undefined {
  return running;
}

/** From now on errors that nobody caught go to the culprit. Counts: simulations may run side by side. */
export function holdErrors(): void {
  holders++;
  if (holders > 1) return;
  displaced = EVENTS.map((name) => ({ name, listeners: process.listeners(name as 'exit') as Listener[] }));
  for (const name of EVENTS) process.removeAllListeners(name).on(name, handlers[name]);
}

/** Takes one `holdErrors` back. */
export function releaseErrors(): void {
  holders--;
  if (holders > 0) return;
  for (const name of EVENTS) process.off(name, handlers[name]);
  for (const { name, listeners } of displaced) for (const listener of listeners) process.on(name, listener);
  displaced = [];
}

const handlers = Object.fromEntries(
  EVENTS.map((name) => [
    name,
    (error: unknown, ...details: unknown[]): void => {
      if (running !== undefined) {
        running.crash(error);
        return;
      }
      const listeners = displaced.find((held) => held.name === name)?.listeners ?? [];
      if (listeners.length === 0) throw error;
      for (const listener of listeners) listener(error, ...details);
    },
  ]),
) as Record<(typeof EVENTS)[number], Listener>;
