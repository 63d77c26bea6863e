/** What holds of every tree of combinators: tried on random ones. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Generator, GeneratorContext, Step, Thread } from '../../../harness/generator/generator.ts';
import {
  any,
  clients,
  clientsAndNemesis,
  concurrentKeys,
  cycle,
  delay,
  eachThread,
  filter,
  flipFlop,
  fromFunction,
  imperfectOutcomes,
  invocationsOf,
  isOperation,
  limit,
  map,
  mix,
  nothing,
  onThreads,
  op,
  phases,
  processLimit,
  repeat,
  reserve,
  sequence,
  settle,
  simulate,
  sleep,
  stagger,
  stream,
  synchronize,
  timeLimit,
  untilOk,
  validate,
  weightedMix,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { createRandom } from '../../../harness/random.ts';
import { MS } from './helpers.ts';

const CLIENTS = 4;

/** Random trees that use every combinator. Reservations need threads, so they come within `clients`, on top. */
const { tree } = fc.letrec<{ tree: Generator }>((tie) => {
  const inner = tie('tree');
  const some = fc.array(inner, { maxLength: 3 });
  const small = fc.nat(12);
  const leaf = fc.oneof(
    fc.constant(nothing),
    fc.constant(op('read')),
    fc.constant(repeat(op('write', (random) => random.int(100)))),
    small.map((count) =>
      limit(
        count,
        fromFunction((value) => ({ f: 'add', value })),
      ),
    ),
    small.map((ms) => sleep(ms)),
  );
  return {
    tree: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      fc.tuple(small, inner).map(([count, it]) => limit(count, it)),
      fc.tuple(small, inner).map(([count, it]) => repeat(it, count)),
      fc.tuple(small, inner).map(([ms, it]) => timeLimit(ms * 10, it)),
      fc.tuple(small, inner).map(([ms, it]) => stagger(ms + 1, it)),
      fc.tuple(small, inner).map(([ms, it]) => delay(ms, it)),
      fc.tuple(small, inner).map(([count, it]) => processLimit(count + CLIENTS, it)),
      fc.tuple(fc.nat(CLIENTS - 1), inner).map(([own, it]) => onThreads((thread) => thread === own, it)),
      fc.tuple(inner, inner).map(([one, other]) => weightedMix([1, one], [3, other])),
      fc.tuple(inner, inner).map(([one, other]) => clientsAndNemesis(one, other)),
      inner.map((it) => map((operation) => ({ ...operation, key: 'k' }), it)),
      inner.map((it) => filter(({ f }) => f !== 'read', limit(50, it))),
      inner.map((it) => cycle(it)),
      inner.map((it) => eachThread(it)),
      inner.map((it) => untilOk(it)),
      inner.map((it) => synchronize(it)),
      inner.map((it) => stream('label', it)),
      inner.map((it) => concurrentKeys(2, ['a', 'b', 'c'], () => limit(9, it))),
      some.map((them) => sequence(...them)),
      some.map((them) => phases(...them)),
      some.map((them) => mix(...them)),
      some.map((them) => any(...them)),
      some.map((them) => flipFlop(...them)),
    ),
  };
});

const trees = fc.oneof(
  tree,
  fc.tuple(tree, tree, tree).map(([one, two, rest]) =>
    clients(
      reserve(
        [
          [1, one],
          [2, two],
        ],
        rest,
      ),
    ),
  ),
);

/** Some trees never can go on - a `synchronize` in two places of `any`, say - which a time limit ends. */
function run(generator: Generator, seed: string): Operation[] {
  const bounded = timeLimit(2_000, generator);
  return simulate(bounded, imperfectOutcomes, { clients: CLIENTS, seed, operationsMax: 150 });
}

/** What can be seen of an answer. */
function visible(step: Step): unknown {
  return isOperation(step) ? step.operation : step;
}

/** One question of a run, as it can be asked again. */
interface Question {
  readonly generator: Generator;
  readonly context: () => GeneratorContext;
  readonly answer: unknown;
}

/** Runs a generator, all of whose operations succeed in the order in which they began; answers every question asked. */
function questionsOf(start: Generator, seed: string): Question[] {
  const questions: Question[] = [];
  const busy: { readonly thread: Thread; readonly invocation: Operation }[] = [];
  const threads: readonly Thread[] = [0, 1, 'nemesis'];
  let generator = start;
  let time = 0;
  for (let turn = 0; turn < 60; turn++) {
    const now = time;
    const free = threads.filter((thread) => busy.every((other) => other.thread !== thread));
    const context = (): GeneratorContext => {
      return {
        time: now,
        threads,
        free,
        seed,
        random: createRandom(`${seed}#${turn}`),
        processOf: (thread) => thread,
      };
    };
    const settled = settle(generator, context());
    generator = settled.generator;
    questions.push({ generator, context, answer: visible(settled.step) });
    if (settled.step === undefined) break;
    const record = (operation: Operation, thread: Thread) =>
      (generator = generator.update(context(), operation, thread));
    if (isOperation(settled.step) && settled.step.operation.time <= now) {
      const { operation, next } = settled.step;
      const { thread, ...content } = operation;
      const invocation: Operation = { ...content, index: turn, process: thread, type: 'invoke', time: now };
      generator = next;
      busy.push({ thread, invocation });
      record(invocation, thread);
    } else {
      time += 5 * MS;
      const first = busy.shift();
      if (first !== undefined) record({ ...first.invocation, index: turn, type: 'ok', time }, first.thread);
    }
  }
  return questions;
}

describe('every generator', () => {
  it('should give good operations only, for idle threads', () => {
    let given = 0;
    fc.assert(
      fc.property(trees, fc.string(), (generator, seed) => {
        given += run(validate(generator), seed).length;
      }),
      { numRuns: 400 },
    );
    assert.ok(given > 1000, `trees that give no operations prove nothing: ${given}`);
  });

  it('should give the same history for the same seed', () => {
    fc.assert(
      fc.property(trees, fc.string(), (generator, seed) => {
        assert.deepEqual(run(generator, seed), run(generator, seed));
      }),
      { numRuns: 200 },
    );
  });

  it('should answer the same when asked again, at once and after its operations were taken', () => {
    let operations = 0;
    fc.assert(
      fc.property(tree, fc.string(), (generator, seed) => {
        for (const { generator: asked, context, answer } of questionsOf(generator, seed)) {
          assert.deepEqual(visible(settle(asked, context()).step), answer);
          if (typeof answer === 'object') operations++;
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(operations > 1000, `too few operations to prove anything: ${operations}`);
  });

  it('should begin nothing at the end of a time limit or after it', () => {
    fc.assert(
      fc.property(trees, fc.nat(60), (generator, ms) => {
        const history = simulate(timeLimit(ms, generator), imperfectOutcomes, {
          clients: CLIENTS,
          operationsMax: 150,
        });
        for (const { time } of invocationsOf(history)) assert.ok(time < ms * MS);
      }),
      { numRuns: 200 },
    );
  });

  it('should be cut off by a limit and by nothing else', () => {
    fc.assert(
      fc.property(trees, fc.nat(40), (generator, most) => {
        const all = invocationsOf(run(generator, 'seed'));
        const some = invocationsOf(run(limit(most, generator), 'seed'));
        assert.deepEqual(
          some.map(({ index: _, ...rest }) => rest),
          all.slice(0, most).map(({ index: _, ...rest }) => rest),
        );
      }),
      { numRuns: 200 },
    );
  });
});
