/**
 * What the targets here have in common: claims that are worded alike, each with the faults under which no algorithm could keep it,
 * and variants whose mistake is in the node.
 */
import { moduleBeside } from '../harness/module-url.ts';
import type { Claim, Variant } from '../harness/run/target.ts';

/** An old disk put back, or one that lost what was synced: what a node promised is gone, and every promise that rests on it. */
const DISK_OF_THE_PAST = ['files'];

/** A claim of safety: it holds whatever happens, as long as what was synced stays on disk. */
export function safe(property: string, checker: string): Claim {
  return { property, checker, under: { except: DISK_OF_THE_PAST } };
}

/** On a disk that fails or lies a node ends itself, and says why: that is how it keeps the promises above. */
export const noNodeFails: Claim = {
  property: 'no node fails',
  checker: 'log-patterns',
  under: { except: ['disk', 'bit-flip', 'descriptors', ...DISK_OF_THE_PAST] },
};

/** A node whose files are damaged stays down, so that a majority need not be left. @param of what has to be healthy */
export function progressOf(of: 'majority' | 'cluster'): Claim {
  return {
    property: `progress of a healthy ${of}`,
    checker: 'progress',
    under: { except: ['bit-flip', ...DISK_OF_THE_PAST] },
  };
}

/**
 * Makes variants of a target from the modules in `broken/` beside it.
 *
 * @example const variant = variantsBeside(import.meta.url);
 */
export function variantsBeside(target: string): (name: string, mistake: string, caughtBy: string) => Variant {
  return (name, mistake, caughtBy) => ({
    nodeModule: moduleBeside(target, `./broken/${name}`),
    mistake,
    caughtBy,
  });
}
