/**
 * The registry of workloads that targets share: one line each. A target picks those whose operations its
 * client understands.
 */
import type { Workload } from '../../harness/run/target.ts';
import { append } from './append.ts';
import { kv } from './kv.ts';
import { register } from './register.ts';

export { append, kv, register };

/** All shared workloads, for `splitbrain list`. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const workloads: readonly Workload[] = [
  kv,
  register,
  append,
];
