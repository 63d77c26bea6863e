/**
 * Mutexes and semaphores in O(n log n), by earliest deadlines (lock-schedule.ts). Nothing need be unique and nobody need
 * release what he himself acquired: as the models say, a release gives back a permit, whoever took it.
 */
import { isJsonObject } from '../../../../harness/json.ts';
import type { Calls } from '../../calls.ts';
import { contradiction } from './conflict.ts';
import { scheduleLock, type LockOperations, type Permits } from './schedule.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';

/** What the model calls the functions. */
export interface LockFunctions {
  readonly acquire: readonly string[];
  readonly release: readonly string[];
}

/** 1 for each acquire, 0 for each release; or the function that is neither. */
export function acquiresOf(calls: Calls, { acquire, release }: LockFunctions): Uint8Array | string {
  const acquires = new Uint8Array(calls.length);
  const kinds = calls.functions.map((name) =>
    acquire.includes(name) ? 1 : release.includes(name) ? 0 : undefined,
  );
  for (let call = 0; call < calls.length; call++) {
    const f = calls.columns.f[call] ?? 0;
    const kind = kinds[f];
    if (kind === undefined) return calls.functions[f] ?? '';
    acquires[call] = kind;
  }
  return acquires;
}

/** The states of the models `mutex` and `semaphore`. */
function permitsOf(state: unknown): Permits | undefined {
  if (state === 'unlocked') return { held: 0, total: 1 };
  if (state === 'locked') return { held: 1, total: 1 };
  if (!isJsonObject(state)) return undefined;
  const { held, total } = state;
  if (typeof held !== 'number' || typeof total !== 'number') return undefined;
  return 0 <= held && held <= total && total >= 1 ? { held, total } : undefined;
}

function check(calls: Calls, initial: unknown, functions: LockFunctions): MonitorVerdict {
  const permits = permitsOf(initial);
  if (permits === undefined) return { valid: 'inapplicable', why: 'the first state is not that of a lock' };
  const acquires = acquiresOf(calls, functions);
  if (typeof acquires === 'string') return { valid: 'inapplicable', why: `${acquires} is not a lock's` };
  const { invoked, returned } = calls.columns;
  const operations: LockOperations = { acquires, earliest: invoked, latest: returned };
  const { done, stuck } = scheduleLock(operations, permits);
  if (stuck === undefined) return { valid: true, order: () => done };
  return contradiction(calls, acquires, permits, done, stuck);
}

/**
 * A monitor of locks with one or several permits. Its state is `unlocked` or `locked`, or how many permits are held of how
 * many. Always applicable.
 *
 * @example lockMonitor({ acquire: ['acquire'], release: ['release'] })
 */
export function lockMonitor(functions: LockFunctions): Monitor {
  return { name: 'lock-deadlines', check: (calls, initial) => check(calls, initial, functions) };
}
