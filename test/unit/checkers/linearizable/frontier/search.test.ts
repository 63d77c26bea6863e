/**
 * The two frontier searches: what they decide, the orders that they give, and that each of their reductions saves work without
 * changing the verdict.
 */
import assert from 'node:assert/strict';
import { models, type Model } from '../../../../../checkers/index.ts';
import { BreadthFirst } from '../../../../../checkers/linearizable/frontier/breadth-first.ts';
import { DepthFirst } from '../../../../../checkers/linearizable/frontier/depth-first.ts';
import type { FrontierOptions } from '../../../../../checkers/linearizable/frontier/options.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import {
  REDUCTIONS,
  type Decision,
  type Reduction,
  type Search,
} from '../../../../../checkers/linearizable/search.ts';
import { StateMachine } from '../../../../../checkers/linearizable/state-machine.ts';
import type { History } from '../../../../../harness/history/operation.ts';
import type { Json } from '../../../../../harness/json.ts';
import { createRandom } from '../../../../../harness/random.ts';
import { makeHistory } from '../../../../bench/histories.ts';
import { registerSubject } from '../../../../bench/registers.ts';
import { alone, history, type Entry } from '../../histories.ts';
import { wrongWitness } from '../orders.ts';
import { play, withAnswer } from '../plays.ts';
import { SUBJECTS, type Subject } from '../subjects.ts';

type Options = Partial<FrontierOptions>;

const never = (): boolean => false;
const SEARCHES = { 'depth first': DepthFirst, 'breadth first': BreadthFirst } as const;
type Kind = keyof typeof SEARCHES;
const KINDS = Object.keys(SEARCHES) as Kind[];

function searchOf(
  kind: Kind,
  entries: History,
  model: Model = models.register,
  init: Json = null,
  { relaxed = false, without = new Set() }: Options = {},
): Search {
  return new SEARCHES[kind](recordCalls(entries), new StateMachine(model, init), { relaxed, without });
}

function subjectOf(name: string): Subject {
  const subject = SUBJECTS[name];
  if (subject === undefined) throw new RangeError(`no subject ${name}`);
  return subject;
}

/** The order as indices of invocations. */
function witnessOf(search: Search, entries: History): number[] {
  const { invoked } = recordCalls(entries).columns;
  return search.longest().map((call) => invoked[call] ?? -1);
}

/** Asserts that the search finds an order, and that this is one; gives it. */
function assertOrder(search: Search, entries: History, model: Model = models.register, init: Json = null) {
  assert.equal(search.advance(never), 'linearizable');
  const order = witnessOf(search, entries);
  assert.equal(wrongWitness(entries, model, init, order), undefined);
  return order;
}

for (const kind of KINDS) {
  const decide = (entries: readonly Entry[], model?: Model, init?: Json, options?: Options) =>
    searchOf(kind, history(...entries), model, init, options).advance(never);

  describe(`a search ${kind}`, () => {
    it('should order hidden writes before the one that overwrites them', () => {
      const open = (reader: Json): Entry[] => [
        [0, 'invoke', 'write', 1],
        [1, 'invoke', 'write', 2],
        [2, 'invoke', 'write', 3],
        [0, 'ok', 'write', 1],
        [1, 'ok', 'write', 2],
        [2, 'ok', 'write', 3],
        ...alone(3, 'read', null, reader),
      ];
      for (const last of [1, 2, 3]) {
        const entries = history(...open(last));
        const order = assertOrder(searchOf(kind, entries), entries);
        assert.equal(order.length, 4);
        assert.deepEqual(order.slice(-2), [last - 1, 6]);
      }
      assert.equal(decide(open(4)), 'not-linearizable');
    });

    it('should order reads that take effect by themselves', () => {
      const beside = (first: Json, second: Json): Entry[] => [
        [0, 'invoke', 'read'],
        [1, 'invoke', 'write', 1],
        [2, 'invoke', 'read'],
        [1, 'ok', 'write', 1],
        [2, 'ok', 'read', second],
        [0, 'ok', 'read', first],
      ];
      for (const [first, second] of [
        [null, 1],
        [1, null],
        [1, 1],
        [null, null],
      ] as const) {
        const entries = history(...beside(first, second));
        assertOrder(searchOf(kind, entries), entries);
      }
      assert.equal(decide([...alone(1, 'write', 1), ...beside(null, 1)]), 'not-linearizable');
    });

    it('should put crashed operations into the order where they are needed, and only as many as there are', () => {
      const reads = (crashed: number): Entry[] => [
        ...Array.from({ length: crashed }, (_, process): Entry => [10 + process, 'invoke', 'write', 7]),
        ...[1, 7, 2, 7].flatMap((value) =>
          value === 7 ? alone(0, 'read', null, value) : alone(0, 'write', value),
        ),
      ];
      for (const crashed of [2, 3]) {
        const entries = history(...reads(crashed));
        assert.equal(assertOrder(searchOf(kind, entries), entries).length, 6);
      }
      assert.equal(decide(reads(1)), 'not-linearizable');
    });

    it('should be undecided where only crashed operations that are used too often would do', () => {
      const reads = (crashed: number, last: Json = 7): Entry[] => [
        ...Array.from({ length: crashed }, (_, process): Entry => [10 + process, 'invoke', 'write', 7]),
        ...alone(0, 'write', 1),
        ...alone(0, 'read', null, 7),
        ...alone(0, 'write', 2),
        ...alone(0, 'read', null, last),
      ];
      // Ahead it is seen that 7 is written once.
      const relaxed = { relaxed: true, without: new Set<Reduction>(['look-ahead']) };
      assert.equal(decide(reads(1), models.register, null, relaxed), 'undecided');
      assert.equal(decide(reads(2), models.register, null, relaxed), 'linearizable');
      assert.equal(decide(reads(1, 8), models.register, null, relaxed), 'not-linearizable');
    });

    it('should say at which return no order is left, and not know after a relaxed pass', () => {
      const entries = history(
        [9, 'invoke', 'write', 7],
        ...alone(0, 'write', 1),
        ...alone(1, 'read', null, 7),
        ...alone(0, 'write', 2),
        ...alone(1, 'read', null, 7),
        ...alone(1, 'read', null, 9),
      );
      const without = new Set<Reduction>(['look-ahead']);
      const search = searchOf(kind, entries, models.register, null, { without });
      assert.equal(search.failedAt, undefined);
      assert.equal(search.advance(never), 'not-linearizable');
      assert.equal(search.failedAt, 4);
      const relaxed = searchOf(kind, entries, models.register, null, { relaxed: true, without });
      assert.equal(relaxed.advance(never), 'not-linearizable');
      assert.equal(relaxed.failedAt, undefined);
    });

    // More than 32 and more than 64 open calls: masks of two words and of three.
    for (const name of ['register', 'cas-register']) {
      for (const clients of [3, 31, 32, 33, 64, 65, 80]) {
        it(`should order the operations of ${clients} clients of a ${name}, and refuse one wrong answer`, () => {
          const { model, init, draws } = subjectOf(name);
          const random = createRandom(`${name} ${clients}`);
          const shape = { clients, operations: 3 * clients, crashes: 0.05 };
          const entries = play({ model, init, draws }, random, shape);
          assertOrder(searchOf(kind, entries, model, init), entries, model, init);
          const wrong = withAnswer(entries, ({ invoke }) => invoke.f === 'read', -1);
          assert.equal(searchOf(kind, wrong, model, init).advance(never), 'not-linearizable');
        });
      }
    }

    it('should come to the same after any number of pauses', () => {
      const subject = subjectOf('counter');
      const shape = { clients: 6, operations: 40, crashes: 0.1 };
      for (let number = 0; number < 20; number++) {
        const entries = play(subject, createRandom(`pauses ${number}`), shape);
        const wrong = withAnswer(entries, ({ invoke }) => invoke.f === 'read', 1000);
        for (const each of [entries, wrong]) {
          const whole = searchOf(kind, each, subject.model, subject.init);
          const expected = whole.advance(never);
          const paused = searchOf(kind, each, subject.model, subject.init);
          const { decision, pauses } = inPieces(paused);
          assert.equal(decision, expected);
          assert.deepEqual(paused.longest(), whole.longest());
          assert.equal(paused.configurations, whole.configurations);
          assert.ok(pauses > 0);
        }
      }
    });
  });
}

/** A history on which a reduction has something to do, and the others that it needs for that. */
interface Reduced {
  readonly subject: string;
  readonly entries: readonly Entry[];
  readonly needs?: readonly Reduction[];
}

const six = (entry: (process: number) => Entry): Entry[] =>
  Array.from({ length: 6 }, (_, place) => entry(place));

const REDUCED: Readonly<Partial<Record<Reduction, Reduced>>> = {
  eager: {
    subject: 'register',
    entries: [
      ...six((process) => [process, 'invoke', 'read']),
      [9, 'invoke', 'write', 1],
      ...six((process) => [process, 'ok', 'read', 0]),
      [9, 'ok', 'write', 1],
      ...alone(9, 'read', null, 5),
    ],
  },
  symmetry: { subject: 'a model that declares nothing', entries: atOnce(() => 7) },
  hiding: { subject: 'register', entries: atOnce((process) => 1 + process), needs: ['dominance'] },
  dominance: { subject: 'register', entries: atOnce((process) => 1 + process), needs: ['hiding'] },
  'crash-counts': {
    subject: 'a model that declares nothing',
    entries: [
      ...six((process) => [process, 'invoke', 'cas', [process % 2, 1]]),
      ...alone(9, 'write', 5),
      ...alone(9, 'write', 0),
      ...alone(9, 'read', null, 5),
    ],
  },
  'look-ahead': { subject: 'register', entries: atOnce((process) => 1 + process), needs: ['eager'] },
};

/** Writes at once, and a read of what was overwritten before they began. */
function atOnce(valueOf: (process: number) => number): Entry[] {
  return [
    ...six((process) => [process, 'invoke', 'write', valueOf(process)]),
    ...six((process) => [process, 'ok', 'write', valueOf(process)]),
    ...alone(9, 'write', 8),
    ...alone(9, 'read', null, 0),
  ];
}

describe('reductions of the frontier searches', () => {
  for (const [reduction, reduced] of Object.entries(REDUCED)) {
    for (const kind of KINDS) {
      it(`should try less with ${reduction}, ${kind}, and decide the same`, () => {
        const { model, init } = subjectOf(reduced.subject);
        // Others may save the same work in their own way.
        const { needs = [] } = reduced;
        const off = REDUCTIONS.filter((each) => !needs.includes(each));
        const decide = (without: readonly Reduction[]): { decision: Decision | undefined; tried: number } => {
          const options = { without: new Set(without) };
          const search = searchOf(kind, history(...reduced.entries), model, init, options);
          return { decision: search.advance(never), tried: search.configurations };
        };
        const [more, less] = [decide(off), decide(off.filter((each) => each !== reduction))];
        assert.deepEqual([more.decision, less.decision], ['not-linearizable', 'not-linearizable']);
        assert.ok(less.tried < more.tried, `${less.tried} configurations and not fewer than ${more.tried}`);
        assert.equal(decide([]).decision, 'not-linearizable');
      });
    }
  }
});

describe('a search depth first of a register, each value of which is written once', () => {
  const shape = { operations: 1000, clients: 20, seed: 'once' };
  const tried = (wrongAt: number | undefined, cas: number, without: readonly Reduction[]) => {
    const subject = registerSubject({ cas, misses: 'fail' });
    const entries = makeHistory(subject, { ...shape, ...(wrongAt === undefined ? {} : { wrongAt }) });
    const search = searchOf('depth first', entries, models['cas-register'], 0, { without: new Set(without) });
    return { decision: search.advance(() => search.configurations > 10_000), tried: search.configurations };
  };

  it('should hardly ever go back', () => {
    for (const cas of [0, 0.5]) {
      const right = tried(undefined, cas, []);
      assert.equal(right.decision, 'linearizable');
      assert.ok(right.tried < shape.operations, `${right.tried} configurations`);
      const wrong = tried(0.9, cas, []);
      assert.equal(wrong.decision, 'not-linearizable');
      assert.ok(wrong.tried < 2 * shape.operations, `${wrong.tried} configurations of what has no order`);
    }
  });

  it('should do so only if it looks ahead', () => {
    for (const cas of [0, 0.5]) {
      const blind = tried(undefined, cas, ['look-ahead']);
      assert.ok(blind.tried > 2 * shape.operations, `${blind.tried} configurations`);
    }
  });
});

describe('a search breadth first', () => {
  it('should leave a configuration alone once it has led to one that can do whatever it can', () => {
    const at = (process: number): number => 20 + process;
    const entries = history(
      ...alone(9, 'write', 9),
      ...six((process) => [process, 'invoke', 'write', process]),
      ...six((process) => [at(process), 'invoke', 'read']),
      ...six((process) => [at(process), 'ok', 'read', process]),
      ...six((process) => [process, 'ok', 'write', process]),
    );
    const search = searchOf('breadth first', entries);
    assertOrder(search, entries);
    // Every other order of the six that come to the same would be tried, too.
    assert.ok(search.configurations < 12, `${search.configurations} configurations`);
  });
});

/** Pauses after ever more looks: who is interrupted while it passes a return begins that anew. */
function inPieces(search: Search): { readonly decision: Decision; readonly pauses: number } {
  for (let pauses = 0; ; pauses++) {
    let looks = 0;
    const decision = search.advance(() => ++looks > 2 * pauses);
    if (decision !== undefined) return { decision, pauses };
  }
}
