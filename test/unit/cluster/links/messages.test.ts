/** What a link proxy does to the messages of two real peer networks, on loopback. */
import assert from 'node:assert/strict';
import { LinkProxy } from '../../../../harness/cluster/links/link-proxy.ts';
import { choosePort } from '../../../../harness/cluster/process/ports.ts';
import { createLog } from '../../../../harness/node/log.ts';
import { startNetwork, type PeerNetwork } from '../../../../harness/node/network.ts';
import { createRandom } from '../../../../harness/random.ts';
import { sleep } from '../../../../harness/time.ts';

const HOST = '127.0.0.1';
const MESSAGES = 400;
const log = createLog('test', { wall: () => 0, monotonic: () => 0 }, () => undefined);

describe('messages through a link proxy', () => {
  let proxy: LinkProxy;
  let a: PeerNetwork;
  let b: PeerNetwork;
  let received: number[];

  beforeEach(async () => {
    const ports = { a: await choosePort(new Set()), b: await choosePort(new Set()) };
    proxy = new LinkProxy(() => ({ host: HOST, port: ports.b }), createRandom('messages'));
    const viaProxy = `${HOST}:${await proxy.listen()}`;
    b = await startNetwork(
      { id: 'b', peers: { a: `${HOST}:${ports.a}` }, host: HOST, peerPort: ports.b },
      log,
    );
    a = await startNetwork({ id: 'a', peers: { b: viaProxy }, host: HOST, peerPort: ports.a }, log);
    received = [];
    b.receive((_from, message) => received.push(message as number));
    await until(() => a.connections()['b']?.out.open === true);
  });

  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await proxy.close();
  });

  async function until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 3000;
    while (!isSo()) {
      assert.ok(performance.now() < deadline, 'it never came to that');
      await sleep(2);
    }
  }

  /** Sends so many numbers in order, in bursts, and a last one when the link is as it should be again. */
  async function send(count = MESSAGES): Promise<void> {
    for (let number = 0; number < count; number++) {
      a.send('b', number);
      if (number % 20 === 0) await sleep(1);
    }
  }

  /** Waits until all that is on its way has arrived: later than the last that is sent on a straight link. */
  async function settle(): Promise<void> {
    proxy.shape({});
    await sleep(60);
    a.send('b', -1);
    await until(() => received.includes(-1));
  }

  const ended = (): unknown => a.connections()['b']?.out.ended;
  const NEVER = { unresolved: 0, unreachable: 0, silent: 0, broken: 0, closed: 0 };

  it('should arrive once and in order when the link is straight', async () => {
    await send();
    await settle();
    assert.deepEqual(received, [...Array(MESSAGES).keys(), -1]);
  });

  it('should be lost in part, which the sender takes for read', async () => {
    proxy.shape({ loss: 0.5 });
    await send();
    await sleep(700);
    await settle();
    assert.ok(received.length > 0.35 * MESSAGES && received.length < 0.65 * MESSAGES, `${received.length}`);
    assert.deepEqual(ended(), NEVER, 'longer than the sender waits for an acknowledgement');
  });

  it('should all be lost without a word to the sender', async () => {
    proxy.shape({ loss: 1 });
    await send();
    await sleep(700);
    await settle();
    assert.deepEqual([received, ended()], [[-1], NEVER]);
  });

  it('should come twice in part', async () => {
    proxy.shape({ duplicate: 0.5 });
    await send();
    await settle();
    assert.equal(new Set(received).size, MESSAGES + 1);
    assert.ok(received.length > 1.35 * MESSAGES && received.length < 1.65 * MESSAGES, `${received.length}`);
    assert.deepEqual(ended(), NEVER);
  });

  it('should overtake one another, and none be lost', async () => {
    proxy.shape({ reorder: { share: 0.5, byMs: 40 } });
    await send();
    await settle();
    const overtaken = received.filter((number, index) => number < Math.max(...received.slice(0, index)));
    assert.deepEqual(
      received.toSorted((one, other) => one - other),
      [-1, ...Array(MESSAGES).keys()],
    );
    assert.ok(overtaken.length > 0.35 * MESSAGES, `${overtaken.length}`);
  });

  it('should be found damaged by the receiver, which breaks the connection', async () => {
    proxy.shape({ corrupt: 1 });
    a.send('b', 7);
    await until(() => b.connections()['a']?.in.damaged === 1);
    assert.deepEqual(received, []);
    proxy.shape({});
    await until(() => a.connections()['b']?.out.opened === 2);
    a.send('b', 8);
    await until(() => received.length === 1);
    assert.deepEqual(received, [8]);
  });

  it('should be bent from one message to the next, in the middle of what the socket gives', async () => {
    const large = 'x'.repeat(300_000);
    const arrived: unknown[] = [];
    b.receive((_from, message) => arrived.push(typeof message === 'string' ? message.length : message));
    for (let round = 0; round < 5; round++) {
      a.send('b', large);
      await new Promise((resolve) => setImmediate(resolve));
      proxy.shape(round % 2 === 0 ? { loss: 1e-9, delayMs: 1 } : {});
    }
    a.send('b', 'end');
    await until(() => arrived.length === 6);
    assert.deepEqual(arrived, [...Array<number>(5).fill(large.length), 3]);
    assert.deepEqual(ended(), NEVER);
  });

  it('should go nowhere once the receiver has forgotten the connection, until the sender loses patience', async () => {
    proxy.forget();
    await until(() => b.connections()['a']?.in.open === 0);
    a.send('b', 1);
    await sleep(200);
    assert.deepEqual([received, a.connections()['b']?.out.open, ended()], [[], true, NEVER]);
    await until(() => a.connections()['b']?.out.opened === 2);
    assert.deepEqual(ended(), { ...NEVER, silent: 1 });
    a.send('b', 2);
    await until(() => received.length === 1);
    assert.deepEqual(received, [2]);
  });

  it('should hold the end of a connection back, and tell at once when that is over', async () => {
    const openAtB = (): number | undefined => b.connections()['a']?.in.open;
    assert.equal(a.hangUp('b'), true);
    await until(() => a.connections()['b']?.out.opened === 2 && openAtB() === 1);
    proxy.shape({ closeMs: 60_000 });
    assert.equal(a.hangUp('b'), true);
    await until(() => a.connections()['b']?.out.opened === 3);
    await sleep(50);
    assert.equal(openAtB(), 2);
    proxy.shape({});
    await until(() => openAtB() === 1);
    assert.deepEqual(ended(), { ...NEVER, closed: 2 });
  });
});
