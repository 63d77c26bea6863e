import assert from 'node:assert/strict';
import {
  type Outcome,
  type Outcomes,
  clients,
  simulate,
  timeLimit,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { type Json, canonical } from '../../../harness/json.ts';
import type { Workload } from '../../../harness/run/target.ts';
import { NANOS_PER_MS } from '../../../harness/time.ts';
import { isReadOnly, isUpdate, type StoreQuery } from '../../../targets/replicated-log/operations.ts';
import { Store } from '../../../targets/replicated-log/store.ts';
import { logWorkloads } from '../../../targets/workloads/index.ts';

const CLIENTS = 10;

/** One store without faults: operations take effect when they begin. `seen` is what a reader sees of what it should. */
function store(seen: (held: Json) => Json = (held) => held): Outcomes {
  const held = new Store();
  return ({ f, key = null, value }, random): Outcome => {
    const tookNs = random.int(20 * NANOS_PER_MS);
    if (isReadOnly(f, value)) {
      const query: StoreQuery = { f: f as StoreQuery['f'], key, value };
      return { type: 'ok', value: seen(held.query(query)), tookNs };
    }
    const update = { f, key, value };
    assert.ok(isUpdate(update), canonical(update));
    const outcome = held.update(update);
    return { type: outcome.ok ? 'ok' : 'fail', value: outcome.ok ? (outcome.value ?? value) : value, tookNs };
  };
}

function run(workload: Workload, outcomes: Outcomes, seed = '1', outcomeSeed = 'any'): Operation[] {
  const generator = clients(workload.generator({ concurrency: CLIENTS }));
  return simulate(generator, outcomes, { clients: CLIENTS, seed, outcomeSeed, operationsMax: 600 });
}

const reads = ({ f, value }: { readonly f: string; readonly value: Json }): boolean => isReadOnly(f, value);

function updatesByKey(history: Operation[]): Map<string, string[]> {
  const updates = new Map<string, string[]>();
  for (const operation of history) {
    const { type, f, key = null, value } = operation;
    if (type !== 'invoke' || reads(operation)) continue;
    const name = canonical(key);
    updates.set(name, [...(updates.get(name) ?? []), canonical([f, value])]);
  }
  return updates;
}

/** What the operation puts in a place of its own, with that place; additions to counters and removals do not. */
function writtenBy({ f, key = null, value }: Operation): string[] {
  if (f === 'txn') {
    const steps = value as readonly (readonly [string, Json, Json])[];
    return steps.filter(([step]) => step === 'append').map((step) => canonical(step));
  }
  const isCounter = Array.isArray(key) && key[0] === 'counter';
  if (isCounter || !['write', 'cas', 'append', 'add'].includes(f)) return [];
  return [canonical([key, f === 'cas' ? ((value as Json[])[1] ?? null) : value])];
}

async function verdict(workload: Workload, history: Operation[]): Promise<unknown> {
  const [checker] = workload.checkers;
  assert.ok(checker);
  return (await checker.check(history, { logs: {}, timeoutMs: 10_000 })).valid;
}

/** A value as it was before, or might have been. */
function older(held: Json): Json {
  if (Array.isArray(held)) {
    const items = held as readonly Json[];
    return Array.isArray(items[0]) ? items.map(olderStep) : items.slice(0, -1);
  }
  if (typeof held === 'boolean') return !held;
  return typeof held === 'number' && held > 0 ? held - 1 : null;
}

function olderStep(step: Json): Json {
  const [f = null, key = null, value = null] = step as readonly Json[];
  return [f, key, f === 'r' && Array.isArray(value) ? (value as readonly Json[]).slice(0, -1) : value];
}

/** Forgets, once in a while, what was done last. */
function forgetful(): (held: Json) => Json {
  let count = 0;
  return (held) => (++count % 20 === 0 ? older(held) : held);
}

describe('workloads of replicated stores', () => {
  for (const workload of logWorkloads) {
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
        const [first, second] = own.keys();
        for (const key of [first, second]) {
          assert.ok(key !== undefined);
          const [updates = [], twin = []] = [own.get(key), other.get(key)];
          const shared = Math.min(updates.length, twin.length);
          assert.ok(shared > 20, `key ${key} got ${updates.length} and ${twin.length} updates`);
          assert.deepEqual(twin.slice(0, shared), updates.slice(0, shared));
        }
        // Additions to a counter are all alike.
        const another = updatesByKey(run(workload, store(), '2'));
        if (workload.name !== 'counter') assert.notDeepEqual(another.get(first ?? ''), own.get(first ?? ''));
      });

      it('should write no value twice to a key', () => {
        const written = invocations.flatMap(writtenBy);
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
        const seen = new Map<boolean, number>();
        const flaky: Outcomes = (operation) => {
          const kind = reads(operation);
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          return { type: seen.get(kind) === 3 ? 'ok' : 'fail', value: operation.value, tookNs: 1000 };
        };
        const entries = simulate(clients(progress), flaky, { clients: CLIENTS });
        assert.deepEqual(entries.filter(({ type }) => type === 'ok').map(reads), [false, true]);
      });

      it('should not take reads for progress, and try a store that never changes once a second', () => {
        const progress = workload.progressGenerator?.({ concurrency: CLIENTS });
        assert.ok(progress);
        const readOnly: Outcomes = (operation) => ({
          type: reads(operation) ? 'ok' : 'fail',
          value: operation.value,
          tookNs: 1000,
        });
        const entries = simulate(clients(timeLimit(10_000, progress)), readOnly, { clients: CLIENTS });
        assert.deepEqual([...new Set(entries.map(({ type }) => type))], ['invoke', 'fail']);
        assert.equal(entries.length / 2, 10);
      });

      it('should read every key in the end, until it succeeds', () => {
        const keys = [...Map.groupBy(history, ({ key = null }) => canonical(key)).keys()].map(
          (name) => JSON.parse(name) as Json,
        );
        const final = workload.finalGenerator?.({ concurrency: CLIENTS, keys });
        assert.ok(final);
        let calls = 0;
        const flaky: Outcomes = ({ value }) => ({
          type: ++calls % 3 === 0 ? 'ok' : 'fail',
          value,
          tookNs: 1000,
        });
        const entries = simulate(clients(final), flaky, { clients: CLIENTS });
        assert.ok(entries.every((entry) => entry.type !== 'invoke' || reads(entry)));
        const succeeded = entries.filter(({ type }) => type === 'ok').map(({ key = null }) => canonical(key));
        assert.deepEqual([...new Set(succeeded)].sort(), keys.map((key) => canonical(key)).sort());
      });
    });
  }
});
