/**
 * Loads a target by address, and requires that it is one: a user's file is the first thing that goes wrong.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { importUserModule, requireUserModule, whyNotLoaded } from '../entry-points.ts';
import { UsageError, didYouMean } from '../errors.ts';
import type { Checker } from '../history/checker.ts';
import type { Target, Workload } from './target.ts';

/** Whether a name - of a target, of a model - is the path of a module; else it is a registered one. */
export function isPath(name: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(name);
}

/** The URL of the target's module: a registered name, or a path. */
export function targetModuleOf(reference: string, registered: Readonly<Record<string, string>>): string {
  const known = Object.hasOwn(registered, reference) ? registered[reference] : undefined;
  if (known !== undefined) return known;
  if (!isPath(reference)) {
    const names = Object.keys(registered);
    throw new UsageError(
      `there is no target "${reference}"${didYouMean(reference, names)}; there are ${names.join(', ')}, or give the path of your own, as ./my-target.ts`,
    );
  }
  const path = resolve(reference);
  if (!existsSync(path))
    throw new UsageError(`there is no file ${path}; a target is a registered name or the path of a module`);
  return pathToFileURL(path).href;
}

/** The target that the module at this URL exports as its default. Throws UsageError when it is none. */
export async function loadTarget(url: string): Promise<Target> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await importUserModule(url);
  } catch (error) {
    throw unloadable(url, error);
  }
  return targetIn(module, url);
}

/** The same at once, for a module that awaits nothing at its top level. */
export function loadTargetNow(url: string): Target {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = requireUserModule(url);
  } catch (error) {
    throw unloadable(url, error);
  }
  return targetIn(module, url);
}

function unloadable(url: string, error: unknown): UsageError {
  return new UsageError(`cannot load the target ${fileURLToPath(url)}: ${whyNotLoaded(error)}`, {
    cause: error,
  });
}

function targetIn(module: Readonly<Record<string, unknown>>, url: string): Target {
  const target = module['default'];
  requireTarget(target, url);
  return target;
}

/** As far as a mistake in it would show only in the middle of a run. */
const shape = z.object({
  name: z
    .string()
    .regex(/^\w[\w.-]*$/, 'expected letters, digits, ".", "_" and "-", for it names directories'),
  summary: z.string(),
  nodeModule: z.string(),
  nodes: z.int().min(1),
  workloads: z
    .array(
      z.object({
        name: z.string(),
        generator: z.custom((value) => typeof value === 'function', 'expected a function'),
        checkers: z.array(z.object({ name: z.string() })),
      }),
    )
    .min(1),
  membership: z
    .object({
      view: z.custom((value) => typeof value === 'function', 'expected a function'),
      request: z.custom((value) => typeof value === 'function', 'expected a function'),
    })
    .optional(),
  claims: z.array(
    z.object({
      property: z.string(),
      checker: z.string(),
      under: z.union(
        [z.literal('any'), z.array(z.string()), z.strictObject({ except: z.array(z.string()) })],
        "expected 'any', a list of fault families, or { except: [...] }",
      ),
    }),
  ),
});

function requireTarget(value: unknown, url: string): asserts value is Target {
  const issue = shape.safeParse(value).error?.issues[0];
  if (issue === undefined) return;
  const what =
    issue.path.length === 0 ? 'the default export is no target' : `${issue.path.join('.')}: ${issue.message}`;
  throw new UsageError(
    `${fileURLToPath(url)}: ${what}. A target's module exports defineTarget({ name, summary, nodeModule, nodes, workloads, claims }) as its default`,
  );
}

/** Throws a UsageError when a claim rests on a checker that runs with no workload: it would never be tested. */
export function requireClaims(target: Target, standardCheckers: readonly Checker[]): void {
  const { workloads, checkers = [], claims } = target;
  const all = [...workloads.flatMap((workload) => workload.checkers), ...checkers, ...standardCheckers];
  const names = [...new Set(all.map(({ name }) => name))];
  const untested = claims.find(({ checker }) => !names.includes(checker));
  if (untested === undefined) return;
  const { property, checker } = untested;
  throw new UsageError(
    `${target.name} claims "${property}" by the checker "${checker}", which none of its workloads has` +
      `${didYouMean(checker, names)}; there are ${names.join(', ')}`,
  );
}

/** The workload of this name, or the target's first. Throws UsageError with the names that there are. */
export function findWorkload(target: Target, name: string | undefined): Workload {
  const found =
    name === undefined ? target.workloads[0] : target.workloads.find((workload) => workload.name === name);
  if (found !== undefined) return found;
  const names = target.workloads.map((workload) => workload.name);
  throw new UsageError(
    `--workload: ${target.name} has no workload "${name ?? ''}"${didYouMean(name ?? '', names)}; it has ${names.join(', ')}`,
  );
}
