/**
 * Read-write locks in linear time: every acquire takes effect when it returns, every release when it is invoked, and crashed
 * acquires not at all. If the lock allows this order, it is the proof.
 *
 * If it does not, and every release comes from a process that holds the lock in the same way by an acquire that returned before, then
 * there is no order. A release then always finds its acquire done, in every order, so releases are never refused; and
 * to acquire later or to release earlier never leaves more readers or writers inside. So there are fewest in this order, and it
 * is refused only where two must be inside, one of them to write, each from the return of its acquire to the invocation of its
 * release. A crashed acquire has no release then and is not needed; a crashed release does best at its invocation.
 * Where somebody releases what he does not hold this does not follow, and the general search decides.
 */
import { NEVER, type Calls } from '../../calls.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { orderBy } from '../order.ts';

/** What the model calls the functions. */
export interface ReadWriteLockFunctions {
  readonly acquireRead: readonly string[];
  readonly releaseRead: readonly string[];
  readonly acquireWrite: readonly string[];
  readonly releaseWrite: readonly string[];
}

type Kind = keyof ReadWriteLockFunctions;

/** The state while a writer holds the lock; else it is the number of readers. */
const WRITER = -1;

const isAcquire = (kind: Kind | undefined): boolean => kind === 'acquireRead' || kind === 'acquireWrite';

/** The state after the operation, if it is allowed. */
function step(holders: number, kind: Kind): number | undefined {
  if (kind === 'acquireRead') return holders >= 0 ? holders + 1 : undefined;
  if (kind === 'releaseRead') return holders > 0 ? holders - 1 : undefined;
  if (kind === 'acquireWrite') return holders === 0 ? WRITER : undefined;
  return holders === WRITER ? 0 : undefined;
}

class ReadWriteLockCheck {
  readonly #calls: Calls;
  readonly #kinds: readonly (Kind | undefined)[];
  readonly #initial: number;

  constructor(calls: Calls, kinds: readonly (Kind | undefined)[], initial: number) {
    this.#calls = calls;
    this.#kinds = kinds;
    this.#initial = initial;
  }

  run(): MonitorVerdict {
    const { columns, functions } = this.#calls;
    const unknown = columns.f.find((f) => this.#kinds[f] === undefined);
    if (unknown !== undefined) {
      return { valid: 'inapplicable', why: `${functions[unknown] ?? ''} is not a read-write lock's` };
    }
    const moments = new Int32Array(this.#calls.length);
    for (let call = 0; call < moments.length; call++) moments[call] = this.#moment(call);
    const order: number[] = [];
    let holders = this.#initial;
    for (const call of orderBy(moments)) {
      if (moments[call] === NEVER) break;
      const next = step(holders, this.#kind(call));
      if (next === undefined) {
        // A release that crashed need not have happened.
        if (this.#calls.hasCrashed(call)) continue;
        return this.#refused(call, moments[call] ?? 0);
      }
      holders = next;
      order.push(call);
    }
    return { valid: true, order: () => order };
  }

  #kind(call: number): Kind {
    return this.#kinds[this.#calls.columns.f[call] ?? 0] ?? 'releaseWrite';
  }

  #moment(call: number): number {
    const { invoked, returned } = this.#calls.columns;
    return (isAcquire(this.#kind(call)) ? returned[call] : invoked[call]) ?? 0;
  }

  /** `call` cannot take effect at `moment`: what that means depends on who released what by then. */
  #refused(call: number, moment: number): MonitorVerdict {
    if (this.#initial !== 0) return { valid: 'inapplicable', why: 'the lock is held from the start' };
    if (!isAcquire(this.#kind(call))) {
      return { valid: 'inapplicable', why: 'there is a release of what was not held' };
    }
    const wantsWrite = this.#kind(call) === 'acquireWrite';
    const excludes = (held: number): boolean => wantsWrite || this.#kind(held) === 'acquireWrite';
    const holder = this.#holdingAt(moment)?.find(excludes);
    if (holder === undefined) {
      return {
        valid: 'inapplicable',
        why: 'a process released what it did not hold',
      };
    }
    const { process } = this.#calls.columns;
    const reason =
      `process ${process[call] ?? 0} was let in to ${wantsWrite ? 'write' : 'read'} while process ${process[holder] ?? 0}, let in ` +
      `to ${this.#kind(holder) === 'acquireWrite' ? 'write' : 'read'}, had not begun to release`;
    return { valid: false, conflict: [holder, call].sort((a, b) => a - b), reason };
  }

  /** The acquires that must hold the lock then; undefined if a process released what it did not hold. */
  #holdingAt(moment: number): number[] | undefined {
    const { invoked, returned, process } = this.#calls.columns;
    const holding = new Map<number, number[]>();
    for (let call = 0; call < this.#calls.length && (invoked[call] ?? 0) < moment; call++) {
      const kind = this.#kind(call);
      const who = process[call] ?? 0;
      const held = holding.get(who) ?? [];
      holding.set(who, held);
      if (isAcquire(kind)) {
        if ((returned[call] ?? 0) < moment) held.push(call);
        continue;
      }
      const own = kind === 'releaseRead' ? 'acquireRead' : 'acquireWrite';
      const released = held.findLastIndex((acquire) => this.#kind(acquire) === own);
      if (released === -1) return undefined;
      held.splice(released, 1);
    }
    return [...holding.values()].flat();
  }
}

/**
 * A monitor of read-write locks; its state is the number of readers, or -1 while a writer holds the lock. Applicable where
 * processes release only what they acquired, and in part elsewhere.
 *
 * @example
 * readWriteLockMonitor({
 *   acquireRead: ['acquire-read'], releaseRead: ['release-read'],
 *   acquireWrite: ['acquire-write'], releaseWrite: ['release-write'],
 * })
 */
export function readWriteLockMonitor(names: ReadWriteLockFunctions): Monitor {
  const kinds = Object.keys(names) as Kind[];
  return {
    name: 'read-write-lock-holds',
    check(calls, initial) {
      if (typeof initial !== 'number' || !Number.isInteger(initial)) {
        return { valid: 'inapplicable', why: 'the first state is not that of a read-write lock' };
      }
      const kindOf = (name: string): Kind | undefined => kinds.find((kind) => names[kind].includes(name));
      return new ReadWriteLockCheck(calls, calls.functions.map(kindOf), initial).run();
    },
  };
}
