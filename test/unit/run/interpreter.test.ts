/** The interpreter: who gets which operation when, and what is recorded in which order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Completion } from '../../../harness/client/client.ts';
import { ClientWorker } from '../../../harness/client/worker.ts';
import { Workers } from '../../../harness/generator/context.ts';
import type { Generator } from '../../../harness/generator/generator.ts';
import {
  clients,
  clientsAndNemesis,
  limit,
  op,
  repeat,
  timeLimit,
  untilOk,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { memoryRecorder, type Recorder } from '../../../harness/history/recorder.ts';
import { createRandom } from '../../../harness/random.ts';
import { interpret, type NemesisWorker } from '../../../harness/run/interpreter.ts';
import { fromNow, sleep } from '../../../harness/time.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';

const OK: Completion = { type: 'ok', value: 1 };
const IDLE: NemesisWorker = { perform: () => Promise.resolve({ value: 'done' }) };

interface Setup {
  readonly concurrency?: number;
  readonly invoke?: () => Promise<Completion>;
  readonly nemesis?: NemesisWorker;
  readonly signal?: AbortSignal;
  readonly recorder?: Recorder;
}

/** Interprets the generator with such clients; answers the history. */
async function run(generator: Generator, setup: Setup = {}): Promise<readonly Operation[]> {
  const { concurrency = 2, invoke = () => Promise.resolve(OK), nemesis = IDLE } = setup;
  const { signal = new AbortController().signal, recorder = memoryRecorder() } = setup;
  const cluster = new FakeCluster(['n1']);
  const options = { cluster, timeoutMs: 1000, random: createRandom(1), factory: () => ({ invoke }) };
  await interpret({
    generator,
    workers: new Workers(concurrency, '1'),
    time: fromNow(cluster.time),
    sink: recorder,
    clients: Array.from({ length: concurrency }, (_, thread) => new ClientWorker(thread, options)),
    nemesis,
    signal,
  });
  return recorder.operations;
}

const entries = (history: readonly Operation[]): string[] =>
  history.map(({ process, type, f }) => `${process} ${type} ${f}`);

describe('interpreter', () => {
  it('should record an operation before the client begins it, and its outcome after it ended', async () => {
    const recorder = memoryRecorder();
    const seen: number[] = [];
    const invoke = async (): Promise<Completion> => {
      seen.push(recorder.operations.length);
      await sleep(5);
      seen.push(recorder.operations.length);
      return OK;
    };
    const history = await run(clients(limit(1, op('read'))), { concurrency: 1, recorder, invoke });
    assert.deepEqual(seen, [1, 1]);
    assert.deepEqual(entries(history), ['0 invoke read', '0 ok read']);
    assert.deepEqual(history[1]?.value, 1);
  });

  it('should never give a process two operations at once, nor a number of one that ended in info', async () => {
    const outcomes = fc.array(fc.constantFrom<Completion['type']>('ok', 'fail', 'info'), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(outcomes, fc.integer({ min: 1, max: 4 }), async (types, concurrency) => {
        let turn = 0;
        const invoke = async (): Promise<Completion> => {
          const type = types[turn++ % types.length];
          await sleep(turn % 2);
          return type === 'ok' ? OK : { type: type ?? 'info', error: 'so drawn' };
        };
        // The recorder throws when a process breaks these rules (harness/history/processes.ts).
        const history = await run(clients(limit(20, repeat(op('read')))), { concurrency, invoke });
        assert.equal(history.length, 40);
        assert.deepEqual(
          history.map(({ index }) => index),
          history.map((_, position) => position),
        );
        history.slice(1).forEach(({ time }, position) => assert.ok(time >= (history[position]?.time ?? 0)));
      }),
      { numRuns: 20 },
    );
  });

  it('should write down what the nemesis does between what clients do', async () => {
    const calls: unknown[] = [];
    const nemesis: NemesisWorker = {
      perform(f, value) {
        calls.push([f, value]);
        return Promise.resolve({ value: 'broken', error: 'no' });
      },
    };
    const history = await run(clientsAndNemesis(limit(1, op('read')), limit(1, op('break', 7))), { nemesis });
    assert.deepEqual(calls, [['break', 7]]);
    const own = history.filter(({ process }) => process === 'nemesis');
    assert.deepEqual(
      own.map(({ type, value, error }) => [type, value, error]),
      [
        ['info', 7, undefined],
        ['info', 'broken', 'no'],
      ],
    );
    assert.equal(history.length, 4);
  });

  it('should let timers run while clients answer at once', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await run(clients(timeLimit(300, repeat(op('read')))));
    clearInterval(timer);
    assert.ok(turns > 0, 'a timer of 1 ms had no turn in 300 ms');
  });

  it('should stop asking when it is aborted, and wait for what is under way', async () => {
    const stop = new AbortController();
    const invoke = async (): Promise<Completion> => {
      await sleep(20);
      stop.abort();
      await sleep(20);
      return OK;
    };
    const history = await run(clients(repeat(op('read'))), { invoke, signal: stop.signal });
    assert.deepEqual(entries(history).sort(), ['0 invoke read', '0 ok read', '1 invoke read', '1 ok read']);
    assert.deepEqual(await run(clients(repeat(op('read'))), { signal: stop.signal }), []);
  });

  it('should say so when the generator waits for ever', async () => {
    const stuck: Generator = { next: () => 'pending', update: () => stuck };
    await assert.rejects(run(stuck), { name: 'HarnessError', message: /nothing is under way/ });
    const answered = clients(untilOk(repeat(op('read'))));
    assert.equal((await run(answered, { concurrency: 1 })).length, 2);
  });

  it('should wait for what is under way also when an entry cannot be recorded', async () => {
    const recorder = memoryRecorder();
    let begun = 0;
    let ended = 0;
    const full: Recorder = {
      operations: recorder.operations,
      record(entry) {
        if (recorder.operations.length === 2) throw new Error('full');
        return recorder.record(entry);
      },
      close: () => recorder.close(),
      [Symbol.dispose]: () => recorder.close(),
    };
    const invoke = async (): Promise<Completion> => {
      await sleep(10 + 30 * begun++);
      ended++;
      return OK;
    };
    await assert.rejects(run(clients(repeat(op('read'))), { recorder: full, invoke }), /full/);
    assert.deepEqual([begun, ended], [2, 2]);
  });
});
