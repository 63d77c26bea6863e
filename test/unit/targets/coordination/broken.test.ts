/**
 * Each broken variant of the coordination service breaks in a scripted story in which the correct one stands: the stories are the
 * shortest ones of what each mistake does.
 */
import assert from 'node:assert/strict';
import { WATCH_MS } from '../../../../targets/coordination/line.ts';
import coordination from '../../../../targets/coordination/target.ts';
import { LockWorld } from '../guarded-resource/world.ts';
import { cutOff, leaderOf } from './ensemble.ts';

type Story = (world: LockWorld) => Promise<unknown>;

/** Somebody holds the lock, and another comes later whose name comes before his. */
const earlierName: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await b('acquire');
  await a('acquire');
};

/**
 * A client's session has not long to live when it asks for the lock, and the leader is paused before it answers that the node is made. By the
 * time that there is another leader the client has given its session up; the servers have not.
 */
const lostAnswer: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  await a('release');
  const leader = await leaderOf(world.cluster);
  await world.sleep(600);
  const asked = a('acquire');
  await world.sleep(4);
  await world.cluster.pause(leader);
  await asked;
  const next = b('acquire');
  for (let renewals = 0; renewals < 4; renewals++) {
    await world.sleep(250);
    await a('renew');
  }
  await next;
};

/** The leader is cut off from its peers while it hears from a holder, who goes on talking to it. */
const deposedLeader: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  const leader = await leaderOf(world.cluster);
  await cutOff(world.cluster, leader);
  await world.sleep(800);
  await a('renew');
  const next = b('acquire');
  await world.sleep(700);
  await a('renew');
  await next;
};

/** The leader dies when it has just heard from a holder. */
const newLeader: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  const leader = await leaderOf(world.cluster);
  await a('renew');
  await world.cluster.kill(leader);
  await b('acquire');
};

/** A holder dies, and somebody goes on trying. */
const deadHolder: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await a('acquire');
  for (let attempt = 0; attempt < 7; attempt++) if ((await b('acquire')).type === 'ok') return;
};

/** A node is changed when a watch has to be set again, and again later. */
const closeChange: Story = async (world) => {
  const [a, b] = [world.actor(), world.actor()];
  await b('set', { data: 'first' });
  for (let afterMs = WATCH_MS - 10; afterMs < WATCH_MS + 10; afterMs++) {
    const watching = a('watch');
    await world.sleep(afterMs);
    await b('set', { data: afterMs });
    await world.sleep(100);
    await b('set', { data: -afterMs });
    await watching;
  }
};

/** What is looked at in the end is the checker that must catch the variant; another is named where the story is a shorter one for it. */
const STORIES: readonly (readonly [variant: string, Story, checker?: string])[] = [
  ['name-order', earlierName],
  ['previous-session', lostAnswer],
  ['unconfirmed-heartbeat', deposedLeader, 'mutual-exclusion'],
  ['instant-expiry', newLeader],
  ['ephemeral-kept', deadHolder],
  ['late-watch', closeChange],
];

async function verdictOf(story: Story, checker: string, variant?: string): Promise<unknown> {
  const world = await LockWorld.up(coordination, variant);
  await story(world);
  await world.stop();
  return world.verdict(checker);
}

describe('broken variants of coordination', () => {
  it('should all have their story', () => {
    assert.deepEqual(
      STORIES.map(([variant]) => variant).sort(),
      Object.keys(coordination.variants ?? {}).sort(),
    );
  });

  for (const [variant, story, checker] of STORIES) {
    const caughtBy = checker ?? coordination.variants?.[variant]?.caughtBy ?? assert.fail(variant);

    it(`should break: ${variant}`, async () => {
      assert.equal(await verdictOf(story, caughtBy, variant), false);
    });

    it(`should stand where ${variant} breaks: the correct service`, async () => {
      assert.equal(await verdictOf(story, caughtBy), true);
    });
  }
});
