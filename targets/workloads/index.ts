/**
 * The registry of workloads that targets share: one line each. A target picks those whose operations its
 * client understands.
 */
import type { Workload } from '../../harness/run/target.ts';
import { append } from './append.ts';
import { register } from './register.ts';

export { append, register };

/** All shared workloads, for `splitbrain list`. */
export const workloads: readonly Workload[] = [register, append];
