/**
 * Everything there is, by name. The one place, with the commands beside it, that sees all layers.
 */
import type { Runtime } from '../cluster/cluster.ts';
import { dockerRuntime } from '../cluster/docker/runtime.ts';
import { processRuntime } from '../cluster/process/runtime.ts';
import { simRuntime } from '../cluster/sim/runtime.ts';
import { UsageError, didYouMean } from '../errors.ts';
import { moduleBeside } from '../module-url.ts';

export { faults } from '../../nemesis/index.ts';
export { reporters } from '../../reports/index.ts';
export { models } from '../../checkers/index.ts';
export { workloads } from '../../targets/workloads/index.ts';
export { targets } from '../../targets/index.ts';

/** All runtimes, the preferred first. */
export const runtimes: readonly Runtime[] = [dockerRuntime, processRuntime, simRuntime];

/** Module with the checkers that run with every workload. */
export const STANDARD_CHECKERS = moduleBeside(import.meta.url, '../../checkers/standard');

/** The runtime of that name. Throws UsageError with the names that there are. */
export function findRuntime(name: string): Runtime {
  const found = runtimes.find((runtime) => runtime.name === name);
  if (found !== undefined) return found;
  const names = runtimes.map((runtime) => runtime.name);
  throw new UsageError(
    `--runtime: there is no runtime "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`,
  );
}
