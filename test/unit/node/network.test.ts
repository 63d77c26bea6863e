/** Messages between nodes over real TCP on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../../harness/cluster/process/ports.ts';
import type { Json } from '../../../harness/json.ts';
import { encodeFrame, FRAME, FrameDecoder } from '../../../harness/node/frames.ts';
import { createLog } from '../../../harness/node/log.ts';
import { startNetwork, type PeerNetwork } from '../../../harness/node/network.ts';
import { QUEUE_MAX } from '../../../harness/node/peer-link.ts';
import { sleep } from '../../../harness/time.ts';

describe('peer network', () => {
  const open: PeerNetwork[] = [];
  let events: string[] = [];
  let ports = { a: 0, b: 0 };

  const clock = { wall: () => 0, monotonic: () => 0 };
  const log = createLog('test', clock, (line) => {
    const { event, end } = JSON.parse(line) as { event: string; end?: string };
    events.push(end === undefined ? event : `${event}:${end}`);
  });

  async function start(id: 'a' | 'b'): Promise<PeerNetwork> {
    const other = id === 'a' ? 'b' : 'a';
    const peers = { [other]: `127.0.0.1:${ports[other]}` };
    const network = await startNetwork({ id, peers, host: '127.0.0.1', peerPort: ports[id] }, log);
    open.push(network);
    return network;
  }

  /** Collects what arrives, and waits until there are so many messages. */
  function inbox(network: PeerNetwork): { messages: Json[]; wait(count: number): Promise<void> } {
    const messages: Json[] = [];
    let arrived = (): void => undefined;
    network.receive((_from, message) => {
      messages.push(message);
      arrived();
    });
    const wait = async (count: number): Promise<void> => {
      while (messages.length < count) await new Promise<void>((resolve) => (arrived = resolve));
    };
    return { messages, wait };
  }

  beforeEach(async () => {
    events = [];
    const a = await choosePort(new Set());
    ports = { a, b: await choosePort(new Set([a])) };
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((network) => network.close()));
  });

  it('should carry messages both ways, in the order of one link', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const [atA, atB] = [inbox(a), inbox(b)];
    for (let number = 0; number < 3; number++) a.send('b', { number });
    b.send('a', 'hello');
    await Promise.all([atB.wait(3), atA.wait(1)]);
    assert.deepEqual(atB.messages, [{ number: 0 }, { number: 1 }, { number: 2 }]);
    assert.deepEqual(atA.messages, ['hello']);
  });

  it('should refuse to send to a node that is no peer', async () => {
    const a = await start('a');
    assert.throws(() => a.send('c', 1), /no peer 'c'; the peers of a are b/);
  });

  it('should reach a peer that started later, and one that restarted', async () => {
    const a = await start('a');
    a.send('b', 'queued');
    const first = await start('b');
    const atFirst = inbox(first);
    await atFirst.wait(1);
    await first.close();
    await sleep(20);
    a.send('b', 'again');
    const atSecond = inbox(await start('b'));
    await atSecond.wait(1);
    assert.deepEqual([atFirst.messages, atSecond.messages], [['queued'], ['again']]);
    assert.deepEqual(events.slice(0, 1), ['peer-lost:broken']);
  });

  it('should drop the oldest beyond the bound, and say so once', async () => {
    const a = await start('a');
    for (let number = 0; number < QUEUE_MAX.messages + 10; number++) a.send('b', number);
    const atB = inbox(await start('b'));
    await atB.wait(QUEUE_MAX.messages);
    assert.equal(atB.messages[0], 10);
    assert.equal(atB.messages.at(-1), QUEUE_MAX.messages + 9);
    assert.deepEqual(events, ['peer-queue-full', 'peer-queue-drained']);
  });

  it('should bound the queue by bytes as well', async () => {
    const a = await start('a');
    const megabytes = QUEUE_MAX.bytes / 1024 / 1024;
    for (let number = 0; number < megabytes + 2; number++) a.send('b', `${number}`.padEnd(1024 * 1024));
    const atB = inbox(await start('b'));
    await atB.wait(megabytes - 1);
    assert.equal((atB.messages[0] as string).trim(), '3');
  });

  it('should give up a connection that falls silent, and dial again', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (hello) => socket.write(encodeFrame(FRAME.ack, { bytes: hello.length })));
      sockets.push(socket);
    });
    mute.listen(ports.b, '127.0.0.1');
    const a = await start('a');
    while (sockets.length === 0) await once(mute, 'connection');
    await sleep(100);
    assert.equal(sockets.length, 1, 'an idle connection is left alone');
    a.send('b', 'anybody there?');
    await once(mute, 'connection');
    assert.deepEqual(events, ['peer-lost:silent']);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  it('should acknowledge a hello at once, and all that follows with few answers', async () => {
    const atB = inbox(await start('b'));
    const sender = connect(ports.b, '127.0.0.1');
    const decoder = new FrameDecoder();
    const acknowledged: number[] = [];
    sender.on('data', (chunk) => {
      for (const { body } of decoder.push(chunk)) acknowledged.push((body as { bytes: number }).bytes);
    });
    const untilAcknowledged = async (bytes: number): Promise<void> => {
      while (acknowledged.at(-1) !== bytes) await once(sender, 'data');
    };
    const hello = encodeFrame(FRAME.hello, { from: 'a', to: 'b' });
    sender.write(hello);
    await untilAcknowledged(hello.length);
    const message = encodeFrame(FRAME.message, 'x');
    const begun = performance.now();
    for (let number = 1; number <= 100; number++) {
      sender.write(message);
      await atB.wait(number);
    }
    await untilAcknowledged(hello.length + 100 * message.length);
    // One in 20 ms, less what timers may be early, however long the machine took.
    const most = 2 + (performance.now() - begun) / 18;
    assert.ok(acknowledged.length <= most, `${acknowledged.length} answers, not ${most}`);
    sender.destroy();
  });

  it('should close a connection that is malformed or meant for another, and keep the others', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const atB = inbox(b);
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      encodeFrame(FRAME.message, 'no hello'),
      encodeFrame(FRAME.hello, { from: 'a', to: 'z' }),
      encodeFrame(FRAME.hello, { from: 'stranger', to: 'b' }),
    ]) {
      const stranger = connect(ports.b, '127.0.0.1');
      stranger.write(bytes);
      stranger.resume();
      await once(stranger, 'close');
      assert.equal(stranger.bytesRead, 0);
    }
    a.send('b', 'still here');
    await atB.wait(1);
    assert.deepEqual(events, Array(4).fill('peer-refused'));
  });

  it('should remember probes, and keep them from the program', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const atB = inbox(b);
    a.probe('b', 'nonce-1');
    a.send('b', 'after the probe');
    await atB.wait(1);
    assert.deepEqual(b.heard('nonce-1'), { from: 'a', times: 1 });
    assert.equal(b.heard('nonce-2'), undefined);
    assert.deepEqual(atB.messages, ['after the probe']);
  });

  it('should count its connections, and close one in order', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const atB = inbox(b);
    a.send('b', 1);
    await atB.wait(1);
    assert.equal(a.hangUp('b'), true);
    assert.equal(a.hangUp('b'), false, 'it is closing already');
    while (a.connections()['b']?.out.opened !== 2 || b.connections()['a']?.in.open !== 1) await sleep(5);
    a.send('b', 2);
    await atB.wait(2);
    const { out } = a.connections()['b'] ?? {};
    assert.deepEqual([out?.opened, out?.open, out?.ended.closed, out?.ended.broken], [2, true, 1, 0]);
    assert.equal(out?.dialled, 2 + Number(out?.ended.unreachable));
    assert.deepEqual(b.connections()['a']?.in, { opened: 2, open: 1, damaged: 0 });
    assert.throws(() => a.hangUp('c'), /no peer 'c'/);
  });

  it('should find peers by the names in its file, anew at each dial', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'splitbrain-hosts-'));
    const hostsFile = join(directory, 'hosts');
    writeFileSync(hostsFile, '127.0.0.1 localhost\n');
    const b = await start('b');
    const atB = inbox(b);
    const peers = { b: `b:${ports.b}` };
    const a = await startNetwork({ id: 'a', peers, host: '127.0.0.1', peerPort: ports.a, hostsFile }, log);
    open.push(a);
    a.send('b', 'found');
    while ((a.connections()['b']?.out.ended.unresolved ?? 0) < 2) await sleep(5);
    writeFileSync(hostsFile, '127.0.0.1 localhost b\n');
    await atB.wait(1);
    writeFileSync(hostsFile, '');
    a.send('b', 'still open');
    await atB.wait(2);
    rmSync(directory, { recursive: true });
    a.hangUp('b');
    const before = a.connections()['b']?.out.ended.unresolved ?? 0;
    while ((a.connections()['b']?.out.ended.unresolved ?? 0) === before) await sleep(5);
    assert.equal(a.connections()['b']?.out.open, false, 'a file that is not there holds no names');
  });
});
