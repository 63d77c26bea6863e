/**
 * Each broken variant of lease-lock breaks in a scripted story in which the correct one stands: the stories are the shortest ones
 * of what each mistake does.
 */
import assert from 'node:assert/strict';
import leaseLock from '../../../../targets/lease-lock/target.ts';
import { LockWorld } from '../guarded-resource/world.ts';

type Story = (world: LockWorld) => Promise<unknown>;

/** A holder's lease ends, another holds the lock, and the first one gives back what is no longer his. A third one asks. */
const lateRelease: Story = async (world) => {
  const [a, b, c] = [world.actor(), world.actor(), world.actor()];
  await a('acquire');
  await b('acquire');
  await a('release');
  await c('acquire');
};

/** A holder sleeps through the end of his lease, and writes after his successor did. */
const lateWrite: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  const late = a('update', { think: 1.3 });
  await b('acquire');
  await b('update', { think: 0 });
  await late;
  await b('read');
};

/** The lock server restarts while somebody holds the lock. */
const restart: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  await world.restart('n1');
  await b('acquire');
};

/** The lock server's wall clock jumps by a minute. */
const clockJump: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  await world.cluster.skew('n1', { offsetMs: 60_000 });
  await b('acquire');
};

/** A holder dies, and somebody goes on trying. */
const deadHolder: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  for (let attempt = 0; attempt < 7; attempt++) if ((await b('acquire')).type === 'ok') return;
};

/** The lock server is paused after it granted the lock and before it says so. */
const slowAnswer: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  const granted = a('acquire');
  await world.sleep(3);
  await world.cluster.pause('n1');
  await world.sleep(500);
  await world.cluster.resume('n1');
  await granted;
  await b('acquire');
};

const STORIES: readonly (readonly [variant: string, Story, broken: readonly string[]])[] = [
  ['unconditional-release', lateRelease, ['mutual-exclusion']],
  ['token-ignored', lateWrite, ['fencing', 'lost-update']],
  ['volatile-table', restart, ['mutual-exclusion']],
  ['wall-clock-expiry', clockJump, ['mutual-exclusion']],
  ['no-expiry', deadHolder, ['eventual-release']],
  ['lease-after-pause', slowAnswer, ['mutual-exclusion']],
];

async function brokenBy(story: Story, variant?: string): Promise<string[]> {
  const world = await LockWorld.up(leaseLock, variant);
  await story(world);
  await world.stop();
  return world.broken();
}

describe('broken variants of lease-lock', () => {
  it('should all have their story', () => {
    assert.deepEqual(
      STORIES.map(([variant]) => variant).sort(),
      Object.keys(leaseLock.variants ?? {}).sort(),
    );
  });

  for (const [variant, story, broken] of STORIES) {
    it(`should break: ${variant}`, async () => {
      assert.deepEqual(await brokenBy(story, variant), broken);
      assert.ok(broken.includes(leaseLock.variants?.[variant]?.caughtBy ?? ''));
    });

    it(`should stand where ${variant} breaks: the correct lease-lock`, async () => {
      assert.deepEqual(await brokenBy(story), []);
    });
  }
});
