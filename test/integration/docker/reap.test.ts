/**
 * Removal of what dead runs left behind, and of nothing else.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { findEngine } from '../../../harness/cluster/docker/engine.ts';
import { imageName } from '../../../harness/cluster/docker/image.ts';
import { dockerRuntime } from '../../../harness/cluster/docker/runtime.ts';
import { markOf, ownMark } from '../../../harness/cluster/owner.ts';
import { requireDocker } from './engine.ts';
import { remainsOf } from './fixture.ts';

/** The mark of a process that started when this one did not: ids are reused, start times are not. */
const DEAD = `${process.pid}@1`;

describe('docker reap', () => {
  before(requireDocker);

  const engine = findEngine();
  const name = (what: string): string => `splitbrain-reap-test-${process.pid}-${what}`;

  async function leave(what: string, labels: Record<string, string>): Promise<void> {
    const Labels = { 'splitbrain.run': name(what), ...labels };
    const Image = await imageName(engine);
    await engine.ask('make a network', (docker) => docker.createNetwork({ Name: name(what), Labels }));
    await engine.ask('make a volume', (docker) => docker.createVolume({ Name: name(what), Labels }));
    const HostConfig = { NetworkMode: name(what), Binds: [`${name(what)}:/data`] };
    const options = { Image, Cmd: ['sleep', '60'], name: name(what), Labels, HostConfig };
    await engine.ask('make a container', async (docker) => {
      await (await docker.createContainer(options)).start();
    });
  }

  async function discard(what: string): Promise<void> {
    await engine.ask('discard', async (docker) => {
      await docker.getContainer(name(what)).remove({ force: true });
      await docker.getNetwork(name(what)).remove();
      await docker.getVolume(name(what)).remove();
    });
  }

  it('should remove all that is left of a dead owner', async () => {
    await leave('dead', { 'splitbrain.owner': DEAD, 'splitbrain.host': hostname() });
    const removed = await dockerRuntime.reap();
    for (const kind of ['container', 'network', 'volume']) {
      assert.ok(removed.includes(`${kind} ${name('dead')}`), `${kind}: ${removed.join()}`);
    }
    assert.deepEqual(await remainsOf(engine, name('dead')), []);
  });

  for (const [what, labels] of [
    ['of a living owner', { 'splitbrain.owner': ownMark() }],
    ['of a living process that is not this one', { 'splitbrain.owner': markOf(process.ppid) }],
    ['of another machine', { 'splitbrain.owner': DEAD, 'splitbrain.host': 'elsewhere' }],
  ] as const) {
    it(`should leave alone what is ${what}`, async () => {
      await leave('alive', labels);
      try {
        const removed = await dockerRuntime.reap();
        assert.deepEqual(
          removed.filter((line) => line.includes(name('alive'))),
          [],
        );
        assert.equal((await remainsOf(engine, name('alive'))).length, 3);
      } finally {
        await discard('alive');
      }
    });
  }
});
