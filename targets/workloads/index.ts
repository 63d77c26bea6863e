/**
 * The registry of workloads that targets share: one line each. A target picks those whose operations its
 * client understands.
 */
import type { Workload } from '../../harness/run/target.ts';
import { append } from './append.ts';
import { consensus } from './consensus.ts';
import { counter } from './counter.ts';
import { election } from './election.ts';
import { kv } from './kv.ts';
import { lock, optimistic } from './lock.ts';
import { logWorkloads } from './log.ts';
import { readWriteLock } from './read-write-lock.ts';
import { register } from './register.ts';
import { sessions } from './sessions.ts';
import { set } from './set.ts';
import { txn } from './txn.ts';
import { watches } from './watches.ts';
import { znodes } from './znodes.ts';

export {
  append,
  consensus,
  counter,
  election,
  kv,
  lock,
  logWorkloads,
  optimistic,
  readWriteLock,
  register,
  sessions,
  set,
  txn,
  watches,
  znodes,
};

/** All shared workloads, for `splitbrain list`. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const workloads: readonly Workload[] = [
  ...logWorkloads,
  consensus,
  lock,
  optimistic,
  readWriteLock,
  election,
  znodes,
  sessions,
  watches,
];
