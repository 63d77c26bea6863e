/**
 * Wrong on purpose: a resource that writes down the tokens and does not look at them.
 *
 * A lease ends while its holder is asleep, another takes the lock and writes, and then the first one wakes up and overwrites it: what
 * Kleppmann's article shows of locks without fencing.
 */
import { GuardedResource } from '../resource.ts';

/** The resource for variants of the targets that have one. */
export class TokenIgnored extends GuardedResource {
  protected override isStale(): boolean {
    return false;
  }
}
