/**
 * The kit of this installation, for whoever runs scenarios without the command line: all its fault families and
 * standard checkers, and its targets by name. By address, because the engine imports none of them.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importUserModule } from '../entry-points.ts';
import { UsageError } from '../errors.ts';
import type { Checker } from '../history/checker.ts';
import { moduleBeside } from '../module-url.ts';
import { loadKit, type Kit, type KitAddresses } from './kit.ts';
import { isPath } from '../run/load-target.ts';

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
  if (isPath(target)) return loadKit(addressesOf(pathToFileURL(resolve(target)).href));
  const { targets } = (await importUserModule(TARGETS)) as { targets: Readonly<Record<string, string>> };
  const module = Object.hasOwn(targets, target) ? targets[target] : undefined;
  if (module === undefined)
    throw new UsageError(`there is no target "${target}"; there are ${Object.keys(targets).join(', ')}`);
  return loadKit(addressesOf(module));
}

/** The checkers that run with every workload. */
export async function standardCheckers(): Promise<readonly Checker[]> {
  const { standardModule } = addressesOf('');
  const module = (await importUserModule(standardModule)) as { standardCheckers: readonly Checker[] };
  return module.standardCheckers;
}
