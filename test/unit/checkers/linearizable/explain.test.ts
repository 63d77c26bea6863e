/**
 * Evidence, on random histories of every model: what is said to fail fails by the oracle's judgement, what is said to be the
 * shortest is, and orders can be replayed. Failed operations are left out of the histories: a checker of the whole knows that they
 * did not happen, and the oracle, which is asked about prefixes, must not think that they may have.
 */
import assert from 'node:assert/strict';
import { checkLinearizable, type Algorithm, type KeyResult } from '../../../../checkers/index.ts';
import { pairCalls, type History, type Operation } from '../../../../harness/history/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { createRandom } from '../../../../harness/random.ts';
import { randomHistory } from '../../../fuzz/random-history.ts';
import { alone, history } from '../histories.ts';
import { isLinearizable } from './oracle.ts';
import { operationOf, replay, statesAfter, wrongWitness } from './orders.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

/** Histories of a subject. */
const HISTORIES = 120;
/** Of these, how many are ordered by every algorithm. */
const WITNESSED = 60;
const ALGORITHMS: readonly Algorithm[] = ['auto', 'frontier', 'stream', 'wgl'];
/** The same in every run, so that a failure is a failure again. */
const SEED = 'evidence';

/** The entries of the operations whose invocations have these indices. */
function only(history: History, invoked: ReadonlySet<number>): History {
  const calls = pairCalls(history).filter(({ invoke }) => invoked.has(invoke.index));
  const kept = new Set(calls.flatMap(({ invoke, completion }) => [invoke, completion]));
  return history.filter((entry) => kept.has(entry));
}

function withoutFailed(history: History): History {
  const calls = pairCalls(history).filter(({ completion }) => completion?.type !== 'fail');
  return only(history, new Set(calls.map(({ invoke }) => invoke.index)));
}

function draw(subject: Subject, name: string, number: number): History {
  return withoutFailed(randomHistory(subject, createRandom(`${SEED}/${name}/${number}`)));
}

/** What is wrong with the evidence against a key; undefined if nothing is. `alone`: the history has no other key. */
function falseEvidence(
  { model, product = model, init }: Subject,
  history: History,
  key: KeyResult,
  alone: boolean,
): string | undefined {
  const possible = (entries: History): boolean => isLinearizable(entries, product, init);
  if (key.core.length === 0 && key.coreIsMinimal) return 'it says that an empty core is minimal';
  if (key.core.length > 0 && possible(only(history, new Set(key.core.map(({ invoked }) => invoked)))))
    return 'its core is possible';
  if (key.prefix === null) return 'it has no failing prefix';
  const { end, exact } = key.prefix;
  if (possible(history.filter(({ index }) => index <= end))) return `its prefix up to ${end} is possible`;
  if (exact && alone && !possible(history.filter(({ index }) => index < end)))
    return `a prefix shorter than that up to ${end} fails, too`;
  return falseOrder({ product, init }, history, key);
}

/** What is wrong with the order that gets furthest, and with what is said to be stuck after it. */
function falseOrder(
  { product, init }: Required<Pick<Subject, 'product' | 'init'>>,
  history: History,
  { linearization, stuck, explained }: KeyResult,
): string | undefined {
  const replayed = replay(history, product, init, linearization);
  if ('wrong' in replayed) return `its order: ${replayed.wrong}`;
  const calls = new Map(pairCalls(history).map((call) => [call.invoke.index, call]));
  const completed = linearization.filter((index) => calls.get(index)?.completion?.type === 'ok').length;
  if (completed !== explained) return `it explains ${completed} operations and not ${explained}`;
  if (stuck.length === 0) return 'nothing is stuck';
  for (const { invoked, returned, why } of stuck) {
    const call = calls.get(invoked);
    if (call === undefined || returned === null || linearization.includes(invoked))
      return `${invoked} is not stuck`;
    const after = statesAfter(product, replayed.states, operationOf(call));
    if ((after.length === 0) !== why.startsWith('not allowed'))
      return `${invoked} is not stuck like that: ${why}`;
  }
  return undefined;
}

/** Says of which history. */
function told(name: string, number: number, algorithm: Algorithm, history: History, wrong: string): string {
  const entries = history.map((entry) => JSON.stringify(entry)).join('\n');
  return `${algorithm} on history ${number} of ${name}: ${wrong}\n${entries}`;
}

describe('evidence', function () {
  this.timeout(120_000);

  for (const [name, subject] of Object.entries(SUBJECTS)) {
    it(`should be true against histories of ${name}`, async () => {
      let [invalid, exact] = [0, 0];
      for (let number = 0; number < HISTORIES; number++) {
        const drawn = draw(subject, name, number);
        const algorithm = ALGORITHMS[number % ALGORITHMS.length] ?? 'auto';
        const split = subject.product !== undefined || number % 8 < 4;
        const { model, init } = subject;
        const { valid, keys } = await checkLinearizable(drawn, { model, init, algorithm, split });
        const expected = isLinearizable(drawn, subject.product ?? model, init);
        const verdict = `the oracle says ${expected}, and not ${valid}`;
        assert.ok(valid === expected, told(name, number, algorithm, drawn, verdict));
        for (const key of keys.filter((each) => each.valid === false)) {
          const wrong = falseEvidence(subject, drawn, key, keys.length === 1);
          assert.ok(wrong === undefined, told(name, number, algorithm, drawn, wrong ?? ''));
          invalid++;
          if (key.prefix?.exact === true) exact++;
        }
      }
      assert.ok(invalid > HISTORIES / 20, `only ${invalid} failures to explain`);
      assert.ok(
        exact > invalid / 2,
        `only ${exact} of ${invalid} failing prefixes are the shortest for certain`,
      );
    });
  }
});

describe('the failing prefix', () => {
  /** As long as a busy machine takes: these are about what is found, not about how soon it is given up. */
  const explainMs = 10_000;

  /** Compare-and-set of what only another operation, that returns later, may have left. */
  const other = (answer: Json): Operation[] =>
    history(
      [0, 'invoke', 'cas', [0, 2]],
      [1, 'invoke', 'cas', [2, 1]],
      [1, 'ok', 'cas', [2, 1]],
      [0, 'ok', 'cas', answer],
    );

  for (const algorithm of ALGORITHMS) {
    it(`should not end before an answer on which the failure rests, by ${algorithm}`, async () => {
      const options = { model: 'cas-register', init: 0, algorithm, explainMs };
      const { valid, keys } = await checkLinearizable(other(false), options);
      assert.equal(valid, false);
      assert.deepEqual(keys[0]?.prefix, { end: 3, exact: true });
      assert.equal((await checkLinearizable(other([0, 2]), options)).valid, true);
    });

    it(`should end where crashed operations are used up, by ${algorithm}`, async () => {
      const reads = (last: number): Operation[] =>
        history(
          [9, 'invoke', 'write', 7],
          ...alone(0, 'write', 1),
          ...alone(1, 'read', null, 7),
          ...alone(0, 'write', 2),
          ...alone(1, 'read', null, last),
          ...alone(1, 'read', null, 2),
          ...alone(1, 'read', null, 9),
        );
      const options = { model: 'register', algorithm, explainMs };
      const ends = async (last: number): Promise<unknown> =>
        (await checkLinearizable(reads(last), options)).keys[0]?.prefix;
      assert.deepEqual(await ends(7), { end: 8, exact: true });
      assert.deepEqual(await ends(2), { end: 12, exact: true });
    });
  }
});

describe('witnesses', function () {
  this.timeout(120_000);

  for (const [name, subject] of Object.entries(SUBJECTS)) {
    it(`should order all completed operations of ${name}, by every algorithm`, async () => {
      const { model, product = model, init } = subject;
      let witnesses = 0;
      for (let number = 0; number < WITNESSED; number++) {
        const drawn = draw(subject, name, number);
        const split = subject.product !== undefined || number % 2 === 0;
        for (const algorithm of [...ALGORITHMS, 'monitor'] as const) {
          const result = await checkLinearizable(drawn, { model, init, algorithm, split, witness: true });
          if (result.valid !== true) continue;
          const order = result.keys.map(({ linearization }) => linearization);
          const wrong = order.map((of) => replay(drawn, product, init, of)).find((of) => 'wrong' in of);
          assert.ok(wrong === undefined, told(name, number, algorithm, drawn, JSON.stringify(wrong)));
          if (result.keys.length > 1) continue;
          const missing = wrongWitness(drawn, product, init, order.flat());
          assert.ok(missing === undefined, told(name, number, algorithm, drawn, missing ?? ''));
          witnesses++;
        }
      }
      assert.ok(witnesses > WITNESSED / 20, `only ${witnesses} witnesses`);
    });
  }
});
