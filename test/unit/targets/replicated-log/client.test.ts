/** The client: whom it asks, what it sends again, and what it says came of it. */
import assert from 'node:assert/strict';
import type { Client, Completion } from '../../../../harness/client/client.ts';
import type { Reply } from '../../../../harness/cluster/cluster.ts';
import type { JsonObject } from '../../../../harness/json.ts';
import { createRandom } from '../../../../harness/random.ts';
import { logClient } from '../../../../targets/replicated-log/client.ts';

interface Asked {
  readonly node: string;
  readonly path: string;
  readonly body: JsonObject;
}

const answer = (body: JsonObject): Reply => ({ kind: 'answer', body });
const refused = (leader?: string): Reply => ({
  kind: 'refused',
  error: 'not-leader',
  details: leader === undefined ? {} : { leader },
});
const LOST: Reply = { kind: 'lost', error: 'timed out' };
const DONE = answer({ ok: true, value: null });

/** A client whose requests get these replies, the last of them for ever; opening a session always works. */
function clientWith(...replies: Reply[]): { client: Client; asked: Asked[] } {
  const asked: Asked[] = [];
  let now = 0;
  const client = logClient({
    process: 3,
    session: '3',
    node: 'n1',
    nodes: ['n1', 'n2', 'n3'],
    random: createRandom(1),
    now: () => now,
    sleep: (ms) => Promise.resolve(void (now += ms)),
    call: (node, path, body, timeoutMs) => {
      if (path === 'open-session') return Promise.resolve(answer({ ok: true, value: 42 }));
      asked.push({ node, path, body });
      const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? LOST;
      now += reply.kind === 'lost' ? timeoutMs : 1;
      return Promise.resolve(reply);
    },
  });
  return { client, asked };
}

const write = (client: Client): Promise<Completion> =>
  client.invoke({ f: 'write', key: 'x', value: 1 }, 2000);

describe('client of a replicated log', () => {
  it('should follow the hint to the leader and stay there', async () => {
    const { client, asked } = clientWith(refused('n3'), DONE);
    assert.deepEqual(await write(client), { type: 'ok', value: 1, node: 'n3' });
    await write(client);
    assert.deepEqual(
      asked.map(({ node }) => node),
      ['n1', 'n3', 'n3'],
    );
  });

  it('should send a command again elsewhere under the same number, and the next under the next', async () => {
    const { client, asked } = clientWith(LOST, DONE);
    assert.equal((await write(client)).type, 'ok');
    await write(client);
    assert.deepEqual(
      asked.map(({ node, body }) => [node, body.session, body.sequence]),
      [
        ['n1', 42, 1],
        ['n2', 42, 1],
        ['n2', 42, 2],
      ],
    );
  });

  it('should fail what was refused everywhere, and not know of what was lost once', async () => {
    assert.equal((await write(clientWith(refused()).client)).type, 'fail');
    assert.equal((await write(clientWith(LOST, refused()).client)).type, 'info');
  });

  it('should fail a read without an answer, which had no effect in any case', async () => {
    const read = (reply: Reply): Promise<Completion> =>
      clientWith(reply).client.invoke({ f: 'read', key: 'x', value: null }, 2000);
    assert.equal((await read(LOST)).type, 'fail');
    assert.deepEqual(await read(answer({ ok: true, value: 7 })), { type: 'ok', value: 7, node: 'n1' });
  });

  it('should believe the state machine on a mismatch, also after a retry', async () => {
    const mismatch = answer({ ok: false, error: 'cas-mismatch' });
    const { client } = clientWith(LOST, mismatch);
    const completion = await client.invoke({ f: 'cas', key: 'x', value: [1, 2] }, 2000);
    assert.deepEqual(completion, { type: 'fail', error: 'cas-mismatch', node: 'n2' });
  });

  it('should not know of a retry whose session has ended, and fail a first attempt', async () => {
    const expired = answer({ ok: false, error: 'session-expired' });
    assert.equal((await write(clientWith(LOST, expired).client)).type, 'info');
    assert.equal((await write(clientWith(expired).client)).type, 'fail');
  });
});
