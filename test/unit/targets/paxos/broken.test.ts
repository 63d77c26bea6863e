/**
 * Each broken variant breaks in a scripted scenario in which the correct Paxos stands: the scenarios are the
 * shortest stories of what each mistake does.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import type { NodeProgram } from '../../../../harness/node/program.ts';
import { node as firstValue } from '../../../../targets/paxos/broken/first-value.ts';
import { node as ownValue } from '../../../../targets/paxos/broken/own-value.ts';
import { node as volatilePromise } from '../../../../targets/paxos/broken/volatile-promise.ts';
import { node as correct } from '../../../../targets/paxos/node.ts';
import { Fabric } from '../cluster/fabric.ts';

/** A scenario answers whether what it tells is as it should be. */
type Scenario = (program: NodeProgram) => Promise<boolean>;

/** Proposes without waiting for an answer. */
const propose = (fabric: Fabric, node: string, value: Json): void => {
  fabric.call(node, 'propose', { key: 'k', value }).catch(() => undefined);
};

/** What nodes learned, over all their lives. */
const learned = (fabric: Fabric): number =>
  new Set(fabric.lines.filter(({ event }) => event === 'chosen').map(({ fields }) => fields.value)).size;

/** A second proposer comes when the first one's value is decided already. */
const secondProposer: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  fabric.intercept = (_from, _to, { type }) => type !== 'chosen';
  await fabric.ask('n1', 'propose', { key: 'k', value: 'a' });
  await fabric.ask('n2', 'propose', { key: 'k', value: 'b' });
  return learned(fabric) === 1;
};

/** The first value reached one acceptor, the second a majority, and who asks next hears of the first before the second. */
const leftOver: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 5, program });
  fabric.intercept = (_from, to, { type }) => type !== 'accept' || to === 'n1';
  propose(fabric, 'n1', 'a');
  await fabric.run(50);
  fabric.isolate('n1');
  fabric.intercept = (_from, _to, { type }) => type !== 'chosen';
  await fabric.ask('n3', 'propose', { key: 'k', value: 'b' });
  fabric.heal();
  // Whoever accepted b answers last.
  fabric.partition(['n2'], ['n3', 'n4', 'n5']);
  propose(fabric, 'n2', 'c');
  await fabric.run(50);
  fabric.heal();
  await fabric.run(1000);
  return learned(fabric) === 1;
};

/** An acceptor promises to the second proposer, restarts, and then is asked by the first, whose ballot is lower. */
const forgetful: Scenario = async (program) => {
  const fabric = await Fabric.up({ nodes: 3, program });
  fabric.cut('n1', 'n2');
  fabric.intercept = (_from, to, { type }) => !(type === 'accept' && to === 'n3');
  propose(fabric, 'n1', 'a');
  await fabric.run(20);
  fabric.partition(['n1'], ['n2', 'n3']);
  propose(fabric, 'n2', 'b');
  await fabric.run(20);
  fabric.partition(['n2'], ['n3']);
  fabric.crash('n3');
  await fabric.start('n3');
  fabric.heal();
  fabric.partition(['n2'], ['n1', 'n3']);
  fabric.intercept = (_from, _to, { type }) => type !== 'chosen';
  await fabric.run(700);
  fabric.heal();
  await fabric.run(700);
  return learned(fabric) === 1;
};

const STORIES: readonly (readonly [string, NodeProgram, Scenario])[] = [
  ['own-value', ownValue, secondProposer],
  ['first-value', firstValue, leftOver],
  ['volatile-promise', volatilePromise, forgetful],
];

describe('broken variants of paxos', () => {
  for (const [name, program, scenario] of STORIES) {
    it(`should break: ${name}`, async () => {
      assert.equal(await scenario(program), false);
    });

    it(`should stand where ${name} breaks: the correct paxos`, async () => {
      assert.equal(await scenario(correct), true);
    });
  }
});
