/**
 * Parts that are searched in worker threads: the same outcomes as in the calling thread, from columns in shared memory and values
 * that were copied.
 */
import assert from 'node:assert/strict';
import { absoluteNow, Deadline } from '../../../../checkers/linearizable/deadline.ts';
import { Calls } from '../../../../checkers/linearizable/calls.ts';
import {
  searchPart,
  type PartOutcome,
  type PartSettings,
} from '../../../../checkers/linearizable/part-search.ts';
import { recordCalls } from '../../../../checkers/linearizable/record.ts';
import { splitCalls, withoutSilent, type Part } from '../../../../checkers/linearizable/split.ts';
import { Values } from '../../../../checkers/linearizable/values.ts';
import { searchInWorkers } from '../../../../checkers/linearizable/worker-pool.ts';
import { taskOf } from '../../../../checkers/linearizable/worker-task.ts';
import { models, type Algorithm } from '../../../../checkers/index.ts';
import type { Json } from '../../../../harness/json.ts';
import type { History } from '../../../../harness/history/operation.ts';
import { createRandom } from '../../../../harness/random.ts';
import { play, withAnswer } from './plays.ts';
import { SUBJECTS } from './subjects.ts';

const TIME_MS = 20_000;
const KEYS: readonly Json[] = ['a', 1, '1', [1, 2], { b: 1 }, null, 7.5, 2 ** 40];

/** A history of a register under each of several keys, of every kind of value; those of every second key are wrong. */
function keyed(): History {
  const subject = SUBJECTS['cas-register'];
  assert.ok(subject !== undefined);
  const shape = { clients: 4, operations: 30, crashes: 0.1 };
  return KEYS.flatMap((key, place) => {
    const valid = play(subject, createRandom(`worker ${place}`), shape);
    const wrong = withAnswer(valid, ({ invoke }) => invoke.f === 'read', { never: place });
    const processes = 1000 * place;
    return (place % 2 === 0 ? valid : wrong).map((entry) => ({
      ...entry,
      key,
      index: 10_000 * place + entry.index,
      process: processes + Number(entry.process),
    }));
  });
}

function settingsOf(algorithm: Algorithm): PartSettings {
  // Of two passes that take turns, which one decides is a matter of time.
  const without = ['relaxation'] as const;
  return { algorithm, init: 0, memoryBytes: 2 ** 28, witness: true, explain: true, explainMs: 20, without };
}

async function inWorkers(
  parts: readonly Part[],
  settings: PartSettings,
): Promise<(PartOutcome | undefined)[]> {
  const outcomes: (PartOutcome | undefined)[] = parts.map(() => undefined);
  await searchInWorkers({
    reference: 'cas-register',
    settings,
    parts,
    deadline: Deadline.at(absoluteNow() + TIME_MS),
    threads: 2,
    graceMs: 1000,
    onOutcome: (position, outcome) => {
      outcomes[position] = outcome;
    },
  });
  return outcomes;
}

/** Of an outcome, what does not depend on how fast the thread is. */
function verdict(outcome: PartOutcome | undefined): unknown {
  const { valid, by, configurations, order, why } = outcome ?? {};
  return { valid, by, configurations, order: valid === true ? order : [], why };
}

describe('searching in worker threads', function () {
  this.timeout(60_000);
  const parts = splitCalls(
    withoutSilent(recordCalls(keyed()), models['cas-register']),
    models['cas-register'],
  );

  for (const algorithm of ['monitor', 'frontier', 'stream', 'wgl'] as const) {
    it(`should give the outcomes of the calling thread, by ${algorithm}`, async () => {
      const settings = settingsOf(algorithm);
      const there = await inWorkers(parts, settings);
      const here = parts.map((part) => searchPart(part, models['cas-register'], settings, () => TIME_MS));
      assert.deepEqual(there.map(verdict), here.map(verdict));
      assert.deepEqual(
        there.map((outcome) => outcome?.valid),
        KEYS.map((_, place) => place % 2 === 0),
      );
      for (const outcome of there.filter((each) => each?.valid === false)) {
        assert.ok((outcome?.stuck.length ?? 0) > 0);
        assert.ok(outcome?.failedAt !== undefined);
      }
    });
  }

  it('should share the columns that say when, and send only the values of the part', () => {
    for (const { key, calls } of parts) {
      const task = taskOf({ key, calls }, 100);
      assert.equal(task.columns.invoked.buffer, calls.columns.invoked.buffer);
      assert.ok(task.values.ids.length < calls.values.size / 2);
      const there = new Calls(task.columns, task.functions, Values.from(structuredClone(task.values)));
      assert.deepEqual(there.operations(), calls.operations());
    }
  });
});
