/**
 * Each broken variant breaks in a scripted scenario in which the correct Fast Paxos stands: the votes of one slot are split, and
 * the coordinator hears some of them only.
 */
import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../harness/json.ts';
import type { NodeProgram } from '../../../../harness/node/program.ts';
import { node as anyReportedValue } from '../../../../targets/fast-paxos/broken/any-reported-value.ts';
import { node as majorityFastQuorum } from '../../../../targets/fast-paxos/broken/majority-fast-quorum.ts';
import { node as correct } from '../../../../targets/fast-paxos/node.ts';
import { Fabric } from '../cluster/fabric.ts';

/** A scenario answers whether what it tells is as it should be. */
type Scenario = (program: NodeProgram) => Promise<boolean>;

/**
 * One command reaches `count` nodes first, another the coordinator and the rest. One node hears of all votes and is not heard
 * itself; the coordinator hears of all but two of those for the former; nobody else hears of any.
 */
const splitVotes =
  (count: number): Scenario =>
  async (program) => {
    const fabric = await Fabric.up({ nodes: 5, program });
    fabric.delay = [1, 1];
    await fabric.until(() => fabric.ids.every((id) => fabric.status(id).fast === true), 5000, 'a fast round');
    const { value: first = null } = await fabric.ask('n1', 'open-session', {});
    const { value: second = null } = await fabric.ask('n1', 'open-session', {});
    await fabric.run(100);
    const [coordinator = ''] = fabric.leaders();
    const others = fabric.others(coordinator);
    const [one = '', two = ''] = others;
    const isTold = (from: string, to: string): boolean => to === one || (to === coordinator && from !== two);
    fabric.intercept = (from, to, { type }) => from !== one && (type !== 'voted' || isTold(from, to));
    const write = (id: string, body: JsonObject): void => {
      fabric.call(id, 'append', { ...body, key: 'list', sequence: 1 }).catch(() => undefined);
    };
    for (const id of others.slice(0, count)) write(id, { value: 'x', session: first, id: 'x' });
    for (const id of [coordinator, ...others.slice(count)])
      write(id, { value: 'y', session: second, id: 'y' });
    await fabric.run(300);
    fabric.intercept = () => true;
    await fabric.run(2000);
    return isAgreed(fabric);
  };

/** True if nodes that have applied as many entries have applied the same. */
function isAgreed(fabric: Fabric): boolean {
  const applied = fabric.lines.filter(({ event }) => event === 'applied').map(({ fields }) => fields);
  const byIndex = Map.groupBy(applied, ({ index }) => index);
  return [...byIndex.values()].every((notes) => new Set(notes.map(({ digest }) => digest)).size === 1);
}

const STORIES: readonly (readonly [string, NodeProgram, Scenario])[] = [
  ['majority-fast-quorum', majorityFastQuorum, splitVotes(3)],
  ['any-reported-value', anyReportedValue, splitVotes(4)],
];

describe('broken variants of fast-paxos', () => {
  for (const [name, program, scenario] of STORIES) {
    it(`should break: ${name}`, async () => {
      assert.equal(await scenario(program), false);
    });

    it(`should stand where ${name} breaks: the correct fast-paxos`, async () => {
      assert.equal(await scenario(correct), true);
    });
  }
});
