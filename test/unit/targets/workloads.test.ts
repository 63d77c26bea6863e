import assert from 'node:assert/strict';
import {
  type Outcome,
  type Outcomes,
  clients,
  simulate,
  timeLimit,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { type Json, canonical, equal } from '../../../harness/json.ts';
import type { Workload } from '../../../harness/run/target.ts';
import { NANOS_PER_MS } from '../../../harness/time.ts';
import { workloads } from '../../../targets/workloads/index.ts';

const CLIENTS = 10;

/** One store without faults: operations take effect when they begin. */
function store(read: (held: Json) => Json = (held) => held): Outcomes {
  const values = new Map<string, Json>();
  return ({ f, key = null, value }, random): Outcome => {
    const name = canonical(key);
    const held = values.get(name) ?? null;
    const tookNs = random.int(20 * NANOS_PER_MS);
    if (f === 'read') return { type: 'ok', value: read(held), tookNs };
    const [expected = null, next = null] = f === 'cas' ? (value as Json[]) : [];
    if (f === 'cas' && !equal(held, expected)) return { type: 'fail', value, tookNs };
    if (f === 'append') values.set(name, [...((held ?? []) as Json[]), value]);
    else values.set(name, f === 'cas' ? next : value);
    return { type: 'ok', value, tookNs };
  };
}

function run(workload: Workload, outcomes: Outcomes, seed = '1', outcomeSeed = 'any'): Operation[] {
  const generator = clients(workload.generator({ concurrency: CLIENTS }));
  return simulate(generator, outcomes, { clients: CLIENTS, seed, outcomeSeed, operationsMax: 600 });
}

function updatesByKey(history: Operation[]): Map<string, string[]> {
  const updates = new Map<string, string[]>();
  for (const { type, f, key = null, value } of history) {
    if (type !== 'invoke' || f === 'read') continue;
    const name = canonical(key);
    updates.set(name, [...(updates.get(name) ?? []), canonical([f, value])]);
  }
  return updates;
}

async function verdict(workload: Workload, history: Operation[]): Promise<unknown> {
  const [checker] = workload.checkers;
  assert.ok(checker);
  return (await checker.check(history, { logs: {}, timeoutMs: 10_000 })).valid;
}

/** Forgets, once in a while, what was done last. */
function forgetful(): (held: Json) => Json {
  let reads = 0;
  return (held) => {
    if (++reads % 20 !== 0) return held;
    return Array.isArray(held) ? held.slice(0, -1) : null;
  };
}

describe('workloads', () => {
  for (const workload of workloads) {
    describe(workload.name, () => {
      const history = run(workload, store());
      const invocations = history.filter((operation) => operation.type === 'invoke');

      it('should ask for what it declares, and for all of it', () => {
        const asked = new Set(invocations.map((operation) => operation.f));
        assert.deepEqual([...asked].sort(), Object.keys(workload.operations).sort());
      });

      it('should give each key the same updates for the same seed, however long each takes', () => {
        const own = updatesByKey(history);
        const other = updatesByKey(run(workload, store(), '1', 'slower'));
        for (const key of ['0', '1']) {
          const [updates = [], twin = []] = [own.get(key), other.get(key)];
          const shared = Math.min(updates.length, twin.length);
          assert.ok(shared > 20, `key ${key} got ${updates.length} and ${twin.length} updates`);
          assert.deepEqual(twin.slice(0, shared), updates.slice(0, shared));
        }
        assert.notDeepEqual(updatesByKey(run(workload, store(), '2')).get('0'), own.get('0'));
      });

      it('should write no value twice to a key', () => {
        const written = invocations
          .filter(({ f }) => f !== 'read')
          .map(({ f, key = null, value }) =>
            canonical([key, f === 'cas' ? ((value as Json[])[1] ?? null) : value]),
          );
        assert.equal(new Set(written).size, written.length);
      });

      it('should let a fair share of operations succeed', () => {
        for (const f of Object.keys(workload.operations)) {
          const ended = history.filter((operation) => operation.type !== 'invoke' && operation.f === f);
          const succeeded = ended.filter((operation) => operation.type === 'ok').length;
          assert.ok(succeeded / ended.length > 0.05, `${f}: ${succeeded} of ${ended.length}`);
        }
      });

      it('should accept a store without faults and reject one that forgets', async () => {
        assert.equal(await verdict(workload, history), true);
        assert.equal(await verdict(workload, run(workload, store(forgetful()))), false);
      });

      it('should prove progress by a change and then a read, each tried until it succeeds', () => {
        const progress = workload.progressGenerator?.({ concurrency: CLIENTS });
        assert.ok(progress);
        const seen = new Map<string, number>();
        const flaky: Outcomes = ({ f, value }) => {
          seen.set(f, (seen.get(f) ?? 0) + 1);
          return { type: seen.get(f) === 3 ? 'ok' : 'fail', value, tookNs: 1000 };
        };
        const entries = simulate(clients(progress), flaky, { clients: CLIENTS });
        const done = entries.filter(({ type }) => type === 'ok').map(({ f }) => f);
        assert.deepEqual([done.length, done[0] === 'read', done[1]], [2, false, 'read']);
      });

      it('should not take reads for progress, and try a store that never changes once a second', () => {
        const progress = workload.progressGenerator?.({ concurrency: CLIENTS });
        assert.ok(progress);
        const readOnly: Outcomes = ({ f, value }) => ({
          type: f === 'read' ? 'ok' : 'fail',
          value,
          tookNs: 1000,
        });
        const entries = simulate(clients(timeLimit(10_000, progress)), readOnly, { clients: CLIENTS });
        assert.deepEqual([...new Set(entries.map(({ type }) => type))], ['invoke', 'fail']);
        assert.equal(entries.length / 2, 10);
      });

      it('should read every key in the end, until it succeeds', () => {
        const keys = ['a', 'b', 'c'];
        const final = workload.finalGenerator?.({ concurrency: CLIENTS, keys });
        assert.ok(final);
        let calls = 0;
        const flaky: Outcomes = ({ value }) => ({
          type: ++calls % 3 === 0 ? 'ok' : 'fail',
          value,
          tookNs: 1000,
        });
        const reads = simulate(clients(final), flaky, { clients: CLIENTS });
        const succeeded = reads
          .filter((operation) => operation.type === 'ok')
          .map((operation) => operation.key);
        assert.deepEqual([...new Set(succeeded)].sort(), keys);
      });
    });
  }
});
