/**
 * One of Redlock's lock servers: a lock server (guarded-resource/lock-server.ts) that knows nothing of the others. It tells with
 * each grant the greatest fencing token that it has seen, and keeps a greater one when it is shown one: a register,
 * on a majority of which clients agree on tokens (service.ts). That is not part of Redlock.
 */
import type { Json, JsonObject } from '../../harness/json.ts';
import type { RequestHandler } from '../../harness/node/program.ts';
import { LockServer } from '../guarded-resource/lock-server.ts';
import { keyOf, numberOf } from '../guarded-resource/requests.ts';

/** A lock server with a register for tokens. */
export class RedlockServer extends LockServer {
  protected override handlers(): Readonly<Record<string, RequestHandler>> {
    return { ...super.handlers(), 'raise-fence': (body) => this.#raise(body) };
  }

  async #raise(body: JsonObject): Promise<Json> {
    this.raiseFence(keyOf(body), numberOf(body, 'fence'));
    await this.durable();
    return {};
  }
}
