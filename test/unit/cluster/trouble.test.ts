/** The troubles that a runtime wants of its nodes, and how these learn of them. */
import assert from 'node:assert/strict';
import type { NodeState, Reply } from '../../../harness/cluster/cluster.ts';
import { Troubles } from '../../../harness/cluster/trouble.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { parseTrouble } from '../../../harness/node/trouble.ts';

const ANSWER: Reply = { kind: 'answer', body: {} };

describe('troubles', () => {
  let state: NodeState;
  let reply: Reply;
  let calls: [path: string, body: JsonObject][];
  let files: string[];
  let killed: number;
  let troubles: Troubles;

  beforeEach(() => {
    state = 'running';
    reply = ANSWER;
    calls = [];
    files = [];
    killed = 0;
    troubles = new Troubles({
      state: () => Promise.resolve(state),
      call: (_node, path, body) => {
        calls.push([path, body]);
        if (path !== '_/trouble') state = 'down';
        return Promise.resolve(reply);
      },
      kill: () => {
        killed++;
        state = 'down';
        return Promise.resolve();
      },
      writeTroubleFile: (_node, text) => {
        files.push(text);
        return Promise.resolve();
      },
    });
  });

  it('should tell a node its whole state, in a file and by its port, each time under a new revision', async () => {
    await troubles.slow('n1', 20);
    await troubles.breakDisk('n1', { full: true });
    await troubles.slow('n1', 0);
    await troubles.breakDisk('n1', {});
    const expected = [
      { revision: 1, busyMs: 20 },
      { revision: 2, busyMs: 20, disk: { full: true } },
      { revision: 3, disk: { full: true } },
      { revision: 4 },
    ];
    assert.deepEqual(
      files.map((text) => JSON.parse(text) as unknown),
      expected,
    );
    assert.deepEqual(
      calls,
      expected.map((trouble) => ['_/trouble', trouble]),
    );
    assert.equal(troubles.textFor('n1'), files.at(-1));
    assert.equal(troubles.textFor('n2'), '{"revision":0}');
  });

  it('should say since when a clock is wrong, and number crashes', async () => {
    await troubles.skew('n1', { driftMs: 3 });
    await troubles.armCrash('n1', { name: 'x', passes: 2 });
    await troubles.armCrash('n2', { name: 'y', passes: 1 });
    const [, first, second] = calls.map(([, body]) => parseTrouble(body));
    assert.ok(Math.abs((first?.clock?.since ?? 0) - Date.now()) < 5000);
    assert.deepEqual([first?.clock?.driftMs, first?.crash], [3, { id: 1, name: 'x', passes: 2 }]);
    assert.deepEqual(second, { revision: 1, crash: { id: 2, name: 'y', passes: 1 } });
    await troubles.skew('n1', {});
    await troubles.armCrash('n1', undefined);
    assert.deepEqual(calls.at(-1)?.[1], { revision: 4 });
  });

  for (const absent of ['down', 'paused'] as const) {
    it(`should leave a node that is ${absent} to its file, and tell it later when asked to`, async () => {
      state = absent;
      await troubles.slow('n1', 20);
      assert.deepEqual([calls, files.length], [[], 1]);
      state = 'running';
      await troubles.tell('n1');
      await troubles.tell('n2');
      assert.deepEqual(calls, [['_/trouble', { revision: 1, busyMs: 20 }]]);
    });
  }

  it('should try again until the node has understood, and no longer when it is down', async () => {
    reply = { kind: 'lost', error: 'too busy' };
    const told = troubles.slow('n1', 20);
    while (calls.length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    reply = ANSWER;
    await told;
    reply = { kind: 'lost', error: 'it died' };
    const toDying = troubles.slow('n1', 0);
    state = 'down';
    await toDying;
  });

  it('should have a node that runs cut its own power, and kill one that is paused', async () => {
    await troubles.cutPower('n1');
    assert.deepEqual([calls, killed], [[['_/power-cut', {}]], 0]);
    state = 'paused';
    await troubles.cutPower('n1');
    assert.deepEqual([calls.length, killed], [1, 1]);
  });

  it('should have a node that runs use up its memory, and no other', async () => {
    await troubles.exhaustMemory('n1', 100);
    assert.deepEqual(calls, [['_/eat', { limitMiB: 100 }]]);
    await assert.rejects(troubles.exhaustMemory('n1', 100), /n1 is down: only a node that runs/);
    state = 'running';
    reply = { kind: 'refused', error: 'no handler', details: {} };
    await assert.rejects(troubles.exhaustMemory('n1', 100), /n1 does not use up its memory: no handler/);
  });
});
