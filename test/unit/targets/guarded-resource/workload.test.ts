/** The workloads of locks: what they ask for, in which order, and how a run ends. */
import assert from 'node:assert/strict';
import { clients, type Outcome, type Outcomes, simulate } from '../../../../harness/generator/index.ts';
import type { Operation } from '../../../../harness/history/operation.ts';
import { isJsonObject } from '../../../../harness/json.ts';
import type { Workload } from '../../../../harness/run/target.ts';
import { lock, optimistic } from '../../../../targets/workloads/index.ts';

const CLIENTS = 6;
const TOOK_NS = 1e6;

/** A service in which a share of the acquires fails, and everything else succeeds. */
const mostly: Outcomes = ({ f, value }, random): Outcome => ({
  type: f === 'acquire' && random.chance(0.3) ? 'fail' : 'ok',
  value,
  tookNs: TOOK_NS,
});

function run(workload: Workload): Operation[] {
  const generator = clients(workload.generator({ concurrency: CLIENTS }));
  return simulate(generator, mostly, { clients: CLIENTS, seed: '1', operationsMax: 1000 });
}

const invoked = (history: readonly Operation[]): Operation[] =>
  history.filter(({ type }) => type === 'invoke');
const thinkOf = ({ value }: Operation): number => (isJsonObject(value) ? Number(value['think']) : NaN);

describe('the workloads of locks', () => {
  const history = run(lock);

  for (const workload of [lock, optimistic]) {
    it(`should ask for nothing but what it declares: ${workload.name}`, () => {
      const final = workload.finalGenerator?.({ concurrency: CLIENTS, keys: ['a'] });
      assert.ok(final);
      const asked = [...run(workload), ...simulate(clients(final), mostly, { clients: CLIENTS })].map(
        ({ f }) => f,
      );
      assert.deepEqual([...new Set(asked)].sort(), Object.keys(workload.operations).sort());
    });
  }

  it('should let each process take the lock until it has it, then work, then mostly give it back', () => {
    const orders = Map.groupBy(history, ({ process, key }) => `${process} ${JSON.stringify(key)}`);
    const steps = [...orders.values()].flatMap((own) =>
      own.map(
        ({ f, type }, index) =>
          `${own[index - 1]?.f ?? 'nothing'} ${own[index - 1]?.type ?? ''} ${f} ${type}`,
      ),
    );
    const begun = new Set(steps.filter((step) => step.endsWith('invoke')));
    assert.deepEqual([...begun].sort(), [
      'acquire fail acquire invoke',
      'acquire ok update invoke',
      'nothing  acquire invoke',
      'release ok acquire invoke',
      'renew ok release invoke',
      'renew ok update invoke',
      // Some forget to release it.
      'update ok acquire invoke',
      'update ok release invoke',
      'update ok renew invoke',
      'update ok update invoke',
    ]);
  });

  it('should have a share of the holders think past the end of their lease', () => {
    const thoughts = invoked(history).filter(({ f }) => f === 'update').map(thinkOf); // prettier-ignore
    const late = thoughts.filter((think) => think > 1).length / thoughts.length;
    assert.ok(late > 0.05 && late < 0.3, `${late}`);
    assert.ok(thoughts.every((think) => think >= 0 && think <= 1.6));
  });

  it('should end with every lock acquired once, and its resource read', () => {
    const final = lock.finalGenerator?.({ concurrency: CLIENTS, keys: ['a', 'b', 'c'] });
    assert.ok(final);
    const done = simulate(clients(final), mostly, { clients: CLIENTS, seed: '1' }).filter(
      ({ type }) => type === 'ok',
    );
    for (const key of ['a', 'b', 'c'])
      assert.deepEqual(done.filter((one) => one.key === key).map(({ f }) => f), ['acquire', 'read']); // prettier-ignore
  });

  it('should prove progress by a lock that is granted in the end', () => {
    const progress = lock.progressGenerator?.({ concurrency: CLIENTS });
    assert.ok(progress);
    const tried = simulate(clients(progress), mostly, { clients: CLIENTS, seed: '3' });
    assert.deepEqual([...new Set(tried.map(({ f }) => f))], ['acquire']);
    assert.ok(tried.some(({ type }) => type === 'ok'));
  });
});
