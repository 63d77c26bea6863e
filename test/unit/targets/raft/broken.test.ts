/**
 * Each broken variant breaks in a scripted scenario in which the correct Raft stands: the scenarios are the
 * shortest stories of what each mistake does.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import type { NodeProgram } from '../../../../harness/node/program.ts';
import { node as earlyAck } from '../../../../targets/raft/broken/early-ack.ts';
import { node as keptVote } from '../../../../targets/raft/broken/kept-vote.ts';
import { node as localReads } from '../../../../targets/raft/broken/local-reads.ts';
import { node as noBackUp } from '../../../../targets/raft/broken/no-back-up.ts';
import { node as noDedup } from '../../../../targets/raft/broken/no-dedup.ts';
import { node as staleVote } from '../../../../targets/raft/broken/stale-vote.ts';
import { node as volatileVote } from '../../../../targets/raft/broken/volatile-vote.ts';
import { node as correct } from '../../../../targets/raft/node.ts';
import { Fabric } from '../cluster/fabric.ts';

/** A scenario answers whether what it tells is as it should be. */
type Scenario = (program: NodeProgram) => Promise<boolean>;

/** All nodes restart: the next leader must have a term of its own. */
const restartAll: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  await fabric.leader();
  for (const id of fabric.ids) fabric.crash(id);
  for (const id of fabric.ids) await fabric.start(id);
  await fabric.leader();
  const terms = fabric.lines
    .filter(({ event }) => event === 'became-leader')
    .map(({ fields }) => fields.term);
  return new Set(terms).size === terms.length;
};

/** The leader crashes, and of the two others only the one that missed a write can stand for election. */
const staleCandidate: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const leader = await fabric.leader();
  const [current = '', stale = ''] = fabric.others(leader);
  fabric.isolate(stale);
  await fabric.ask(leader, 'write', { key: 'x', value: 'acknowledged' });
  fabric.crash(leader);
  fabric.heal();
  fabric.intercept = (from, _to, { type }) => !(from === current && type === 'vote-request');
  await fabric.run(3000);
  fabric.intercept = () => true;
  const successor = await fabric.leader();
  return (await fabric.ask(successor, 'read', { key: 'x' })).value === 'acknowledged';
};

/** A leader is cut off, another writes, the old one is asked. */
const cutOffReader: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const old = await fabric.leader();
  await fabric.ask(old, 'write', { key: 'x', value: 'old' });
  fabric.isolate(old);
  const leader = await fabric.leader(fabric.others(old));
  await fabric.ask(leader, 'write', { key: 'x', value: 'new' });
  const answers: Json[] = [];
  void fabric.call(old, 'read', { key: 'x' }).then(
    (answer) => answers.push(answer),
    () => undefined,
  );
  await fabric.run(5000);
  return answers.length === 0;
};

/** A client sends its command again. */
const retry: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const leader = await fabric.leader();
  const { value: session = null } = await fabric.ask(leader, 'open-session', {});
  for (let attempt = 0; attempt < 2; attempt++) {
    await fabric.ask(leader, 'append', { key: 'list', value: 'a', session, sequence: 1 });
  }
  const { value } = await fabric.ask(leader, 'read', { key: 'list' });
  return (value as Json[]).length === 1;
};

/** A leader that is cut off takes a write: acknowledged, it must be there afterwards. */
const cutOffWriter: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const old = await fabric.leader();
  fabric.isolate(old);
  const answers: Json[] = [];
  void fabric.call(old, 'write', { key: 'x', value: 1 }).then(
    (answer) => answers.push(answer),
    () => undefined,
  );
  const leader = await fabric.leader(fabric.others(old));
  fabric.heal();
  await fabric.run(1000);
  return answers.length === 0 || (await fabric.ask(leader, 'read', { key: 'x' })).value === 1;
};

/** Both who were voted for are gone or have voted for themselves: somebody must be elected all the same. */
const leaderDies: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const leader = await fabric.leader();
  fabric.crash(leader);
  await fabric.run(10_000);
  return fabric.leaders().length === 1;
};

/** A follower misses a write, and the next leader, which has it, is to write with nobody else's help. */
const laggingFollower: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const first = await fabric.leader();
  const [current = '', lagging = ''] = fabric.others(first);
  fabric.isolate(lagging);
  await fabric.ask(first, 'write', { key: 'x', value: 1 });
  fabric.crash(first);
  fabric.heal();
  const answers: Json[] = [];
  for (let attempt = 0; attempt < 10 && answers.length === 0; attempt++) {
    void fabric.call(current, 'write', { key: 'x', value: 2 }).then(
      (answer) => answers.push(answer),
      () => undefined,
    );
    await fabric.run(1000);
  }
  return answers.length > 0;
};

const STORIES: readonly (readonly [string, NodeProgram, Scenario])[] = [
  ['volatile-vote', volatileVote, restartAll],
  ['stale-vote', staleVote, staleCandidate],
  ['local-reads', localReads, cutOffReader],
  ['no-dedup', noDedup, retry],
  ['early-ack', earlyAck, cutOffWriter],
  ['kept-vote', keptVote, leaderDies],
  ['no-back-up', noBackUp, laggingFollower],
];

describe('broken variants of raft', () => {
  for (const [name, program, scenario] of STORIES) {
    it(`should break: ${name}`, async () => {
      assert.equal(await scenario(program), false);
    });

    it(`should stand where ${name} breaks: the correct raft`, async () => {
      assert.equal(await scenario(correct), true);
    });
  }
});
