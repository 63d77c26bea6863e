/** Whom the client of Fast Paxos asks: all nodes in a fast round, the coordinator in a classic one. */
import assert from 'node:assert/strict';
import type { Reply } from '../../../../harness/cluster/cluster.ts';
import type { JsonObject } from '../../../../harness/json.ts';
import { createRandom } from '../../../../harness/random.ts';
import { fastClient } from '../../../../targets/fast-paxos/client.ts';
import { FAST_ROUND } from '../../../../targets/fast-paxos/messages.ts';

const NODES = ['n1', 'n2', 'n3'];
const LOST: Reply = { kind: 'lost', error: 'no answer' };

/** Reads with a client while nodes answer so; who was asked. */
function reader(answerOf: (node: string) => Reply): () => Promise<string[]> {
  let asked: string[] = [];
  let now = 0;
  const client = fastClient({
    process: 0,
    session: '0.0',
    node: 'n1',
    nodes: NODES,
    random: createRandom('client'),
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    call(node) {
      asked.push(node);
      // An attempt that is lost takes some time.
      now += 100;
      return Promise.resolve(answerOf(node));
    },
  });
  return async () => {
    asked = [];
    await client.invoke({ f: 'read', key: 'x', value: null }, 1000);
    return asked;
  };
}

const answering = (hint: JsonObject): Reply => ({ kind: 'answer', body: { ok: true, value: 1, ...hint } });

describe('fast-paxos client', () => {
  it('should ask all nodes until an answer names a coordinator, then that one, and all again in a fast round', async () => {
    let hint: JsonObject = {};
    const read = reader(() => answering(hint));
    assert.deepEqual([await read(), await read()], [NODES, NODES]);
    hint = { coordinator: 'n2' };
    assert.deepEqual([await read(), await read()], [NODES, ['n2']]);
    hint = {};
    assert.deepEqual([await read(), await read()], [['n2'], NODES]);
  });

  it('should ask all nodes at once when the coordinator says that a fast round has begun', async () => {
    let isFast = false;
    const read = reader((node) => {
      if (!isFast) return answering({ coordinator: 'n2' });
      return node === 'n2' ? { kind: 'refused', error: FAST_ROUND, details: {} } : answering({});
    });
    await read();
    assert.deepEqual(await read(), ['n2']);
    isFast = true;
    assert.deepEqual([await read(), await read()], [['n2', ...NODES], NODES]);
  });

  it('should ask all nodes again when the coordinator has no answer, or is none of them', async () => {
    let coordinator = 'n2';
    let isUp = true;
    const read = reader((node) => (node === 'n2' && !isUp ? LOST : answering({ coordinator })));
    await read();
    isUp = false;
    coordinator = 'n3';
    assert.deepEqual([await read(), await read()], [['n2', ...NODES], ['n3']]);
    coordinator = 'n9';
    assert.deepEqual([await read(), await read()], [['n3'], NODES]);
  });
});
