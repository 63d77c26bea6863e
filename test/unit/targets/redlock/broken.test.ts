/**
 * Each broken variant of Redlock breaks in a scripted story in which the correct one stands.
 */
import assert from 'node:assert/strict';
import redlock from '../../../../targets/redlock/target.ts';
import { LockWorld } from '../guarded-resource/world.ts';

type Story = (world: LockWorld) => Promise<unknown>;

const kill = async (world: LockWorld, ...nodes: readonly string[]): Promise<void> => {
  for (const node of nodes) await world.cluster.kill(node);
};
const restart = async (world: LockWorld, ...nodes: readonly string[]): Promise<void> => {
  for (const node of nodes) await world.cluster.restart(node);
};

/** One client has two of five servers, and another two others. */
const twoHalves: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await kill(world, 'n3', 'n4', 'n5');
  await a('acquire');
  await restart(world, 'n3', 'n4', 'n5');
  await kill(world, 'n1', 'n2');
  await b('acquire');
};

/** Whoever granted the lock restarts at once. */
const forgetful: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  await world.restart('n1', 'n2', 'n3', 'n4', 'n5');
  await b('acquire');
};

/** A holder sleeps through the end of his lease, and writes after his successor did. */
const lateWrite: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  const late = a('update', { think: 1.5 });
  await b('acquire');
  await b('update', { think: 0 });
  await late;
  await b('read');
};

/**
 * Two servers are down, and one of the three others is asleep nearly for as long as it is waited for. When it is asked after another, that one's
 * lease ends well before the holder's own reckoning; and then all five are up. Which server is asked first is drawn.
 */
const slowServer: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await kill(world, 'n4', 'n5');
  await world.cluster.pause('n1');
  const granted = a('acquire');
  await world.sleep(180);
  await world.cluster.resume('n1');
  await granted;
  await restart(world, 'n4', 'n5');
  await b('acquire');
};

const STORIES: readonly (readonly [variant: string, Story, broken: readonly string[]])[] = [
  ['half-quorum', twoHalves, ['mutual-exclusion']],
  ['instant-restart', forgetful, ['mutual-exclusion']],
  ['unfenced', lateWrite, ['fencing', 'lost-update']],
  ['no-elapsed', slowServer, ['mutual-exclusion']],
];

/** Seeds that differ in which servers are asked first. */
const SEEDS = ['1', '2', '3', '4', '5', '6'];

/** What broke under each seed. */
async function brokenBy(story: Story, variant?: string): Promise<string[]> {
  const found: string[] = [];
  for (const seed of SEEDS) {
    const world = await LockWorld.up(redlock, variant, seed);
    await story(world);
    await world.stop();
    found.push((await world.broken()).join(' '));
  }
  return found;
}

describe('broken variants of redlock', () => {
  it('should all have their story', () => {
    assert.deepEqual(STORIES.map(([variant]) => variant).sort(), Object.keys(redlock.variants ?? {}).sort());
  });

  for (const [variant, story, broken] of STORIES) {
    it(`should break: ${variant}`, async () => {
      const found = await brokenBy(story, variant);
      assert.ok(found.includes(broken.join(' ')), found.join('; '));
      assert.ok(broken.includes(redlock.variants?.[variant]?.caughtBy ?? ''));
    });

    it(`should stand where ${variant} breaks: the correct redlock`, async () => {
      assert.deepEqual(new Set(await brokenBy(story)), new Set(['']));
    });
  }
});
