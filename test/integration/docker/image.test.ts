/**
 * The base image: built once, never taken for whole when it is not.
 */
import assert from 'node:assert/strict';
import { findEngine } from '../../../harness/cluster/docker/engine.ts';
import {
  ensureImage,
  hasImage,
  imageName,
  type ImageOptions,
} from '../../../harness/cluster/docker/image.ts';
import { RECIPES, type BuildOrder, type Recipe } from '../../../harness/cluster/docker/recipes.ts';
import { labelsFor } from '../../../harness/cluster/docker/labels.ts';
import { sleep } from '../../../harness/time.ts';
import { requireDocker } from './engine.ts';

const engine = findEngine();
let count = 0;

/** A recipe of its own, so with a tag of its own, that does this. */
function recipe(build: (order: BuildOrder) => Promise<void>, obstacle?: string): Recipe {
  const text = `test ${process.pid} ${++count}`;
  return { how: `by ${text}`, text, obstacle: () => obstacle, build };
}

/** Stands in for a build: gives the real base image the name that was ordered. */
async function copyOfBase({ repository, tag }: BuildOrder): Promise<void> {
  const base = await imageName(engine);
  await engine.ask('tag', (docker) => docker.getImage(base).tag({ repo: repository, tag }));
}

function options(recipes: readonly Recipe[], progress: string[] = []): ImageOptions {
  return { recipes, progress: (line) => progress.push(line), signal: new AbortController().signal };
}

describe('docker base image', () => {
  before(requireDocker);

  const built: string[] = [];
  after(async () => {
    for (const name of built) await engine.ask('untag', (docker) => docker.getImage(name).remove());
  });

  it('should be built by one of two runs that need it at once', async () => {
    let builds = 0;
    const once = recipe(async (order) => {
      builds++;
      await sleep(300);
      await copyOfBase(order);
    });
    const names = await Promise.all([
      ensureImage(engine, options([once])),
      ensureImage(engine, options([once])),
    ]);
    built.push(names[0]);
    assert.equal(names[0], names[1]);
    assert.equal(builds, 1);
    await ensureImage(engine, options([once]));
    assert.equal(builds, 1);
  });

  it('should fall back to the next way, and say so', async () => {
    const fails = recipe(() => Promise.reject(new Error('mirror on fire')));
    const recipes = [recipe(copyOfBase, 'not here'), fails, recipe(copyOfBase)];
    const progress: string[] = [];
    built.push(await ensureImage(engine, options(recipes, progress)));
    assert.ok(
      progress.some((line) => line === `could not build the base image ${fails.how}`),
      progress.join('\n'),
    );
  });

  it('should say why each way failed when all did, and leave no tag', async () => {
    const recipes = [
      recipe(copyOfBase, 'not root'),
      recipe(() => Promise.reject(new Error('mirror on fire'))),
    ];
    await assert.rejects(ensureImage(engine, options(recipes)), {
      name: 'HarnessError',
      message: /not root[^]*mirror on fire[^]*doctor --fix/,
    });
    assert.equal(await hasImage(engine, await imageName(engine, recipes)), false);
  });

  it('should not give its tag to an image that does not work', async () => {
    const empty = recipe(async ({ repository, tag }) => {
      const base = await imageName(engine);
      await engine.ask('make an image without Node', async (docker) => {
        const container = await docker.createContainer({
          Image: base,
          Cmd: ['rm', '/usr/local/bin/node'],
          Labels: labelsFor('image-test'),
          HostConfig: { NetworkMode: 'none' },
        });
        await container.start();
        await container.wait();
        await container.commit({ repo: repository, tag });
        await container.remove();
      });
    });
    await assert.rejects(ensureImage(engine, options([empty])), {
      message: /does not work \(exit code 127\)/,
    });
    assert.equal(await hasImage(engine, await imageName(engine, [empty])), false);
  });

  it('should have a name that follows from its recipes', async () => {
    const [a, b] = [recipe(copyOfBase), recipe(copyOfBase)];
    assert.notEqual(await imageName(engine, [a]), await imageName(engine, [b]));
    assert.equal(await imageName(engine), await imageName(engine, RECIPES));
  });
});
