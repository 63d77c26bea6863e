/**
 * Why a lock's operations have no order, told by the few of them that cannot be together: more acquires than there are
 * permits, or more releases than were held.
 *
 * When an acquire that is due finds all permits held and no release open, then among the acquires done so far there are more that
 * completed than releases account for; any `free permits + 1` of them, alone, are too many. Most telling are those that their
 * own process did not release. The same holds for releases with the sides exchanged.
 */
import type { Calls } from '../../calls.ts';
import type { MonitorVerdict } from '../monitor.ts';
import type { Permits } from './schedule.ts';

/** Marks the acquires that their own process began to release before `until`, and these releases. */
function pairs(calls: Calls, acquires: Uint8Array, until: number): Uint8Array {
  const { invoked, process } = calls.columns;
  const paired = new Uint8Array(calls.length);
  const holding = new Map<number, number>();
  for (let call = 0; call < calls.length && (invoked[call] ?? 0) < until; call++) {
    const who = process[call] ?? 0;
    if (acquires[call] === 1) {
      holding.set(who, call);
      continue;
    }
    const acquired = holding.get(who);
    if (acquired === undefined) continue;
    paired[call] = paired[acquired] = 1;
    holding.delete(who);
  }
  return paired;
}

/** The verdict that `stuck` cannot be done after all that was `done`. */
export function contradiction(
  calls: Calls,
  acquires: Uint8Array,
  { held, total }: Permits,
  done: readonly number[],
  stuck: number,
): MonitorVerdict {
  const isAcquire = acquires[stuck] === 1;
  const count = isAcquire ? total - held + 1 : held + 1;
  const paired = pairs(calls, acquires, calls.columns.returned[stuck] ?? 0);
  const conflict = [stuck];
  const takeFrom = (wanted: 0 | 1): void => {
    for (let at = done.length - 1; at >= 0 && conflict.length < count; at--) {
      const call = done[at] ?? 0;
      const isSuch = acquires[call] === acquires[stuck] && paired[call] === wanted && !calls.hasCrashed(call);
      if (isSuch) conflict.push(call);
    }
  };
  takeFrom(0);
  takeFrom(1);
  return { valid: false, conflict: conflict.sort((a, b) => a - b), reason: reason(isAcquire, held, total) };
}

function reason(isAcquire: boolean, held: number, total: number): string {
  const first = held === 0 ? '' : `, ${held} from the start`;
  if (!isAcquire) return `a release returned though nothing was held that it could have given back${first}`;
  const permits = total === 1 ? 'the lock' : `all ${total} permits`;
  return `an acquire returned while ${permits} must have been held${first} and no release had begun that could have freed one`;
}
