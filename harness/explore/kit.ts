/**
 * What scenarios are run with - target, fault families, checkers - by address, so that it can be sent to another
 * process and loaded there. The engine knows none of it by name; the command line's registry does.
 */
import { importUserModule } from '../entry-points.ts';
import type { FaultFamily } from '../cluster/fault.ts';
import type { Checker } from '../history/checker.ts';
import { findWorkload, loadTarget, requireClaims } from '../run/load-target.ts';
import type { Target, Workload } from '../run/target.ts';

/** Where everything is. */
export interface KitAddresses {
  /** URL of the module whose default export is the target. */
  readonly targetModule: string;
  /** URL of a module that exports `faults`, all families there are. */
  readonly faultsModule: string;
  /** URL of a module that exports `standardCheckers`, which run with every workload. */
  readonly standardModule: string;
}

/** Loaded. */
export interface Kit {
  readonly addresses: KitAddresses;
  readonly target: Target;
  readonly families: readonly FaultFamily[];
  readonly standardCheckers: readonly Checker[];
}

/** Loads it. Throws a UsageError when the target is none. */
export async function loadKit(addresses: KitAddresses): Promise<Kit> {
  const target = await loadTarget(addresses.targetModule);
  const { faults } = (await importUserModule(addresses.faultsModule)) as { faults: readonly FaultFamily[] };
  const { standardCheckers } = (await importUserModule(addresses.standardModule)) as {
    standardCheckers: readonly Checker[];
  };
  requireClaims(target, standardCheckers);
  return { addresses, target, families: faults, standardCheckers };
}

/** The checkers of a workload in this kit, each name once. */
export function checkersOf(kit: Kit, workload: Workload): readonly Checker[] {
  const all = [...workload.checkers, ...(kit.target.checkers ?? []), ...kit.standardCheckers];
  return [...new Map(all.map((checker) => [checker.name, checker])).values()];
}

/** The workload of that name. Throws a UsageError when there is none. */
export function workloadOf(kit: Kit, name: string): Workload {
  return findWorkload(kit.target, name);
}
