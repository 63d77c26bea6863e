/**
 * A counting semaphore: so many permits, held by anyone. As with the mutex, it does not matter who releases;
 * but nobody can release a permit that is not held, so there are never more than there were at first.
 */
import { UsageError } from '../../harness/errors.ts';
import { lockMonitor } from '../linearizable/monitors/lock/monitor.ts';
import { defineModel, show } from './model.ts';

interface Permits {
  readonly held: number;
  readonly total: number;
}

/** The model of a semaphore; starts with `init` permits, all free, or with one. */
export const semaphore = defineModel<Permits>({
  name: 'semaphore',
  summary: 'a number of permits: acquire while there are some, release when held',
  operations: { acquire: 'takes a permit', release: 'gives one back' },
  init(value = null) {
    if (value === null) return { held: 0, total: 1 };
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return { held: 0, total: value };
    throw new UsageError(`semaphore starts with its number of permits such as 3, not ${show(value)}`);
  },
  step({ held, total }, { f }) {
    if (f === 'acquire') return held < total ? { held: held + 1, total } : undefined;
    return held > 0 ? { held: held - 1, total } : undefined;
  },
  key: ({ held }) => held,
  monitors: [lockMonitor({ acquire: ['acquire'], release: ['release'] })],
  describe: ({ f, result }) => (result === undefined ? `${f} → ?` : f),
  describeState: ({ held, total }) => `${held} of ${total} held`,
});
