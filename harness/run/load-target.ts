/**
 * Loads a target by address. A user's target lives in a file of their own, outside this project and without
 * an installation of it: its imports of `splitbrain` and `splitbrain/…` are led to the project that runs it.
 */
import { registerHooks } from 'node:module';
import { UsageError, messageOf } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { moduleBeside } from '../module-url.ts';
import type { Target, Workload } from './target.ts';

/** What `splitbrain` and its sub-paths mean to a module that imports them. */
export const ENTRY_POINTS: Readonly<Record<string, string>> = {
  splitbrain: moduleBeside(import.meta.url, '../index'),
  'splitbrain/checkers': moduleBeside(import.meta.url, '../../checkers/index'),
  'splitbrain/workloads': moduleBeside(import.meta.url, '../../targets/workloads/index'),
  'splitbrain/nemesis': moduleBeside(import.meta.url, '../../nemesis/index'),
};

let resolving = false;

/** Leads `import … from 'splitbrain'` to this installation, from now on and for every module. */
function resolveOwnName(): void {
  if (resolving) return;
  resolving = true;
  registerHooks({
    resolve(specifier, context, next) {
      const url = ENTRY_POINTS[specifier];
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}

/** The target that the module at this URL exports as its default. Throws UsageError when it is none. */
export async function loadTarget(url: string): Promise<Target> {
  resolveOwnName();
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    throw new UsageError(`cannot load the target ${url}: ${messageOf(error)}`, { cause: error });
  }
  const target = (module as { default?: unknown }).default;
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
