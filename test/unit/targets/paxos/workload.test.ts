/** The consensus workload: what it asks for, what it accepts and rejects, and how it proves progress. */
import assert from 'node:assert/strict';
import { clients, simulate, type Outcomes } from '../../../../harness/generator/index.ts';
import type { Operation } from '../../../../harness/history/operation.ts';
import { canonical, type Json } from '../../../../harness/json.ts';
import { consensus } from '../../../../targets/workloads/index.ts';

const CLIENTS = 10;

/** Objects that keep the first value they are given, but for every so many-th one, which takes any. */
function objects(fickle = Infinity): Outcomes {
  const decisions = new Map<string, Json>();
  let proposals = 0;
  return ({ f, key = null, value }) => {
    const name = canonical(key);
    if (f === 'propose' && (!decisions.has(name) || ++proposals % fickle === 0)) decisions.set(name, value);
    return { type: 'ok', value: decisions.get(name) ?? null, tookNs: 1000 };
  };
}

const run = (outcomes: Outcomes): Operation[] =>
  simulate(clients(consensus.generator({ concurrency: CLIENTS })), outcomes, {
    clients: CLIENTS,
    seed: '1',
    operationsMax: 400,
  });

describe('consensus workload', () => {
  it('should ask for what it declares, on instances that several ask for, with a value of its own each time', () => {
    const asked = run(objects()).filter(({ type }) => type === 'invoke');
    assert.deepEqual([...new Set(asked.map(({ f }) => f))].sort(), Object.keys(consensus.operations).sort());
    const values = asked.filter(({ f }) => f === 'propose').map(({ value }) => value);
    assert.equal(new Set(values).size, values.length);
    const instances = new Set(asked.map(({ key }) => key)).size;
    assert.ok(instances > 10 && instances < asked.length / 4, `${instances} instances`);
  });

  it('should accept objects that decide once, and reject ones that do not', async () => {
    const [checker] = consensus.checkers;
    assert.ok(checker);
    const check = async (outcomes: Outcomes): Promise<unknown> =>
      (await checker.check(run(outcomes), { logs: {}, timeoutMs: 1000 })).valid;
    assert.equal(await check(objects()), true);
    assert.equal(await check(objects(20)), false);
  });

  it('should prove progress by a proposal and then a read, and read every key in the end', () => {
    const progress = consensus.progressGenerator?.({ concurrency: CLIENTS });
    const final = consensus.finalGenerator?.({ concurrency: CLIENTS, keys: [1, 2] });
    assert.ok(progress !== undefined && final !== undefined);
    const done = (entries: Operation[]): string[] =>
      entries.filter(({ type }) => type === 'ok').map(({ f }) => f);
    assert.deepEqual(done(simulate(clients(progress), objects(), { clients: CLIENTS })), ['propose', 'read']);
    assert.deepEqual(done(simulate(clients(final), objects(), { clients: CLIENTS })), ['read', 'read']);
  });
});
