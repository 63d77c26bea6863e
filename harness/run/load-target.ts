/**
 * Loads a target by address, and requires that it is one: a user's file is the first thing that goes wrong.
 */
import { importUserModule } from '../entry-points.ts';
import { UsageError, messageOf } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import type { Target, Workload } from './target.ts';

/** The target that the module at this URL exports as its default. Throws UsageError when it is none. */
export async function loadTarget(url: string): Promise<Target> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await importUserModule(url);
  } catch (error) {
    throw new UsageError(`cannot load the target ${url}: ${messageOf(error)}`, { cause: error });
  }
  const target = module['default'];
  requireTarget(target, url);
  return target;
}

function requireTarget(value: unknown, url: string): asserts value is Target {
  const wrong = (what: string): UsageError =>
    new UsageError(
      `${url}: ${what}. A target's module exports defineTarget({ name, summary, nodeModule, nodes, workloads, claims }) as its default`,
    );
  if (!isJsonObject(value)) throw wrong('the default export is no target');
  for (const field of ['name', 'summary', 'nodeModule']) {
    if (typeof value[field] !== 'string') throw wrong(`field "${field}" must be a string`);
  }
  if (!Number.isInteger(value['nodes'])) throw wrong('field "nodes" must be a whole number');
  for (const field of ['workloads', 'claims']) {
    if (!Array.isArray(value[field])) throw wrong(`field "${field}" must be a list`);
  }
  if ((value['workloads'] as unknown[]).length === 0)
    throw wrong('field "workloads" must name one workload at least');
}

/** The workload of this name, or the target's first. Throws UsageError with the names that there are. */
export function findWorkload(target: Target, name: string | undefined): Workload {
  const found =
    name === undefined ? target.workloads[0] : target.workloads.find((workload) => workload.name === name);
  if (found !== undefined) return found;
  const names = target.workloads.map((workload) => workload.name).join(', ');
  throw new UsageError(`--workload: ${target.name} has no workload "${name ?? ''}"; it has ${names}`);
}
