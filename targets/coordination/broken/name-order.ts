/**
 * Wrong on purpose: who is before whom in line is decided by the whole names, which begin with what the clients call themselves.
 *
 * Somebody who came later takes himself for the first, beside the one who holds the lock already (ZOOKEEPER-2931: "WriteLock recipe: Fix
 * bug in znode ordering when the sessionId is part of the znode name").
 */
import { coordinationClient } from '../client.ts';
import { Line } from '../line.ts';
import type { Place } from '../recipes/recipe.ts';

class NameOrder extends Line {
  protected override compare(a: Place, b: Place): number {
    return a.name < b.name ? -1 : 1;
  }
}

export const client = coordinationClient(NameOrder);
