/** Messages between two nodes' networks on loopback, directly and through a link proxy: how many, and how late. */
import { LinkProxy } from '../../harness/cluster/links/link-proxy.ts';
import { choosePort } from '../../harness/cluster/process/ports.ts';
import { createLog } from '../../harness/node/log.ts';
import { startNetwork, type PeerNetwork } from '../../harness/node/network.ts';
import { createRandom } from '../../harness/random.ts';
import { measure, type Benchmark, type Measurement } from './benchmark.ts';

const MESSAGES = 50_000;
const ROUND_TRIPS = 500;
/** Messages sent in one turn of the event loop, as a busy node does. */
const BURST = 100;

const log = createLog('bench', { wall: () => 0, monotonic: () => 0 }, () => undefined);

async function stream(from: PeerNetwork, to: PeerNetwork): Promise<void> {
  let received = 0;
  const all = new Promise<void>((resolve) => {
    to.receive(() => {
      if (++received === MESSAGES) resolve();
    });
  });
  for (let index = 0; index < MESSAGES; index++) {
    from.send('b', { type: 'append', term: 3, index });
    if (index % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
}

async function oneByOne(from: PeerNetwork, to: PeerNetwork): Promise<void> {
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const arrived = new Promise<void>((resolve) => to.receive(() => resolve()));
    from.send('b', trip);
    await arrived;
  }
}

async function measureLink(name: string, proxied: boolean): Promise<Measurement[]> {
  const host = '127.0.0.1';
  const ports = { a: await choosePort(new Set()), b: await choosePort(new Set()) };
  const proxy = new LinkProxy(() => ({ host, port: ports.b }), createRandom('bench'));
  const proxyAddress = `${host}:${await proxy.listen()}`;
  const b = await startNetwork({ id: 'b', peers: { a: `${host}:${ports.a}` }, host, peerPort: ports.b }, log);
  const address = proxied ? proxyAddress : `${host}:${ports.b}`;
  const a = await startNetwork({ id: 'a', peers: { b: address }, host, peerPort: ports.a }, log);
  try {
    return [
      await measure(`small messages, ${name}`, MESSAGES, () => stream(a, b)),
      await measure(`one message at a time, ${name}`, ROUND_TRIPS, () => oneByOne(a, b)),
    ];
  } finally {
    await Promise.all([a.close(), b.close()]);
    await proxy.close();
  }
}

/** Links between nodes; sender, proxy and receiver share one thread here. */
export const links: Benchmark = {
  name: 'links',
  run: async () => [...(await measureLink('direct', false)), ...(await measureLink('by proxy', true))],
};
