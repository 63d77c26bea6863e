/** What a leader tells in its log of its decisions: message delays, as the messages themselves carried them, and milliseconds. */
import assert from 'node:assert/strict';
import { decisionsIn, type DecidedAlike } from '../../../../reports/decisions.ts';
import { node as program } from '../../../../targets/multi-paxos/node.ts';
import { Fabric } from '../cluster/fabric.ts';

const WRITES = 5;

/** Writes one value after the other to a new cluster, and answers how its leader says that they were decided. */
async function decided(
  nodes: number,
  prepare: (fabric: Fabric) => void = () => undefined,
): Promise<readonly DecidedAlike[]> {
  const fabric = await Fabric.up({ nodes, program });
  const leader = await fabric.leader();
  prepare(fabric);
  for (let value = 0; value < WRITES; value++) await fabric.ask(leader, 'write', { key: 'x', value });
  await fabric.run(2000);
  const lines = fabric.lines.map(({ fields, ...line }) => ({ ...line, ...fields }));
  const { kinds = [], collisions } = decisionsIn({ all: lines }) ?? {};
  assert.deepEqual([kinds.map(({ round }) => round), collisions], [['classic'], undefined]);
  return kinds.flatMap(({ byDelays }) => byDelays);
}

describe('multi-paxos decisions', () => {
  it('should take three message delays: to the leader, to the acceptors, and back', async () => {
    const [three, ...others] = await decided(5);
    assert.deepEqual([three?.delays, three?.commands, others], [3, WRITES, []]);
  });

  it('should take one where the leader is the only acceptor', async () => {
    const [one, ...others] = await decided(1);
    assert.deepEqual([one?.delays, one?.commands, others], [1, WRITES, []]);
  });

  it('should take longer, but no more of them, where proposals are lost and sent again', async () => {
    const loseEachOnce = (fabric: Fabric): void => {
      const lost = new Set<string>();
      fabric.intercept = (_from, to, { commands, from }) => {
        if (!Array.isArray(commands) || commands.length === 0) return true;
        const proposal = `${to}/${JSON.stringify(from)}`;
        const isAgain = lost.has(proposal);
        lost.add(proposal);
        return isAgain;
      };
    };
    const [quiet = assert.fail()] = await decided(3);
    const [lossy = assert.fail()] = await decided(3, loseEachOnce);
    assert.deepEqual([quiet.delays, lossy.delays, lossy.commands], [3, 3, WRITES]);
    assert.ok(lossy.meanMs > 3 * quiet.meanMs, `${quiet.meanMs} ms, ${lossy.meanMs} ms`);
  });

  it('should be told in few lines, and once', async () => {
    const fabric = await Fabric.up({ nodes: 3, program });
    const leader = await fabric.leader();
    const count = (): number => fabric.lines.filter(({ event }) => event === 'decisions').length;
    await fabric.run(2000);
    assert.equal(count(), 0, 'nothing was decided for a client');
    await fabric.ask(leader, 'write', { key: 'x', value: 1 });
    await fabric.run(2000);
    assert.equal(count(), 1);
    await Promise.all(
      Array.from({ length: 200 }, (_, value) => fabric.ask(leader, 'append', { key: 'list', value })),
    );
    await fabric.run(2000);
    assert.ok(count() <= 6, `${count()} lines`);
  });
});
