/**
 * Random runs: partitions, crashes with torn writes, and loss, drawn from a seed, while clients propose to a few
 * instances. Whatever happens an instance decides once; and once the faults are over, every instance can be decided.
 */
import assert from 'node:assert/strict';
import { node as program } from '../../../../targets/paxos/node.ts';
import { disturb } from '../cluster/disturb.ts';
import { Fabric } from '../cluster/fabric.ts';

const SEEDS = 6;
const FAULTS_MS = 5000;
const INSTANCES = 40;

describe('paxos under random faults', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const nodes = seed % 4 === 0 ? 3 : 5;
    it(`should decide each instance once with ${nodes} nodes and seed ${seed}`, async () => {
      const fabric = await Fabric.up({ nodes, program, seed, options: { patienceMs: 1000 } });
      fabric.delay = [0.5, 20];
      const decisions = new Map<number, Set<unknown>>();
      const note = (instance: number, value: unknown): unknown =>
        decisions.set(instance, (decisions.get(instance) ?? new Set()).add(value));
      const random = fabric.random.fork('clients');
      let proposals = 0;
      const propose = (): void => {
        const [node = 'n1'] = random.shuffle(fabric.ids);
        const key = Math.floor((fabric.now / FAULTS_MS) * INSTANCES) - random.int(3);
        fabric.call(node, 'propose', { key, value: ++proposals }).then(
          (answer) => note(key, (answer as { value: unknown }).value),
          () => undefined,
        );
        if (fabric.now < FAULTS_MS) fabric.after(random.between(0, 20), propose);
      };
      propose();
      await disturb(fabric, FAULTS_MS);
      await fabric.run(3000);

      for (let key = 0; key < INSTANCES; key++) {
        note(key, (await fabric.ask('n1', 'propose', { key, value: 'late' })).value);
      }
      for (const { event, fields } of fabric.lines) {
        if (event === 'chosen') note(Number(fields.instance), fields.value);
      }
      const split = [...decisions].filter(([, values]) => values.size > 1);
      assert.deepEqual(split, []);
      // Guards against a run in which nothing happened.
      const early = [...decisions.values()].filter((values) => !values.has('late'));
      assert.ok(early.length > INSTANCES / 5, `${early.length} instances were decided under faults`);
    });
  }
});
