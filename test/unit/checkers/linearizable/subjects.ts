/**
 * What the fuzz tests play with: every model with a first state, the operations that clients may ask for, and what may
 * be answered. Beside the built-in models stand one that is not deterministic, one that declares nothing about
 * itself, and one under keys, which is a product of independent objects.
 */
import { defineModel, models, type Model } from '../../../../checkers/index.ts';
import { oneOf } from '../../../../checkers/models/model.ts';
import { canonical, equal, type Json } from '../../../../harness/json.ts';
import type { Random } from '../../../../harness/random.ts';

/** What a client may ask for, and what may be answered. */
export interface Sample {
  readonly f: string;
  readonly argument: Json;
  readonly key?: Json;
  /**
   * Answers to choose from, given the states so far, the latest first. The first that the model allows in the latest state is
   * the honest one. The others make lies that are near the truth: what was true a moment ago.
   */
  readonly results: (states: readonly unknown[]) => readonly Json[];
}

/** Draws an operation. `value` gives numbers to write: few, which come again and again, or each only once. */
export type Draw = (value: () => number, random: Random) => Sample;

/** A model and what is asked of it. */
export interface Subject {
  readonly model: Model;
  readonly init: Json;
  /** One is as likely as another. */
  readonly draws: readonly Draw[];
  /** The model of the whole, if keys split it into several objects of `model`; then it can only be checked split. */
  readonly product?: Model;
}

/** An operation that answers with its argument. */
const does =
  (f: string, argument: Json = null): Draw =>
  () => ({ f, argument, results: () => [argument] });

/** The same with the number that is drawn, as the argument or made into one. */
const doesWith =
  (f: string, argumentOf: (value: number) => Json = (value) => value): Draw =>
  (value) => {
    const argument = argumentOf(value());
    return { f, argument, results: () => [argument] };
  };

/** An operation that answers with something of the state, or with something else. */
const asks =
  (f: string, answer: (state: unknown) => Json, others: readonly Json[] = []): Draw =>
  () => ({ f, argument: null, results: (states) => [...states.map(answer), ...others] });

const under = (key: Json, draws: readonly Draw[]): Draw[] =>
  draws.map((draw) => (value, random) => ({ ...draw(value, random), key }));

const itself = (state: unknown): Json => state as Json;
const first = (state: unknown): Json => (state as readonly Json[])[0] ?? null;
const last = (state: unknown): Json => (state as readonly Json[]).at(-1) ?? null;

const READ = asks('read', itself, [0, 1]);
const WRITE = doesWith('write');
/** Compares with a value that the register holds, or held; or with one that it may never have held. */
const CAS: Draw = (value, random) => {
  const next = value();
  const expected = random.chance(0.5) ? Math.max(0, next - 1) : random.int(3);
  return { f: 'cas', argument: [expected, next], results: () => [[expected, next], false] };
};

const REGISTER = [READ, READ, WRITE];
const QUEUE = [
  ...Array.from({ length: 4 }, () => doesWith('enqueue')),
  ...Array.from({ length: 4 }, () => asks('dequeue', first, [null])),
  asks('peek', first, [null]),
];

/** Mixes the numbers, so that those that come later are not the greater ones; different ones stay different. */
const PRIORITIES = doesWith('insert', (value) => (value * 7) % 13);

const heldUnder =
  (key: string) =>
  (store: unknown): Json => {
    const { absent, values } = store as { absent: Json; values: Readonly<Record<string, Json>> };
    return values[canonical(key)] ?? absent;
  };
const texts = (key: string): Draw[] =>
  under(key, [
    asks('get', heldUnder(key), ['', 'a', 'ab']),
    asks('read', heldUnder(key), ['b', 'ba']),
    doesWith('put', (value) => `p${value}`),
    does('put', 'a'),
    doesWith('append', (value) => `${value};`),
    does('append', 'b'),
    () => ({ f: 'cas', argument: ['a', 'b'], results: () => [true, false] }),
    does('delete'),
  ]);
const lists = (key: string): Draw[] =>
  under(key, [asks('read', heldUnder(key), [null, [0], [1, 0]]), doesWith('append')]);

const micro = (f: string, register: string, value: Json): Json => [f, register, value];
/** A transaction over x, y or both: each register is read or written. */
const TRANSACTION: Draw = (value, random) => {
  const touched = random.pick([['x'], ['y'], ['x', 'y']]);
  const asked = touched.map((register) =>
    random.chance(0.5) ? micro('r', register, null) : micro('w', register, value()),
  );
  const answerIn = (state: unknown): Json =>
    asked.map((item) => {
      const [f, register, written] = item as readonly [string, string, Json];
      return f === 'r'
        ? micro('r', register, (state as Readonly<Record<string, Json>>)[register] ?? null)
        : micro(f, register, written);
    });
  return { f: 'txn', argument: asked, results: (states) => states.map(answerIn) };
};

/** A transaction over lists x, y or both: each is read or appended to. */
const LISTS: Draw = (value, random) => {
  const touched = random.pick([['x'], ['y'], ['x', 'y']]);
  const asked = touched.map((list) =>
    random.chance(0.5) ? micro('r', list, null) : micro('append', list, value()),
  );
  const answerIn = (state: unknown): Json =>
    asked.map((item) => {
      const [f, list, appended] = item as readonly [string, string, Json];
      return f === 'r'
        ? micro('r', list, (state as Readonly<Record<string, Json>>)[list] ?? null)
        : micro(f, list, appended);
    });
  return { f: 'txn', argument: asked, results: (states) => states.map(answerIn) };
};

const elementsIn = (state: unknown): Json =>
  (state as readonly string[]).map((element) => JSON.parse(element) as Json);
const ADD = doesWith('add');
/** One of the first elements, most of which are added at some time. */
const onElement =
  (f: string, results: readonly Json[]): Draw =>
  (_value, random) => ({ f, argument: random.int(4), results: () => results });
const ELEMENTS: readonly Draw[] = [
  ADD,
  ADD,
  onElement('remove', [null]),
  ...Array.from({ length: 3 }, () => onElement('contains', [true, false])),
];

const TOKENS: Draw = () => ({
  f: 'acquire',
  argument: null,
  results: (states) => {
    const tokens = states.map((state) => (state as { token: number | null }).token ?? 0);
    return [1, 2, 0, -1].flatMap((more) => tokens.slice(0, 3).map((token) => token + more));
  },
});

const TRANSFER: Draw = (_value, random) => {
  const [from, to] = random.shuffle(['a', 'b', 'c']);
  const argument: Json = { from: from ?? 'a', to: to ?? 'b', amount: 1 + random.int(3) };
  return { f: 'transfer', argument, results: () => [argument] };
};

/** What is under a parent, as the model of it has it. */
interface Nodes {
  readonly numbered: number;
  readonly last: number;
  readonly nodes: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}
const numbered = (name: string, number: number): string => `${name}${String(number).padStart(10, '0')}`;
const anyNode = (random: Random): string => random.pick(['a', 'b', numbered('s', 0), numbered('s', 1)]);
/** A change with the next zxid, or one that is not, and with what else the state says. */
const changes =
  (
    f: string,
    ask: (random: Random, value: number) => Json,
    answer: (state: Nodes, asked: Json) => Json,
  ): Draw =>
  (value, random) => {
    const argument = ask(random, value());
    return {
      f,
      argument,
      results: (states) =>
        (states as readonly Nodes[]).flatMap((state) =>
          [1, 2, 0].map((more) => ({
            ...(answer(state, argument) as Readonly<Record<string, Json>>),
            zxid: state.last + more,
          })),
        ),
    };
  };
const nodeAsked = ({ nodes }: Nodes, asked: Json): Readonly<Record<string, Json>> | undefined =>
  nodes[(asked as { name: string }).name];
const NODES: readonly Draw[] = [
  changes(
    'create',
    (random, data) => ({ name: random.pick(['a', 'b']), data, sequential: false }),
    (_state, asked) => ({ name: (asked as { name: string }).name }),
  ),
  changes(
    'create',
    (_random, data) => ({ name: 's', data, sequential: true }),
    (state) => ({ name: numbered('s', state.numbered) }),
  ),
  changes(
    'set',
    (random, data) => ({ name: anyNode(random), data, version: random.pick([null, null, 0, 1]) }),
    (state, asked) => ({ version: Number(nodeAsked(state, asked)?.['version'] ?? 0) + 1 }),
  ),
  changes(
    'delete',
    (random) => ({ name: anyNode(random), version: random.pick([null, 0]) }),
    () => ({}),
  ),
  (_value, random) => {
    const argument = { name: anyNode(random) };
    const found = (state: unknown): Json => {
      const node = nodeAsked(state as Nodes, argument);
      return node === undefined ? null : { ...node, zxid: node['zxid'] ?? 1 };
    };
    return { f: 'get', argument, results: (states) => [...states.map(found), null] };
  },
  asks('children', (state) => Object.keys((state as Nodes).nodes).sort(), [[], ['a']]),
];

/** Nobody knows which side a coin falls on until somebody looks. */
const coin = defineModel<Json>({
  name: 'coin',
  summary: 'a coin that is flipped, turned and looked at',
  operations: { flip: 'makes it 0 or 1', turn: 'makes it the other side', look: 'gives the side' },
  init: (value = null) => value,
  step(side, { f, result }) {
    if (f === 'flip') return oneOf<Json>([0, 1]);
    if (f === 'turn') return 1 - Number(side);
    return result === undefined || result === side ? side : undefined;
  },
  pure: ({ f }) => f === 'look',
});

/** A register by a user who declares nothing about it. */
const undeclared = defineModel<Json>({
  name: 'undeclared',
  summary: 'a register that says nothing about its operations',
  operations: { read: 'gives the value', write: 'sets it', cas: 'compares and sets' },
  init: (value = null) => value,
  step(held, { f, argument, result }) {
    if (f === 'write') return argument;
    if (f === 'read') return result === undefined || equal(result, held) ? held : undefined;
    const [expected, next] = argument as readonly [Json, Json];
    if (result === false) return equal(expected, held) ? undefined : held;
    return equal(expected, held) ? next : undefined;
  },
});

/** An object of the model under each of two keys. */
function productOf(model: Model): Model {
  return defineModel<Readonly<Record<string, Json>>>({
    name: 'product',
    summary: `one ${model.name} under each key`,
    operations: model.operations,
    init: (value) => ({ a: model.init(value) as Json, b: model.init(value) as Json }),
    step(states, operation) {
      const key = operation.key === 'a' ? 'a' : 'b';
      const next = model.step(states[key], operation);
      return next === undefined ? undefined : { ...states, [key]: next as Json };
    },
  });
}
const queueUnder = (key: string): Draw[] => {
  const head = (state: unknown): Json => first((state as Readonly<Record<string, Json>>)[key]);
  return under(key, [doesWith('enqueue'), asks('dequeue', head, [null])]);
};

/** The subjects by name. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  register: { model: models.register, init: 0, draws: REGISTER },
  'cas-register': { model: models['cas-register'], init: 0, draws: [...REGISTER, CAS, CAS] },
  'multi-register': { model: models['multi-register'], init: { x: 0, y: 0 }, draws: [TRANSACTION] },
  'kv, texts': { model: models.kv, init: '', draws: [...texts('x'), ...texts('y')] },
  'kv, lists': { model: models.kv, init: null, draws: [...lists('x'), ...lists('y')] },
  'kv, registers': {
    model: models.kv,
    init: { x: 0, y: 0 },
    draws: ['x', 'y'].flatMap((key) =>
      under(key, [asks('read', heldUnder(key), [0, 1]), asks('get', heldUnder(key)), WRITE, CAS]),
    ),
  },
  mutex: { model: models.mutex, init: null, draws: [does('acquire'), does('release')] },
  semaphore: { model: models.semaphore, init: 2, draws: [does('acquire'), does('acquire'), does('release')] },
  'read-write-lock': {
    model: models['read-write-lock'],
    init: null,
    draws: Object.keys(models['read-write-lock'].operations).map((f) => does(f)),
  },
  'fenced-lock': { model: models['fenced-lock'], init: null, draws: [TOKENS, does('release')] },
  'fifo-queue': { model: models['fifo-queue'], init: [], draws: QUEUE },
  'fifo-queue under keys': {
    model: models['fifo-queue'],
    product: productOf(models['fifo-queue']),
    init: [1],
    draws: [...queueUnder('a'), ...queueUnder('b')],
  },
  stack: {
    model: models.stack,
    init: [],
    draws: [
      ...Array.from({ length: 4 }, () => doesWith('push')),
      ...Array.from({ length: 4 }, () => asks('pop', last, [null])),
      asks('peek', last, [null]),
    ],
  },
  'priority-queue': {
    model: models['priority-queue'],
    init: [3],
    draws: [
      ...Array.from({ length: 4 }, () => PRIORITIES),
      ...Array.from({ length: 4 }, () => asks('poll', last, [null])),
      asks('peek', last, [null]),
    ],
  },
  'set, by element': { model: models.set, init: [], draws: ELEMENTS },
  'set, read whole': {
    model: models.set,
    init: [1],
    draws: [...ELEMENTS, asks('read', elementsIn), asks('read', elementsIn)],
  },
  'set, only growing': { model: models.set, init: [], draws: [ADD, asks('read', elementsIn, [[0], [1]])] },
  counter: {
    model: models.counter,
    init: 0,
    draws: [does('add', 1), does('add', 2), does('add', -1), READ, READ],
  },
  'counter, by one': { model: models.counter, init: 5, draws: [does('add', 1), READ] },
  'list-append': {
    model: models['list-append'],
    init: [],
    draws: [doesWith('append'), asks('read', itself, [null, [0]])],
  },
  'multi-list': { model: models['multi-list'], init: { x: [0] }, draws: [LISTS] },
  bank: { model: models.bank, init: { a: 3, b: 2, c: 0 }, draws: [TRANSFER, asks('read', itself)] },
  znodes: { model: models.znodes, init: null, draws: NODES },
  'a coin': {
    model: coin,
    init: 0,
    draws: [does('flip'), does('turn'), ...Array.from({ length: 6 }, () => asks('look', itself, [0, 1]))],
  },
  'a model that declares nothing': { model: undeclared, init: 0, draws: [...REGISTER, CAS] },
};
