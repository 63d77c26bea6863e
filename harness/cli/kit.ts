/**
 * What runs of a target are made with, as the command line has it: all fault families, the standard checkers.
 */
import { loadKit, type Kit } from '../explore/kit.ts';
import { addressesOf } from '../explore/own-kit.ts';
import { targetModuleOf } from './plan.ts';
import { targets } from './registry.ts';

/** The kit of a target, by registered name or path. Throws a UsageError when there is none. */
export function kitOf(target: string): Promise<Kit> {
  return loadKit(addressesOf(targetModuleOf(target, targets)));
}
