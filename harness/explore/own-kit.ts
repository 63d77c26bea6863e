/**
 * The kit of this installation: all its fault families and standard checkers, and its targets by name. By address,
 * because the engine imports none of them.
 */
import { importUserModule } from '../entry-points.ts';
import type { Checker } from '../history/checker.ts';
import { moduleBeside } from '../module-url.ts';
import { loadKit, type Kit, type KitAddresses } from './kit.ts';
import { targetModuleOf } from '../run/load-target.ts';

const TARGETS = moduleBeside(import.meta.url, '../../targets/index');

/** Where everything is that runs of this target need. */
export function addressesOf(targetModule: string): KitAddresses {
  return {
    targetModule,
    faultsModule: moduleBeside(import.meta.url, '../../nemesis/index'),
    standardModule: moduleBeside(import.meta.url, '../../checkers/standard'),
  };
}

/** The kit of a registered target, or of one by path. Throws a UsageError when there is none. */
export async function ownKit(target: string): Promise<Kit> {
  const { targets } = (await importUserModule(TARGETS)) as { targets: Readonly<Record<string, string>> };
  return loadKit(addressesOf(targetModuleOf(target, targets)));
}

/** The checkers that run with every workload. */
export async function standardCheckers(): Promise<readonly Checker[]> {
  const { standardModule } = addressesOf('');
  const module = (await importUserModule(standardModule)) as { standardCheckers: readonly Checker[] };
  return module.standardCheckers;
}
