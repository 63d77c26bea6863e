/** The workloads of a coordination service: what they ask for, in which order, and how a run ends. */
import assert from 'node:assert/strict';
import { models } from '../../../../checkers/index.ts';
import {
  clients,
  invocationsOf,
  simulate,
  type Generator,
  type Outcome,
  type Outcomes,
} from '../../../../harness/generator/index.ts';
import { pairCalls, type Operation } from '../../../../harness/history/operation.ts';
import { canonical, isJsonObject, type Json, type JsonObject } from '../../../../harness/json.ts';
import type { Workload } from '../../../../harness/run/target.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';
import { TTL_MS } from '../../../../targets/guarded-resource/lock-service.ts';
import { election, readWriteLock, sessions, watches, znodes } from '../../../../targets/workloads/index.ts';

const CLIENTS = 10;
const KEYS = ['a', 'b', 'c'];
const ASKING = ['acquire', 'campaign', 'register'];

/** A service in which a share of what is contested fails, and everything else succeeds. */
const mostly: Outcomes = ({ f, value }, random): Outcome => ({
  type: ASKING.includes(f) && random.chance(0.3) ? 'fail' : 'ok',
  value,
  tookNs: 20 * NANOS_PER_MS,
});

function run(generator: Generator, outcomes = mostly, count = CLIENTS, operationsMax = 800): Operation[] {
  return simulate(clients(generator), outcomes, { clients: count, seed: '1', operationsMax });
}

const mainOf = (workload: Workload, concurrency = CLIENTS): Generator => workload.generator({ concurrency });

function finalOf(workload: Workload, keys: readonly Json[] = KEYS, concurrency = CLIENTS): Generator {
  return workload.finalGenerator?.({ concurrency, keys }) ?? assert.fail();
}

const doneOn = (history: readonly Operation[], key: Json): string[] =>
  history.filter((entry) => entry.type === 'ok' && entry.key === key).map(({ f }) => f);

/** Which operations come after which, of one process on one key. */
function stepsOf(history: readonly Operation[]): Set<string> {
  const own = Map.groupBy(history, ({ process, key = null }) => canonical([process, key]));
  return new Set(
    [...own.values()].flatMap((entries) =>
      entries.flatMap(({ f, type }, at) => {
        const before = entries[at - 1];
        return type === 'invoke' && before !== undefined ? [`${before.f} ${before.type}, ${f}`] : [];
      }),
    ),
  );
}

const valueOf = ({ value }: Operation): JsonObject => (isJsonObject(value) ? value : {});
const asked = (history: readonly Operation[], f: string): Operation[] =>
  history.filter((entry) => entry.type === 'invoke' && entry.f === f);

/** The nodes under each parent, at a service without faults; `forgets` says which child it leaves out of a list. */
function tree(forgets: (names: readonly string[]) => string | undefined = () => undefined): Outcomes {
  const states = new Map<string, unknown>();
  let zxid = 0;
  const resultsOf = (operation: Operation, state: unknown): readonly Json[] => {
    const { f } = operation;
    const { name: wanted = '' } = valueOf(operation);
    const name = typeof wanted === 'string' ? wanted : '';
    const { nodes, numbered } = state as { nodes: Record<string, JsonObject>; numbered: number };
    if (f === 'children') {
      const names = Object.keys(nodes).sort();
      const forgotten = forgets(names);
      return [names.filter((one) => one !== forgotten)];
    }
    const node = nodes[name];
    if (f === 'get') return [node === undefined ? null : { ...node }];
    const made =
      valueOf(operation)['sequential'] === true ? `${name}${String(numbered).padStart(10, '0')}` : name;
    return [f === 'create' ? { name: made, zxid } : { version: Number(node?.['version']) + 1, zxid }];
  };
  return (operation, random): Outcome => {
    zxid++;
    const { f, key = null, value } = operation;
    const tookNs = random.int(20 * NANOS_PER_MS);
    const state = states.get(canonical(key)) ?? models.znodes.init();
    for (const result of resultsOf(operation, state)) {
      const next = models.znodes.step(state, { f, argument: value, result });
      if (next !== undefined) states.set(canonical(key), next);
      if (next !== undefined || f === 'children') return { type: 'ok', value: result, tookNs };
    }
    return { type: 'fail', value, tookNs };
  };
}

describe('the workloads of a coordination service', () => {
  for (const workload of [readWriteLock, election, znodes, sessions, watches]) {
    describe(workload.name, () => {
      it('should ask for what it declares, and for all of it', () => {
        const all = [...run(mainOf(workload)), ...run(finalOf(workload))].map(({ f }) => f);
        assert.deepEqual([...new Set(all)].sort(), Object.keys(workload.operations).sort());
      });

      it('should have something for one client alone, and for one that is left over', () => {
        for (const count of [1, 5]) {
          const fs = new Set(run(mainOf(workload, count), mostly, count).map(({ f }) => f));
          assert.ok(fs.size > 1, [...fs].join(' '));
          assert.ok(run(finalOf(workload, KEYS, count), mostly, count).length > 0);
        }
      });

      it('should prove progress by operations that are tried until they succeed', () => {
        const progress = workload.progressGenerator?.({ concurrency: CLIENTS }) ?? assert.fail();
        let calls = 0;
        const flaky: Outcomes = ({ value }) => ({
          type: ++calls % 3 === 0 ? 'ok' : 'fail',
          value,
          tookNs: 1000,
        });
        const history = run(progress, flaky);
        assert.equal(history.at(-1)?.type, 'ok');
        assert.ok(history.every(({ key }) => key === 'progress'));
      });
    });
  }
});

describe('the read-write lock workload', () => {
  it('should examine under read holds, and update under write holds', () => {
    const modes = new Map<string, Json>();
    for (const entry of run(mainOf(readWriteLock))) {
      const holder = canonical([entry.process, entry.key ?? null]);
      if (entry.f === 'acquire' && entry.type === 'ok') modes.set(holder, valueOf(entry)['mode'] ?? null);
      const mode = modes.get(holder);
      if (entry.f === 'examine') assert.equal(mode, 'read');
      if (entry.f === 'update') assert.equal(mode, 'write');
    }
    assert.deepEqual([...new Set(modes.values())].sort(), ['read', 'write']);
  });

  it('should let some forget to give the lock back', () => {
    const steps = stepsOf(run(mainOf(readWriteLock)));
    assert.ok(steps.has('update ok, release') && steps.has('update ok, acquire'), [...steps].join('\n'));
    assert.ok(!steps.has('acquire fail, update') && !steps.has('acquire fail, examine'));
  });

  it('should end with both kinds of work done under each lock', () => {
    const history = run(finalOf(readWriteLock));
    for (const key of KEYS) {
      assert.deepEqual(doneOn(history, key), ['acquire', 'examine', 'release', 'acquire', 'update', 'read']);
    }
  });
});

describe('the election workload', () => {
  it('should have candidates who lead and then mostly resign, and others who look on', () => {
    const history = run(mainOf(election));
    const steps = stepsOf(history);
    for (const step of [
      'campaign fail, campaign',
      'campaign ok, update',
      'resign ok, campaign',
      'update ok, campaign',
    ])
      assert.ok(steps.has(step), step);
    const looking = new Set(asked(history, 'leader').map(({ process }) => process));
    assert.ok(
      [...looking].some((process) => !asked(history, 'campaign').some((one) => one.process === process)),
    );
  });

  it('should end with a leader of each election, who is seen and writes', () => {
    const history = run(finalOf(election));
    for (const key of KEYS) assert.deepEqual(doneOn(history, key), ['campaign', 'leader', 'update', 'read']);
  });
});

describe('the znodes workload', () => {
  const verdictsOf = (history: Operation[]): Promise<unknown[]> =>
    Promise.all(
      znodes.checkers.map(
        async (checker) => (await checker.check(history, { logs: {}, timeoutMs: 10_000 })).valid,
      ),
    );
  const history = run(mainOf(znodes), tree());

  it('should let a fair share of operations succeed', () => {
    for (const f of Object.keys(znodes.operations)) {
      const ended = history.filter((entry) => entry.type !== 'invoke' && entry.f === f);
      const succeeded = ended.filter(({ type }) => type === 'ok').length;
      assert.ok(succeeded / ended.length > 0.15, `${f}: ${succeeded} of ${ended.length}`);
    }
  });

  it('should accept a service without faults, and reject one that forgets a numbered node', async () => {
    assert.deepEqual(await verdictsOf(history), [true, true]);
    let lists = 0;
    const forgetful = tree((names) =>
      ++lists % 4 === 0 ? names.findLast((name) => name.startsWith('s-')) : undefined,
    );
    assert.deepEqual(await verdictsOf(run(mainOf(znodes), forgetful, CLIENTS, 500)), [false, false]);
  });

  it('should write no data twice under a parent', () => {
    const written = history
      .filter(({ type, f }) => type === 'invoke' && (f === 'create' || f === 'set'))
      .map((entry) => canonical([entry.key ?? null, valueOf(entry)['data'] ?? null]));
    assert.equal(new Set(written).size, written.length);
  });
});

describe('the sessions workload', () => {
  const history = run(mainOf(sessions));

  it('should let some sleep for longer than a session lasts, but not most', () => {
    const naps = asked(history, 'sleep').map((entry) => Number(valueOf(entry)['ms']));
    const long = naps.filter((ms) => ms > TTL_MS).length / naps.length;
    assert.ok(long > 0.15 && long < 0.55, `${long}`);
    assert.ok(naps.every((ms) => ms > 0 && ms < 2 * TTL_MS));
  });

  it('should have several clients want the same names', () => {
    const wanted = Map.groupBy(asked(history, 'register'), (entry) =>
      canonical([entry.key ?? null, entry.value]),
    );
    const rivals = [...wanted.values()].map((own) => new Set(own.map(({ process }) => process)).size);
    assert.ok(rivals.filter((count) => count > 1).length > 5, rivals.join(' '));
  });

  it('should look at every directory in the end, when sessions of silent clients are over', () => {
    const end = run(finalOf(sessions));
    assert.ok(end.every(({ time }) => time >= 8000 * NANOS_PER_MS));
    for (const key of KEYS) assert.deepEqual(doneOn(end, key), ['list']);
  });
});

describe('the watches workload', () => {
  it('should have clients who watch and others who change what they watch', () => {
    const keys = Map.groupBy(invocationsOf(run(mainOf(watches))), ({ key = null }) => canonical(key));
    for (const own of keys.values()) {
      const watching = new Set(own.filter(({ f }) => f === 'watch').map(({ process }) => process));
      const changing = new Set(own.filter(({ f }) => f === 'set').map(({ process }) => process));
      assert.ok(
        watching.size > 0 && changing.size > 0 && ![...watching].some((process) => changing.has(process)),
      );
    }
  });

  it('should end with a change that somebody has watched for, for long enough', () => {
    const waiting: Outcomes = ({ f, value }) => ({
      type: 'ok',
      value,
      tookNs: (f === 'watch' ? 2500 : 10) * NANOS_PER_MS,
    });
    const calls = pairCalls(run(finalOf(watches), waiting));
    for (const key of KEYS) {
      const [watch, change] = ['watch', 'set'].map((f) =>
        calls.find(({ invoke }) => invoke.f === f && invoke.key === key),
      );
      const laterMs = ((change?.invoke.time ?? 0) - (watch?.invoke.time ?? 0)) / NANOS_PER_MS;
      assert.ok(laterMs >= 1200 && laterMs < 1400, `${laterMs}`);
    }
    assert.ok(calls.every(({ invoke }) => invoke.time >= 5000 * NANOS_PER_MS));
  });
});
