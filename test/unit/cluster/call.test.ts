/** Requests to nodes: above all, which failures count as refused and which as lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { callNode, createCallAgent } from '../../../harness/cluster/call.ts';
import { choosePort } from '../../../harness/cluster/process/ports.ts';

describe('callNode', () => {
  const servers: (Server | TcpServer)[] = [];

  async function listening(server: Server | TcpServer): Promise<string> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const answering = (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> =>
    listening(
      createServer((request, response) => request.resume().on('end', () => handle(request, response))),
    );

  afterEach(() => {
    for (const server of servers.splice(0)) {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    }
  });

  it('should send the body and give the answer', async () => {
    const seen: unknown[] = [];
    const endpoint = await listening(
      createServer((request, response) => {
        request.setEncoding('utf8').on('data', (text) => seen.push(request.method, request.url, text));
        request.on('end', () => response.end('{"value":1}'));
      }),
    );
    const reply = await callNode(endpoint, 'read', { key: 'ä' }, 1000);
    assert.deepEqual(reply, { kind: 'answer', body: { value: 1 } });
    assert.deepEqual(seen, ['POST', '/read', '{"key":"ä"}']);
  });

  it('should count as refused what the node refused, and as lost what it did not', async () => {
    const answers: Record<string, [number, string]> = {
      '/refused': [409, '{"error":"not here","refused":true,"details":{"leader":"n2"}}'],
      '/failed': [500, '{"error":"half done","refused":false}'],
      '/strange': [500, '<html>'],
    };
    const endpoint = await answering(({ url }, response) => {
      const [status, text] = answers[url ?? ''] ?? [500, ''];
      response.writeHead(status).end(text);
    });
    assert.deepEqual(await callNode(endpoint, 'refused', {}, 1000), {
      kind: 'refused',
      error: 'not here',
      details: { leader: 'n2' },
    });
    assert.deepEqual(await callNode(endpoint, 'failed', {}, 1000), { kind: 'lost', error: 'half done' });
    assert.equal((await callNode(endpoint, 'strange', {}, 1000)).kind, 'lost');
  });

  it('should count a connection that never was as refused', async () => {
    const reply = await callNode(`http://127.0.0.1:${await choosePort(new Set())}`, 'read', {}, 1000);
    assert.ok(reply.kind === 'refused' && reply.unreachable === true);
    assert.match(reply.error, /ECONNREFUSED/);
  });

  it('should count a time-out after sending as lost', async () => {
    const endpoint = await answering(() => undefined);
    assert.deepEqual(await callNode(endpoint, 'read', {}, 50), {
      kind: 'lost',
      error: 'no answer within 50 ms',
    });
  });

  it('should count a connection that breaks after sending as lost, new or kept alive', async () => {
    let answered = 0;
    const endpoint = await answering((request, response) => {
      if (answered++ === 1) response.end('1');
      else request.socket.resetAndDestroy();
    });
    const agent = createCallAgent();
    assert.equal((await callNode(endpoint, 'read', {}, 1000, agent)).kind, 'lost');
    assert.equal((await callNode(endpoint, 'read', {}, 1000, agent)).kind, 'answer');
    assert.equal((await callNode(endpoint, 'read', {}, 1000, agent)).kind, 'lost');
    agent.destroy();
  });

  it('should count an answer that breaks off as lost', async () => {
    const endpoint = await listening(
      createTcpServer((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"val'));
      }),
    );
    assert.equal((await callNode(endpoint, 'read', {}, 1000)).kind, 'lost');
  });

  it('should use one connection again and again, and lose what is open when the agent is destroyed', async () => {
    let connections = 0;
    const server = createServer(({ url }, response) => (url === '/hang' ? undefined : response.end('1')));
    server.on('connection', () => connections++);
    const endpoint = await listening(server);
    const agent = createCallAgent();
    for (let call = 0; call < 5; call++) await callNode(endpoint, 'read', {}, 1000, agent);
    assert.equal(connections, 1);
    const hanging = callNode(endpoint, 'hang', {}, 10_000, agent);
    await once(server, 'request');
    agent.destroy();
    assert.equal((await hanging).kind, 'lost');
  });
});
