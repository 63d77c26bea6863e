/**
 * A lock that gives a fencing token with every acquire: a number greater than all that it gave before, so that a
 * resource can refuse whoever held the lock earlier.
 *
 * The token of an acquire that crashed is unknown. Any number may be a token, so there is one just above the last
 * that forbids nothing later: such an acquire holds the lock and leaves the last token as it is.
 */
import { UsageError } from '../../harness/errors.ts';
import { fencedLockMonitor } from '../linearizable/monitors/lock/fenced.ts';
import { defineModel, show } from './model.ts';
import type { ModelOperation } from './operation.ts';

interface FencedLock {
  readonly held: boolean;
  /** The greatest token so far; nil before the first. */
  readonly token: number | null;
}

function acquire(last: number | null, { result }: ModelOperation): FencedLock | undefined {
  if (result === undefined) return { held: true, token: last };
  if (typeof result !== 'number') {
    throw new UsageError(`the acquire of a fenced lock gives its token, a number, not ${show(result)}`);
  }
  return last === null || result > last ? { held: true, token: result } : undefined;
}

/** The model of a fenced lock; starts free, and with the last token `init` if that is a number. */
export const fencedLock = defineModel<FencedLock>({
  name: 'fenced-lock',
  summary: 'a lock whose acquires give ever greater tokens',
  operations: { acquire: 'takes the lock and gives its fencing token', release: 'frees the lock' },
  init(value = null) {
    if (value === null || typeof value === 'number') return { held: false, token: value };
    throw new UsageError(`fenced-lock starts with the last token, a number, not ${show(value)}`);
  },
  step({ held, token }, operation) {
    if (operation.f === 'release') return held ? { held: false, token } : undefined;
    return held ? undefined : acquire(token, operation);
  },
  monitors: [fencedLockMonitor({ acquire: ['acquire'], release: ['release'] })],
  describe({ f, result }) {
    if (result === undefined) return `${f} → ?`;
    return f === 'acquire' ? `acquire → ${show(result)}` : f;
  },
  describeState: ({ held, token }) => `${held ? 'held' : 'free'}, last token ${show(token)}`,
});
