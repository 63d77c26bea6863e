/** The client port, asked as curl would ask it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../../harness/cluster/process/ports.ts';
import { openClientPort, type ClientPort } from '../../../harness/node/client-port.ts';
import { realClock } from '../../../harness/node/clock.ts';
import { openDisk, type OpenDisk } from '../../../harness/node/disk.ts';
import { NodeFaults } from '../../../harness/node/faults.ts';
import { createLog } from '../../../harness/node/log.ts';
import { Refusal } from '../../../harness/node/program.ts';

const CONNECTIONS = {
  out: {
    dialled: 3,
    opened: 1,
    open: true,
    ended: { unresolved: 1, unreachable: 1, silent: 0, broken: 0, closed: 0 },
  },
  in: { opened: 1, open: 1, damaged: 0 },
};

describe('client port', () => {
  let clients: ClientPort;
  let address: string;
  let directory: string;
  let disk: OpenDisk;
  const pinged: string[] = [];
  let turns: number;

  const network = {
    probe: (to: string, nonce: string): void => {
      if (to === 'nobody') throw new Error("no peer 'nobody'");
      pinged.push(`${to}:${nonce}`);
    },
    heard: (nonce: string) => (/^known/.test(nonce) ? { from: 'n2', times: 2 } : undefined),
    connections: () => ({ n2: CONNECTIONS }),
    hangUp: (to: string): boolean => {
      if (to === 'nobody') throw new Error("no peer 'nobody'");
      return to === 'n2';
    },
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
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-port-'));
    const faults = new NodeFaults({ seed: '1' }, () => undefined);
    disk = await openDisk(directory, faults.gate);
    turns = 0;
    clients = await openClientPort({
      id: 'n1',
      host: '127.0.0.1',
      port,
      network,
      disk,
      log,
      clock: realClock,
      own: { '_/points': () => ({ 'after-append': 3 }) },
      turn: () => turns++,
    });
    address = `http://127.0.0.1:${port}`;
  });

  afterEach(async () => {
    await clients.close();
    await disk.close();
    rmSync(directory, { recursive: true });
  });

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
    const [status, health] = await ask('/_/health');
    const { wall, ...rest } = health as { wall: number };
    assert.deepEqual([status, rest], [200, { healthy: true, node: 'n1', pid: process.pid }]);
    assert.ok(Math.abs(wall - Date.now()) < 60_000);
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
    const heard = { heard: true, from: 'n2', probes: 1, copies: 2 };
    assert.deepEqual(await post('/_/heard', '{"nonce":"known"}'), [200, heard]);
    assert.deepEqual(await post('/_/heard', '{"nonce":"other"}'), [200, { heard: false }]);
  });

  it('should send several probes under one nonce, and count what was heard of them', async () => {
    pinged.length = 0;
    assert.deepEqual(await post('/_/ping', '{"to":"n2","nonce":"x","times":3}'), [200, { sent: true }]);
    assert.deepEqual(pinged, ['n2:x#0', 'n2:x#1', 'n2:x#2']);
    const [, heard] = await post('/_/heard', '{"nonce":"known","times":3}');
    assert.deepEqual(heard, { heard: true, from: 'n2', probes: 3, copies: 6 });
    assert.equal((await post('/_/ping', '{"to":"n2","nonce":"x","times":101}'))[0], 400);
  });

  it('should say what it knows of its connections, and close one', async () => {
    assert.deepEqual(await ask('/_/connections'), [200, { n2: CONNECTIONS }]);
    assert.deepEqual(await post('/_/hang-up', '{"to":"n2"}'), [200, { closed: true }]);
    assert.deepEqual(await post('/_/hang-up', '{"to":"n3"}'), [200, { closed: false }]);
    assert.equal((await post('/_/hang-up', '{"to":"nobody"}'))[0], 400);
    assert.equal((await post('/_/hang-up', '{}'))[0], 400);
  });

  it('should probe its disk, and leave nothing there', async () => {
    const [status, probed] = await ask('/_/disk');
    const { written, ms } = probed as { written: boolean; ms: number };
    assert.deepEqual([status, written], [200, true]);
    assert.ok(ms > 0);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('should say why its disk cannot be written, and go on to say it', async () => {
    rmSync(directory, { recursive: true });
    for (const _ of [1, 2]) {
      const [status, { written, error }] = (await ask('/_/disk')) as [number, Record<string, unknown>];
      assert.deepEqual([status, written], [200, false]);
      assert.match(String(error), /ENOENT/);
    }
    mkdirSync(directory);
    assert.equal(((await ask('/_/disk'))[1] as { written: boolean }).written, true);
  });

  it('should say which byte a file holds', async () => {
    await disk.replace('file', new Uint8Array([7, 8]));
    assert.deepEqual(await post('/_/disk', '{"file":"file","offset":1}'), [200, { byte: 8 }]);
    assert.deepEqual(await post('/_/disk', '{"file":"file","offset":2}'), [200, { byte: null }]);
    assert.deepEqual(await post('/_/disk', '{"file":"none","offset":0}'), [200, { byte: null }]);
    assert.equal((await post('/_/disk', '{"file":"file"}'))[0], 400);
  });

  it('should serve what its node has for the harness beside, and take a turn for each request', async () => {
    const before = turns;
    assert.deepEqual(await ask('/_/points'), [200, { 'after-append': 3 }]);
    assert.equal((await ask('/_/nothing'))[0], 503);
    assert.deepEqual(await post('/_/heard', '{"nonce":"other"}'), [200, { heard: false }]);
    assert.equal(turns, before + 2);
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
