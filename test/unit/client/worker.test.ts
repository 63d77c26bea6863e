/** Client workers: what becomes of whatever a client does. */
import assert from 'node:assert/strict';
import { plainClient, type ClientContext, type Completion } from '../../../harness/client/client.ts';
import { ClientWorker } from '../../../harness/client/worker.ts';
import { createRandom } from '../../../harness/random.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';

const NODES = ['n1', 'n2', 'n3'];
const READ = { f: 'read', value: null };

/** A worker whose client does this, and the contexts in which its clients were opened. */
function workerOf(
  invoke: (context: ClientContext) => Promise<Completion>,
  cluster = new FakeCluster(NODES),
): { worker: ClientWorker; opened: ClientContext[] } {
  const opened: ClientContext[] = [];
  const worker = new ClientWorker(1, {
    cluster,
    timeoutMs: 20,
    random: createRandom(1),
    factory: (context) => {
      opened.push(context);
      return { invoke: () => invoke(context) };
    },
  });
  return { worker, opened };
}

describe('client worker', () => {
  it('should pass on what the client says, and keep the client', async () => {
    const answers: Completion[] = [
      { type: 'ok', value: 1, node: 'n2' },
      { type: 'fail', error: 'no' },
    ];
    const { worker, opened } = workerOf(() => Promise.resolve(answers.shift() ?? assert.fail()));
    assert.deepEqual(await worker.perform(READ), { type: 'ok', value: 1, node: 'n2' });
    assert.deepEqual(await worker.perform(READ), { type: 'fail', error: 'no' });
    assert.equal(opened.length, 1);
  });

  it('should give up on a client that takes too long, as indeterminate', async () => {
    const { worker } = workerOf(() => new Promise(() => undefined));
    assert.deepEqual(await worker.perform(READ), { type: 'info', error: 'timed out after 20 ms' });
  });

  it('should not be harmed by a client that rejects after it was given up', async () => {
    const { worker } = workerOf(async (context) => {
      await context.sleep(300);
      throw new Error('too late');
    });
    assert.equal((await worker.perform(READ)).type, 'info');
    await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it('should call indeterminate what a client that threw has done', async () => {
    const { worker } = workerOf(() => Promise.reject(new Error('oops')));
    assert.deepEqual(await worker.perform(READ), { type: 'info', error: 'client threw: oops' });
    const { worker: synchronous } = workerOf(() => {
      throw new Error('at once');
    });
    assert.deepEqual(await synchronous.perform(READ), { type: 'info', error: 'client threw: at once' });
  });

  it('should outlive a client that cannot even be opened', async () => {
    const worker = new ClientWorker(0, {
      cluster: new FakeCluster(NODES),
      timeoutMs: 20,
      random: createRandom(1),
      factory: () => {
        throw new Error('no driver');
      },
    });
    assert.deepEqual(await worker.perform(READ), { type: 'info', error: 'client threw: no driver' });
  });

  for (const answer of [undefined, 'ok', { type: 'okay', value: 1 }, { type: 'ok' }, { type: 'fail' }]) {
    it(`should not take ${JSON.stringify(answer)} for an answer`, async () => {
      const { worker } = workerOf(() => Promise.resolve(answer as unknown as Completion));
      const { type, ...rest } = await worker.perform(READ);
      assert.equal(type, 'info');
      assert.match(JSON.stringify(rest), /client threw: expected/);
    });
  }

  it('should open the next process on the next node, under a session of its own', async () => {
    const { worker, opened } = workerOf(() => Promise.resolve({ type: 'info', error: 'who knows' }));
    await worker.perform(READ);
    worker.become(4);
    await worker.perform(READ);
    assert.equal(worker.process, 4);
    assert.deepEqual(
      opened.map(({ process, node, session }) => [process, node, session]),
      [
        [1, 'n2', '1.0'],
        [4, 'n3', '4.1'],
      ],
    );
    assert.notEqual(opened[0]?.random.next(), opened[1]?.random.next());
  });

  it('should move the same process to another node when nobody listens on its own, and take its time', async () => {
    const cluster = new FakeCluster(NODES);
    cluster.states.set('n2', 'down');
    const opened: ClientContext[] = [];
    const worker = new ClientWorker(1, {
      cluster,
      timeoutMs: 1000,
      random: createRandom(1),
      factory: (context) => {
        opened.push(context);
        return plainClient(context);
      },
    });
    const start = performance.now();
    assert.equal((await worker.perform(READ)).type, 'fail');
    assert.ok(performance.now() - start >= 45, 'a client without a node must not spin');
    assert.equal((await worker.perform(READ)).type, 'ok');
    assert.deepEqual(
      opened.map(({ process, node }) => [process, node]),
      [
        [1, 'n2'],
        [1, 'n3'],
      ],
    );
  });

  it('should stay on a node that refuses, since it is there', async () => {
    const cluster = new FakeCluster(NODES);
    cluster.answer = () => Promise.resolve({ kind: 'refused', error: 'not the leader', details: {} });
    const { worker, opened } = workerOf(async (context) => {
      const reply = await context.call(context.node, 'read', {}, 100);
      return { type: 'fail', error: reply.kind };
    }, cluster);
    await worker.perform(READ);
    await worker.perform(READ);
    assert.equal(opened.length, 1);
  });

  it('should not let a client that was given up move its successor', async () => {
    const cluster = new FakeCluster(NODES);
    const { worker, opened } = workerOf(async (context) => {
      if (context.process !== 1) return { type: 'ok', value: null };
      await context.sleep(300);
      cluster.states.set(context.node, 'down');
      await context.call(context.node, 'read', {}, 100);
      return { type: 'ok', value: null };
    }, cluster);
    assert.equal((await worker.perform(READ)).type, 'info');
    worker.become(4);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await worker.perform(READ);
    await worker.perform(READ);
    assert.deepEqual(
      opened.map(({ node }) => node),
      ['n2', 'n3'],
    );
  });
});
