/**
 * The agent: what bends messages in a node's container, where the kernel cannot. It runs beside the node, as a user of its own,
 * and is a link proxy (harness/cluster/links) for each link of the node that is bent; packet filter rules lead the
 * node's connections to it (rules.ts). It is told what to do on its standard input, a line of JSON each, answers
 * on its standard output, and ends when its input does.
 */
import { createInterface } from 'node:readline';
import { messageOf } from '../../errors.ts';
import { createRandom } from '../../random.ts';
import { LinkProxy } from '../links/link-proxy.ts';
import type { AgentOrder, AgentReply } from './agent.ts';

const proxies = new Map<number, LinkProxy>();

/** Exactly these links are bent from now on; the connections of others end. */
async function obey({ seed, links }: AgentOrder): Promise<void> {
  for (const [port, proxy] of proxies) {
    if (links.some(({ listen }) => listen === port)) continue;
    proxies.delete(port);
    await proxy.close();
  }
  for (const { listen, receiver, shape } of links) {
    const proxy =
      proxies.get(listen) ?? new LinkProxy(() => receiver, createRandom(seed).fork(receiver.host));
    proxy.shape(shape);
    if (proxies.has(listen)) continue;
    proxies.set(listen, proxy);
    await proxy.listen(listen);
  }
}

function answer(reply: AgentReply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(JSON.parse(line) as AgentOrder);
    answer({ done: true });
  } catch (error) {
    answer({ done: false, error: messageOf(error) });
  }
}
process.exit();
