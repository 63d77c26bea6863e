/** One link proxy between two plain sockets on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { LinkProxy } from '../../../../harness/cluster/links/link-proxy.ts';
import { createRandom } from '../../../../harness/random.ts';
import { sleep } from '../../../../harness/time.ts';

/** Long enough for loopback, short enough for a test. */
const SETTLE_MS = 60;

/** A socket, what arrived on it so far, and whether it is closed. */
interface Watched {
  readonly socket: Socket;
  readonly text: () => string;
  readonly ended: () => boolean;
}

describe('link proxy', () => {
  let proxy: LinkProxy;
  let receiver: Server;
  let accepted: Socket[];
  let address: { host: string; port: number };
  const dialled: Socket[] = [];

  /** Dials through the proxy; what arrives is kept as text. */
  function dial(): Watched {
    const socket = connect(address);
    dialled.push(socket);
    return watch(socket);
  }

  function watch(socket: Socket): Watched {
    let text = '';
    let ended = false;
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (ended = true));
    return { socket, text: () => text, ended: () => ended };
  }

  async function pair(): Promise<
    { sender: ReturnType<typeof dial>; socket: Socket } & ReturnType<typeof watch>
  > {
    const sender = dial();
    await once(receiver, 'connection');
    const socket = accepted.at(-1) as Socket;
    return { sender, ...watch(socket) };
  }

  beforeEach(async () => {
    accepted = [];
    receiver = createServer((socket) => accepted.push(socket));
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const port = (receiver.address() as AddressInfo).port;
    proxy = new LinkProxy(() => ({ host: '127.0.0.1', port }), createRandom('link'));
    address = { host: '127.0.0.1', port: await proxy.listen() };
  });

  afterEach(async () => {
    for (const socket of dialled.splice(0)) socket.destroy();
    await proxy.close();
    receiver.close();
  });

  it('should pass bytes both ways, and the end of the stream', async () => {
    const { sender, socket, text, ended } = await pair();
    sender.socket.write('forth');
    socket.write('back');
    await sleep(SETTLE_MS);
    assert.deepEqual([text(), sender.text()], ['forth', 'back']);
    sender.socket.end('last');
    await sleep(SETTLE_MS);
    assert.deepEqual([text(), ended()], ['forthlast', true]);
  });

  it('should be silent while cut, and go on where it was when healed', async () => {
    const { sender, text, ended } = await pair();
    proxy.cut();
    sender.socket.write('held');
    await sleep(SETTLE_MS);
    assert.deepEqual([text(), ended(), sender.ended()], ['', false, false]);
    proxy.heal();
    await sleep(SETTLE_MS);
    assert.deepEqual([text(), sender.ended()], ['held', false]);
  });

  it('should leave who dials a cut link without an answer, and reset them when it heals', async () => {
    proxy.cut();
    const sender = dial();
    sender.socket.write('anybody?');
    await sleep(SETTLE_MS);
    assert.deepEqual([accepted.length, sender.ended()], [0, false]);
    proxy.heal();
    await sleep(SETTLE_MS);
    assert.deepEqual([accepted.length, sender.ended()], [0, true]);
    await pair();
  });

  it('should hide from the receiver while cut that the sender is gone, and the other way round', async () => {
    for (const end of ['resetAndDestroy', 'destroy'] as const) {
      const { sender, ended } = await pair();
      proxy.cut();
      sender.socket[end]();
      await sleep(SETTLE_MS);
      assert.equal(ended(), false);
      proxy.heal();
      await sleep(SETTLE_MS);
      assert.equal(ended(), true);
      const second = await pair();
      proxy.cut();
      second.socket[end]();
      await sleep(SETTLE_MS);
      assert.equal(second.sender.ended(), false);
      proxy.heal();
      await sleep(SETTLE_MS);
      assert.equal(second.sender.ended(), true);
    }
  });

  it('should reset both sides of what is open, and take new connections', async () => {
    const { sender, socket, ended } = await pair();
    const error = once(socket, 'error');
    proxy.reset();
    await sleep(SETTLE_MS);
    assert.deepEqual([ended(), sender.ended()], [true, true]);
    assert.match(String((await error)[0]), /ECONNRESET/);
    await pair();
  });

  it('should reset the sender when nobody listens', async () => {
    receiver.close();
    const sender = dial();
    await sleep(SETTLE_MS);
    assert.equal(sender.ended(), true);
    assert.equal(accepted.length, 0);
  });

  it('should delay forth but not back, and keep the order under jitter', async () => {
    const { sender, socket, text } = await pair();
    proxy.shape({ delayMs: 80, jitterMs: 40 });
    const start = performance.now();
    for (const letter of 'abcdefgh') {
      sender.socket.write(letter);
      await sleep(2);
    }
    socket.write('back');
    await sleep(20);
    assert.deepEqual([text(), sender.text()], ['', 'back']);
    while (text().length < 8) await sleep(2);
    const tookMs = performance.now() - start;
    assert.equal(text(), 'abcdefgh');
    assert.ok(tookMs >= 80 && tookMs < 400, `${tookMs} ms`);
    proxy.shape({});
    sender.socket.write('!');
    await sleep(SETTLE_MS);
    assert.equal(text(), 'abcdefgh!');
  });

  it('should bound the rate', async () => {
    const { sender, text } = await pair();
    proxy.shape({ rate: 100_000 });
    const start = performance.now();
    sender.socket.write('x'.repeat(45_000));
    while (text().length < 45_000) await sleep(5);
    const tookMs = performance.now() - start;
    // A burst of 5,000 bytes is free; the other 40,000 take 400 ms.
    assert.ok(tookMs >= 380 && tookMs < 1000, `${tookMs} ms`);
  });
});
