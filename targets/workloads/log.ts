/**
 * The workloads of replicated stores (targets/replicated-log): one line each, for every target that serves one.
 */
import type { Workload } from '../../harness/run/target.ts';
import { append } from './append.ts';
import { counter } from './counter.ts';
import { kv } from './kv.ts';
import { register } from './register.ts';
import { set } from './set.ts';
import { txn } from './txn.ts';

/** What every replicated store can do. */
// prettier-ignore
export const logWorkloads: readonly Workload[] = [
  kv,
  register,
  append,
  counter,
  set,
  txn,
];
