/**
 * Every model's small concurrent histories, with crashes, failures, duplicate values and lies, checked by the
 * search and by the oracle. They must agree, and both verdicts must come up often.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkLinearizable, models, type Model } from '../../../../checkers/index.ts';
import type { Json } from '../../../../harness/json.ts';
import type { History } from '../../../../harness/history/operation.ts';
import { history, type Entry } from '../histories.ts';
import { isLinearizable } from './oracle.ts';

/** What a client may do, and what may be answered. */
interface Sample {
  readonly f: string;
  readonly argument: Json;
  readonly results: readonly Json[];
  readonly key?: Json;
}

interface Subject {
  readonly model: Model;
  readonly init: Json;
  readonly samples: readonly Sample[];
}

const VALUES = [0, 1, 2];
const reads: Sample = { f: 'read', argument: null, results: VALUES };
const writes = VALUES.map((value): Sample => ({ f: 'write', argument: value, results: [value] }));
const pairs = VALUES.flatMap((expected) => VALUES.map((next): Json => [expected, next]));
const swaps = pairs.map((pair): Sample => ({ f: 'cas', argument: pair, results: [pair, false] }));
const only = (f: string, argument: Json = null): Sample => ({ f, argument, results: [argument] });
const at = (key: Json, samples: readonly Sample[]): Sample[] => samples.map((sample) => ({ ...sample, key }));

const KV: readonly Sample[] = [
  { f: 'get', argument: null, results: ['', 'a', 'b', 'aa', 'ab'] },
  { f: 'get', argument: null, results: ['', 'a', 'b', 'ba', 'bb'] },
  only('put', 'a'),
  only('append', 'a'),
  only('append', 'b'),
  { f: 'cas', argument: ['a', 'b'], results: [true, false] },
  only('delete'),
];

/** Appended to and read only, so that the model foresees what may be held. */
const LISTS: readonly Sample[] = [
  { f: 'read', argument: null, results: [null, ['a'], ['b'], ['a', 'b'], ['b', 'a']] },
  {
    f: 'read',
    argument: null,
    results: [
      ['a', 'a'],
      ['a', 'b', 'a'],
      ['b', 'a', 'b'],
      ['a', 'b', 'b'],
    ],
  },
  only('append', 'a'),
  only('append', 'b'),
];

const txns = (asked: Json, answers: readonly Json[]): Sample => ({
  f: 'txn',
  argument: asked,
  results: answers,
});
const SET_READS: Sample = { f: 'read', argument: null, results: [[], [0], [1], [1, 0]] };
const elements = [0, 1].flatMap((element) => [
  only('add', element),
  only('remove', element),
  { f: 'contains', argument: element, results: [true, false] },
]);

const SUBJECTS: Readonly<Record<string, Subject>> = {
  register: { model: models.register, init: 0, samples: [reads, reads, reads, ...writes] },
  'cas-register': {
    model: models['cas-register'],
    init: 0,
    samples: [reads, reads, reads, ...writes, ...swaps],
  },
  'multi-register': {
    model: models['multi-register'],
    init: { x: 0, y: 0 },
    samples: [
      txns([['write', 'x', 1]], [[['write', 'x', 1]]]),
      txns(
        [
          ['w', 'x', 2],
          ['w', 'y', 2],
        ],
        [
          [
            ['w', 'x', 2],
            ['w', 'y', 2],
          ],
        ],
      ),
      txns(
        [['read', 'x', null]],
        VALUES.map((x) => [['read', 'x', x]]),
      ),
      txns(
        [
          ['r', 'x', null],
          ['r', 'y', null],
        ],
        VALUES.flatMap((x) =>
          VALUES.map((y) => [
            ['r', 'x', x],
            ['r', 'y', y],
          ]),
        ),
      ),
      txns(
        [
          ['r', 'x', null],
          ['w', 'y', 1],
        ],
        VALUES.map((x) => [
          ['r', 'x', x],
          ['w', 'y', 1],
        ]),
      ),
    ],
  },
  kv: { model: models.kv, init: '', samples: [...at('x', KV), ...at('y', KV)] },
  'kv, lists': { model: models.kv, init: null, samples: [...at('x', LISTS), ...at('y', LISTS)] },
  mutex: { model: models.mutex, init: null, samples: [only('acquire'), only('release')] },
  'fifo-queue': {
    model: models['fifo-queue'],
    init: [],
    samples: [
      ...VALUES.map((value) => only('enqueue', value)),
      ...VALUES.map(() => ({ f: 'dequeue', argument: null, results: [null, ...VALUES] })),
    ],
  },
  'set, by element': { model: models.set, init: [], samples: elements },
  'set, read whole': { model: models.set, init: [1], samples: [SET_READS, SET_READS, ...elements] },
  counter: {
    model: models.counter,
    init: 0,
    samples: [
      only('add', 1),
      only('add', 2),
      only('add', -1),
      { f: 'read', argument: null, results: [0, 1, 2, 3, 4] },
    ],
  },
};

/** One operation of a plan: what, how it ends, whether its result is made up. Numbers choose among what there is. */
interface Planned {
  readonly sample: number;
  readonly ending: 'ok' | 'fail' | 'info' | 'none';
  readonly lie: number | undefined;
}

const planned = fc.record({
  sample: fc.nat(),
  ending: fc.oneof(
    { weight: 8, arbitrary: fc.constant('ok' as const) },
    fc.constantFrom('fail' as const, 'info' as const, 'none' as const),
  ),
  lie: fc.option(fc.nat(), { freq: 4, nil: undefined }),
});
const plans = fc.tuple(
  fc.array(planned, { minLength: 2, maxLength: 8 }),
  fc.array(fc.nat(5), { minLength: 24, maxLength: 24 }),
);

/** Runs the plan on the model with up to four operations at once; each takes effect when it completes. */
function play(
  { model, init, samples }: Subject,
  plan: readonly Planned[],
  schedule: readonly number[],
): History {
  const waiting = [...plan];
  const open: { readonly process: number; readonly operation: Planned; readonly sample: Sample }[] = [];
  const entries: Entry[] = [];
  let state = model.init(init);
  for (let tick = 0; waiting.length + open.length > 0; tick++) {
    const choice = schedule[tick % schedule.length] ?? 0;
    if (waiting.length > 0 && (open.length === 0 || (open.length < 4 && choice > 1))) {
      const operation = waiting.shift();
      const sample = samples[(operation?.sample ?? 0) % samples.length];
      if (operation === undefined || sample === undefined) continue;
      open.push({ process: entries.length, operation, sample });
      entries.push([entries.length, 'invoke', sample.f, sample.argument, keyed(sample)]);
      continue;
    }
    const [chosen] = open.splice(choice % open.length, 1);
    if (chosen === undefined) continue;
    const { process, operation, sample } = chosen;
    const { f, argument, results } = sample;
    const stepWith = (result: Json): unknown => model.step(state, { f, argument, result, ...keyed(sample) });
    const honest = results.find((result) => stepWith(result) !== undefined);
    const result = operation.lie === undefined ? honest : results[operation.lie % results.length];
    if (honest !== undefined && operation.ending !== 'fail') state = stepWith(honest);
    if (operation.ending === 'none') continue;
    const ending = result === undefined ? 'fail' : operation.ending;
    entries.push([process, ending, f, ending === 'ok' ? (result ?? null) : argument, keyed(sample)]);
  }
  return history(...entries);
}

function keyed({ key }: Sample): { readonly key?: Json } {
  return key === undefined ? {} : { key };
}

const HISTORIES_EACH = 2_300;

describe('search against oracle', () => {
  for (const [name, subject] of Object.entries(SUBJECTS)) {
    it(`should agree on ${HISTORIES_EACH} histories of ${name}`, async () => {
      const seen = { true: 0, false: 0 };
      await fc.assert(
        fc.asyncProperty(plans, fc.boolean(), async ([plan, schedule], split) => {
          const { model, init } = subject;
          const recorded = play(subject, plan, schedule);
          const expected = isLinearizable(recorded, model, init);
          const { valid } = await checkLinearizable(recorded, { model, init, split });
          assert.equal(valid, expected);
          seen[`${expected}`]++;
        }),
        { numRuns: HISTORIES_EACH },
      );
      const rare = HISTORIES_EACH / 10;
      assert.ok(seen.true > rare && seen.false > rare, `one verdict hardly came up: ${JSON.stringify(seen)}`);
    });
  }
});
