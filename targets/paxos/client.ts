/**
 * The client of consensus: asks one node after the other, as each can decide. To propose the same value again is
 * harmless, since an instance has one decision however often anything is proposed.
 *
 * What it reports: `ok` with the decision; `fail` if every attempt was refused, so that none had an effect; `info` if
 * one may have had. A read has no effect, so a read without an answer is a `fail`.
 */
import type { ClientFactory, Completion } from '../../harness/client/client.ts';
import { isJsonObject } from '../../harness/json.ts';

/** An attempt that has no answer after so long is given up, and another node is asked. */
const ATTEMPT_MS = 800;
/** Up to so long a pause between a refusal and the next attempt. */
const BACK_OFF_MS = 50;

/** Opens a client. */
export const consensusClient: ClientFactory = (context) => {
  const { nodes, random } = context;
  let node = context.node;
  return {
    async invoke({ f, key = null, value }, timeoutMs): Promise<Completion> {
      const deadline = context.now() + timeoutMs;
      let uncertain = false;
      let error = 'timed out';
      for (let leftMs = timeoutMs; leftMs > 0; leftMs = deadline - context.now()) {
        const body = f === 'read' ? { key } : { key, value };
        const reply = await context.call(node, f, body, Math.min(leftMs, ATTEMPT_MS));
        if (reply.kind === 'answer' && isJsonObject(reply.body)) {
          return { type: 'ok', value: reply.body.value ?? null, node };
        }
        if (reply.kind !== 'refused') uncertain = true;
        error = `${node}: ${reply.kind === 'answer' ? 'the answer is no object' : reply.error}`;
        node = nodes[(nodes.indexOf(node) + 1) % nodes.length] ?? node;
        await context.sleep(Math.min(random.between(0, BACK_OFF_MS), Math.max(0, deadline - context.now())));
      }
      return { type: uncertain && f !== 'read' ? 'info' : 'fail', error, node };
    },
  };
};
