/**
 * Each broken variant breaks in a scripted scenario in which the correct Multi-Paxos stands: the scenarios are the
 * shortest stories of what each mistake does.
 */
import assert from 'node:assert/strict';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import type { NodeId, NodeProgram } from '../../../../harness/node/program.ts';
import { node as firstValue } from '../../../../targets/multi-paxos/broken/first-value.ts';
import { node as gapSkip } from '../../../../targets/multi-paxos/broken/gap-skip.ts';
import { node as leaseAfterPause } from '../../../../targets/multi-paxos/broken/lease-after-pause.ts';
import { node as skippedPhaseOne } from '../../../../targets/multi-paxos/broken/skipped-phase-one.ts';
import { node as volatilePromise } from '../../../../targets/multi-paxos/broken/volatile-promise.ts';
import { node as correct } from '../../../../targets/multi-paxos/node.ts';
import { Fabric } from '../cluster/fabric.ts';

/** A scenario answers whether what it tells is as it should be. */
type Scenario = (program: NodeProgram) => Promise<boolean>;

const proposals = ({ commands }: JsonObject): boolean => Array.isArray(commands) && commands.length > 0;

const read = async (fabric: Fabric, leader: NodeId): Promise<Json> =>
  (await fabric.ask(leader, 'read', { key: 'x' })).value ?? null;

/** All nodes restart, and the one that led is elected again: it must have another ballot. */
const restartAll: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const leader = await fabric.leader();
  for (const id of fabric.ids) fabric.crash(id);
  for (const id of fabric.ids) await fabric.start(id);
  fabric.intercept = (from, _to, { type }) => type !== 'prepare' || from === leader;
  await fabric.leader();
  const ballots = fabric.lines
    .filter(({ event }) => event === 'became-leader')
    .map(({ fields }) => fields.term);
  return new Set(ballots).size === ballots.length;
};

/** A write is chosen by the leader and one other; then the leader dies, and the third, which knows nothing of it, is elected. */
const unknownSlot: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const leader = await fabric.leader();
  const [current = '', behind = ''] = fabric.others(leader);
  fabric.isolate(behind);
  await fabric.ask(leader, 'write', { key: 'x', value: 'acknowledged' });
  fabric.crash(leader);
  fabric.heal();
  fabric.intercept = (from, _to, { type }) => !(from === current && type === 'prepare');
  await fabric.until(() => fabric.leaders().includes(behind), 5000);
  return (await read(fabric, await fabric.leader())) === 'acknowledged';
};

/**
 * A leader's write reaches nobody, and another leader has another write chosen in the same slot. Of the two nodes that are left then,
 * the one that has the chosen write is elected, and hears first of the other.
 */
const olderReport: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const first = await fabric.leader();
  await fabric.run(100);
  fabric.isolate(first);
  fabric.call(first, 'write', { key: 'x', value: 'never chosen' }).catch(() => undefined);
  const second = await fabric.leader(fabric.others(first));
  await fabric.ask(second, 'write', { key: 'x', value: 'chosen' });
  const [third = ''] = fabric.others(first, second);
  fabric.intercept = (_from, _to, message) => !proposals(message) || message.chosen !== 0;
  fabric.crash(second);
  fabric.crash(third);
  await fabric.start(third);
  fabric.crash(first, false);
  await fabric.start(first);
  fabric.heal();
  fabric.intercept = (from, _to, { type }) => !(from === first && type === 'prepare');
  return (await read(fabric, await fabric.leader([third]))) === 'chosen';
};

/** Of two writes that are under way the second is chosen first: nothing may come of it before the first is. */
const overtaken: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program, options: { maxBatch: 1 } });
  const leader = await fabric.leader();
  const first = Number(fabric.status(leader).applied) + 1;
  fabric.intercept = (_from, _to, message) => !proposals(message) || message.from !== first;
  const answers: Json[] = [];
  for (const value of ['first', 'second']) {
    fabric.call(leader, 'append', { key: 'x', value }).then(
      (answer) => answers.push(answer),
      () => undefined,
    );
  }
  await fabric.run(50);
  return answers.length === 0;
};

/** A leader stands still while another is elected and writes; then it is asked before it hears of that. */
const pausedReader: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  const old = await fabric.leader();
  await fabric.ask(old, 'write', { key: 'x', value: 'old' });
  await fabric.run(200);
  fabric.isolate(old);
  const leader = await fabric.leader(fabric.others(old));
  await fabric.ask(leader, 'write', { key: 'x', value: 'new' });
  assert.equal(fabric.status(old).role, 'leader');
  const answers: Json[] = [];
  void fabric.call(old, 'read', { key: 'x' }).then(
    (answer) => answers.push(answer),
    () => undefined,
  );
  await fabric.run(5000);
  return answers.length === 0;
};

const STORIES: readonly (readonly [string, NodeProgram, Scenario])[] = [
  ['volatile-promise', volatilePromise, restartAll],
  ['first-value', firstValue, olderReport],
  ['skipped-phase-one', skippedPhaseOne, unknownSlot],
  ['gap-skip', gapSkip, overtaken],
  ['lease-after-pause', leaseAfterPause, pausedReader],
];

describe('broken variants of multi-paxos', () => {
  for (const [name, program, scenario] of STORIES) {
    it(`should break: ${name}`, async () => {
      assert.equal(await scenario(program), false);
    });

    it(`should stand where ${name} breaks: the correct multi-paxos`, async () => {
      assert.equal(await scenario(correct), true);
    });
  }
});
