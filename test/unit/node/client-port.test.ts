/** The client port, asked as curl would ask it. */
import assert from 'node:assert/strict';
import { choosePort } from '../../../harness/cluster/process/ports.ts';
import { openClientPort, type ClientPort } from '../../../harness/node/client-port.ts';
import { createLog } from '../../../harness/node/log.ts';
import { Refusal } from '../../../harness/node/program.ts';

describe('client port', () => {
  let clients: ClientPort;
  let address: string;
  const pinged: string[] = [];

  const network = {
    probe: (to: string, nonce: string): void => {
      if (to === 'nobody') throw new Error("no peer 'nobody'");
      pinged.push(`${to}:${nonce}`);
    },
    heard: (nonce: string) => (nonce === 'known' ? 'n2' : undefined),
  };

  const ask = async (path: string, init?: RequestInit): Promise<[number, unknown]> => {
    const response = await fetch(`${address}${path}`, init);
    return [response.status, await response.json()];
  };
  const post = (path: string, body: string): Promise<[number, unknown]> =>
    ask(path, { method: 'POST', body });

  beforeEach(async () => {
    const port = await choosePort(new Set());
    const log = createLog('n1', { wall: () => 0, monotonic: () => 0 }, () => undefined);
    clients = await openClientPort({ id: 'n1', host: '127.0.0.1', port, network, log });
    address = `http://127.0.0.1:${port}`;
  });

  afterEach(() => clients.close());

  function serve(): void {
    clients.serve({
      double: ({ value }) => Promise.resolve(Number(value) * 2),
      refuse: () => {
        throw new Refusal('not the leader', { leader: 'n3' });
      },
      fail: () => {
        throw new Error('half done');
      },
    });
    clients.started({ status: () => ({ role: 'leader', epoch: 4, note: undefined }) });
  }

  it('should refuse everything before the program serves', async () => {
    assert.deepEqual(await post('/double', '{}'), [
      503,
      { error: 'n1 does not serve yet', refused: true, details: {} },
    ]);
    assert.deepEqual(await ask('/_/health'), [503, { error: 'n1 is starting', refused: true, details: {} }]);
    serve();
    assert.deepEqual(await ask('/_/health'), [200, { healthy: true, node: 'n1', pid: process.pid }]);
  });

  it('should answer with what the handler answers', async () => {
    serve();
    assert.deepEqual(await post('/double', '{"value":21}'), [200, 42]);
  });

  it('should tell a refusal from a failure', async () => {
    serve();
    assert.deepEqual(await post('/refuse', '{}'), [
      409,
      { error: 'not the leader', refused: true, details: { leader: 'n3' } },
    ]);
    assert.deepEqual(await post('/fail', '{}'), [500, { error: 'half done', refused: false }]);
  });

  for (const [what, path, body, status] of [
    ['a body that is not JSON', '/double', '{"value":', 400],
    ['a body that is no object', '/double', '[1]', 400],
    ['an empty body', '/double', '', 400],
    ['a body that is too long', '/double', `{"value":"${'x'.repeat(8 * 1024 * 1024)}"}`, 413],
    ['an unknown handler', '/triple', '{}', 404],
    ['the name of an object method', '/constructor', '{}', 404],
  ] as const) {
    it(`should refuse ${what}`, async () => {
      serve();
      const [code, answer] = await post(path, body);
      assert.equal(code, status);
      assert.equal((answer as { refused: boolean }).refused, true);
      assert.deepEqual(await post('/double', '{"value":1}'), [200, 2]);
    });
  }

  it('should say which handlers there are, and that they take POST', async () => {
    serve();
    const [, unknown] = await post('/triple', '{}');
    assert.deepEqual((unknown as { details: unknown }).details, { handlers: ['double', 'refuse', 'fail'] });
    const [status, wrongMethod] = await ask('/double');
    assert.equal(status, 405);
    assert.match((wrongMethod as { error: string }).error, /takes POST/);
  });

  it('should serve the status to GET and POST', async () => {
    serve();
    assert.deepEqual(await ask('/_/status'), [200, { role: 'leader', epoch: 4 }]);
    assert.deepEqual(await post('/_/status', '{}'), [200, { role: 'leader', epoch: 4 }]);
  });

  it('should send probes and tell which were heard', async () => {
    assert.deepEqual(await post('/_/ping', '{"to":"n2","nonce":"x"}'), [200, { sent: true }]);
    assert.deepEqual(pinged, ['n2:x']);
    assert.equal((await post('/_/ping', '{"to":"nobody","nonce":"x"}'))[0], 400);
    assert.deepEqual(await post('/_/heard', '{"nonce":"known"}'), [200, { heard: true, from: 'n2' }]);
    assert.deepEqual(await post('/_/heard', '{"nonce":"other"}'), [200, { heard: false }]);
  });

  it('should help a person who opens it', async () => {
    serve();
    const [status, help] = await ask('/');
    assert.equal(status, 200);
    const { node, role, handlers, try: examples } = help as Record<string, unknown>;
    assert.deepEqual([node, role, handlers], ['n1', 'leader', ['double', 'refuse', 'fail']]);
    assert.equal((examples as string[])[0], `curl -d '{"key":"x"}' ${address}/double`);
  });
});
