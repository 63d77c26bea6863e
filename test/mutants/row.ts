/**
 * What the command measures: rows, each a target or one of its variants on a runtime; and which of them were asked for.
 */
import { UsageError } from '../../harness/errors.ts';
import type { Target, Variant } from '../../harness/run/target.ts';

/** Searched in the simulator, or tested in containers. */
export const RUNTIMES = ['sim', 'docker'] as const;

/** See RUNTIMES. */
export type RowRuntime = (typeof RUNTIMES)[number];

/** The name of a target that is not broken. */
export const CORRECT = 'correct';

/** Names what a row is about. */
export interface RowName {
  readonly target: string;
  /** Name of the variant, or CORRECT. */
  readonly variant: string;
  readonly runtime: RowRuntime;
}

/** A row that is to be measured. */
export interface Row {
  readonly target: Target;
  /** The variant with its name; absent for the correct target. */
  readonly broken?: Variant & { readonly name: string };
  readonly runtime: RowRuntime;
}

/** What was asked for; what is absent means all. */
export interface Choice {
  readonly targets?: readonly string[];
  readonly only?: readonly string[];
  readonly runtimes?: readonly string[];
}

/** The name of the row. */
export function nameOf({ target, broken, runtime }: Row): RowName {
  return { target: target.name, variant: broken?.name ?? CORRECT, runtime };
}

/** Whether both are about the same. */
export function isSameRow(a: RowName, b: RowName): boolean {
  return a.target === b.target && a.variant === b.variant && a.runtime === b.runtime;
}

/**
 * The rows that were asked for, runtime by runtime, since simulations take minutes and containers hours. Throws a UsageError
 * that says which names there are.
 */
export function chooseRows(registered: readonly Target[], { targets, only, runtimes }: Choice): Row[] {
  requireNames(
    '--target',
    'target',
    targets,
    registered.map(({ name }) => name),
  );
  requireNames('--runtime', 'runtime', runtimes, RUNTIMES);
  const chosen = registered.filter(({ name }) => targets?.includes(name) ?? true);
  requireNames('--only', `variant of ${chosen.map(({ name }) => name).join(', ')}`, only, [
    ...new Set(chosen.flatMap(variantNames)),
  ]);
  return RUNTIMES.filter((runtime) => runtimes?.includes(runtime) ?? true).flatMap((runtime) =>
    chosen.flatMap((target) => rowsOf(target, runtime).filter((row) => isAmong(only, row))),
  );
}

/** All rows of a target on a runtime, the correct one last. */
export function rowsOf(target: Target, runtime: RowRuntime): Row[] {
  const broken = Object.entries(target.variants ?? {}).map(([name, variant]) => ({
    target,
    broken: { ...variant, name },
    runtime,
  }));
  return [...broken, { target, runtime }];
}

function variantNames(target: Target): string[] {
  return rowsOf(target, 'sim').map((row) => nameOf(row).variant);
}

function isAmong(only: Choice['only'], row: Row): boolean {
  return only?.includes(nameOf(row).variant) ?? true;
}

function requireNames(
  option: string,
  what: string,
  named: readonly string[] | undefined,
  known: readonly string[],
): void {
  const wrong = named?.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new UsageError(`${option}: there is no ${what} called "${wrong}"; there are ${known.join(', ')}`);
}
