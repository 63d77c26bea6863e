/**
 * Wrong on purpose: a watch waits for what changes after it was set.
 *
 * Between a client's read and its watch, and while a watch is set again at another server, the node may change. The client is told of
 * a later change or of none, and goes on with what is out of date (Apache Helix's pull request 44, "fixed a bug at WriteLock caused by
 * read-delete race on a znode", is what comes of it).
 */
import { isJsonObject } from '../../../harness/json.ts';
import { coordinationProgram } from '../node.ts';
import { CoordinationServer, type Watched } from '../server.ts';

class LateWatch extends CoordinationServer {
  protected override awaited(query: Watched): Watched {
    const now = this.machine.read({ ...query, f: 'get' });
    const mzxid = now.ok && isJsonObject(now.value) ? now.value['mzxid'] : undefined;
    return { ...query, since: typeof mzxid === 'number' ? mzxid : null };
  }
}

export const node = coordinationProgram(LateWatch);
