/**
 * Sequential consistency by hand, and against brute force: every order that keeps each client's own, of all
 * completed operations and of any crashed ones.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fifoQueue } from '../../../../checkers/models/fifo-queue.ts';
import { kv } from '../../../../checkers/models/kv.ts';
import { Choice, defineModel, oneOf, type Model } from '../../../../checkers/models/model.ts';
import { register } from '../../../../checkers/models/register.ts';
import { casRegister } from '../../../../checkers/models/cas-register.ts';
import { checkSequential } from '../../../../checkers/weaker/sequential.ts';
import { UsageError } from '../../../../harness/errors.ts';
import { canonical, type Json } from '../../../../harness/json.ts';
import { pairCalls, type Call, type History } from '../../../../harness/history/operation.ts';
import { alone, history, type Entry } from '../histories.ts';
import { INIT, longHistory, registerHistories } from './register-histories.ts';

const check = (entries: readonly Entry[], model: Model = register) =>
  checkSequential(history(...entries), { model });
const read = (process: number, value: Json): Entry[] => alone(process, 'read', null, value);
const write = (process: number, value: Json): Entry[] => alone(process, 'write', value);
const keyed = (key: Json, entries: readonly Entry[]): Entry[] =>
  entries.map(([process, type, f, value = null]) => [process, type, f, value, { key }]);

/** Dekker's litmus test: each client writes its key and does not see that the other has. */
const dekker = (answer: Json): Entry[] => [
  ...keyed('x', write(0, 1)),
  ...keyed('y', write(1, 1)),
  ...keyed('y', read(0, answer)),
  ...keyed('x', read(1, null)),
];

/** A register whose writes may be lost, nobody knows which. */
const lossyRegister = defineModel<Json>({
  ...(register as Model<Json>),
  name: 'lossy register',
  step: (value, { f, argument, result }) => {
    if (f === 'write') return oneOf([argument, value]);
    return result === undefined || result === value ? value : undefined;
  },
});

describe('checkSequential', () => {
  it('should accept a client that is behind, and reject one that goes back', () => {
    const behind = [...write(0, 1), ...write(0, 2), ...read(1, 1)];
    const { valid, order } = check(behind);
    assert.equal(valid, true);
    assert.deepEqual(order, [0, 4, 2]);
    const back = check([...behind, ...read(1, 2), ...read(1, 1)]);
    assert.equal(back.valid, false);
    assert.deepEqual(
      back.cycle.map(({ before, reason, read: seen }) => [before.text, reason, seen?.invoked]),
      [
        ['write 2', 'version order', 8],
        ['write 1', 'session order', undefined],
      ],
    );
    assert.match(back.summary, /must come before/);
    assert.equal(check([...behind, ...read(1, 2), ...read(1, 2)]).valid, true);
  });

  it('should reject what each key by itself allows', () => {
    assert.equal(check(dekker(null)).valid, false);
    assert.equal(check(dekker(1)).valid, true);
  });

  it('should name a key that fails by itself', () => {
    const back = [...write(0, 1), ...write(0, 2), ...read(1, 2), ...read(1, 1)];
    const { valid, key } = check([...keyed('x', write(2, 1)), ...keyed('y', back)]);
    assert.deepEqual({ valid, key }, { valid: false, key: 'y' });
  });

  it('should reject a value that nobody wrote', () => {
    const { valid, garbage } = check([...write(0, 1), ...read(1, 2)]);
    assert.equal(valid, false);
    assert.equal(garbage?.invoked, 2);
    assert.equal(check([...write(0, 1), ...read(1, 1)]).valid, true);
  });

  it('should use a crashed write or not, and end the session there', () => {
    const crashed: Entry[] = [
      [0, 'invoke', 'write', 1],
      [0, 'info', 'write', 1],
    ];
    assert.equal(check([...crashed, ...read(1, null), ...read(1, 1)]).valid, true);
    assert.equal(check([...crashed, ...read(0, null)]).valid, true);
    assert.equal(check([...crashed, ...read(1, 1), ...read(1, null)]).valid, false);
    assert.equal(check([...write(0, 1), ...read(0, null)]).valid, false);
  });

  it('should search models that are no register', () => {
    const queued = [...alone(0, 'enqueue', 1), ...alone(0, 'enqueue', 2)];
    const dequeue = (process: number, value: Json): Entry[] => alone(process, 'dequeue', null, value);
    assert.equal(check([...queued, ...dequeue(1, 1), ...dequeue(2, 2)], fifoQueue).valid, true);
    assert.equal(check([...queued, ...dequeue(1, 2), ...dequeue(2, 1)], fifoQueue).valid, true);
    const { valid, stuck, order } = check([...queued, ...dequeue(1, 2), ...dequeue(1, 1)], fifoQueue);
    assert.equal(valid, false);
    assert.deepEqual(order, [0, 2]);
    assert.deepEqual(
      stuck.map(({ text }) => text),
      ['dequeue → 2'],
    );
  });

  it('should let a read wait that would settle what the model leaves open', () => {
    // Only one order does: the first write is lost, then comes the read of 0, the second write, the read of 1.
    const entries = (last: Json): Entry[] => [
      ...read(0, 1),
      ...write(1, 1),
      ...read(1, 0),
      ...write(2, last),
    ];
    const checkLossy = (last: Json): unknown =>
      checkSequential(history(...entries(last)), { model: lossyRegister, init: 0 }).valid;
    assert.equal(checkLossy(1), true);
    assert.equal(checkLossy(2), false);
  });

  it('should end in time with unknown', () => {
    const entries = Array.from({ length: 40 }, (_, at) => alone(at % 20, 'enqueue', at)).flat();
    const slow = defineModel<Json>({
      ...(fifoQueue as Model<Json>),
      step(state, operation) {
        const until = performance.now() + 1;
        while (performance.now() < until);
        return (fifoQueue as Model<Json>).step(state, operation);
      },
    });
    const begun = performance.now();
    const impossible = [...entries, ...alone(20, 'dequeue', null, 99)];
    const { valid, why } = checkSequential(history(...impossible), { model: slow, timeoutMs: 200 });
    assert.equal(valid, 'unknown');
    assert.match(why ?? '', /time was up/);
    assert.ok(performance.now() - begun < 400);
  });

  it("should find a model's mistake and refuse an operation that it does not know", () => {
    const wrong = defineModel<Json>({
      ...(register as Model<Json>),
      step: () => {
        throw new Error('oh');
      },
    });
    assert.match(check(write(0, 1), wrong).why ?? '', /step of the model register threw/);
    assert.throws(() => check(alone(0, 'enqueue', 1)), UsageError);
  });

  it('should decide long histories of many clients, valid and with one that goes back', () => {
    const entries = (last: number): Entry[] => [
      ...Array.from({ length: 5000 }, (_, at) => [
        ...write(at % 20, at),
        ...read(20 + (at % 20), Math.max(0, at - (at % 20))),
      ]).flat(),
      ...read(20, last),
    ];
    const valid = checkSequential(longHistory(entries(4999)), { model: register });
    assert.equal(valid.valid, true);
    const back = checkSequential(longHistory(entries(0)), { model: register });
    assert.equal(back.valid, false);
    assert.ok(back.cycle.length > 0);
  });
});

/** Whether some order that keeps every client's own explains the history; each key has a state of its own. */
function isSequential(recorded: History, model: Model, init: Json): boolean {
  const calls = pairCalls(recorded).filter(({ completion }) => completion?.type !== 'fail');
  const clients = [...Map.groupBy(calls, ({ invoke }) => invoke.process).values()];
  return explains(clients, new Map());

  function explains(left: readonly (readonly Call[])[], states: ReadonlyMap<string, unknown>): boolean {
    if (!left.flat().some(({ completion }) => completion?.type === 'ok')) return true;
    return left.some((calls, client) => {
      const [next, ...rest] = calls;
      if (next === undefined) return false;
      const { f, value, key } = next.invoke;
      const name = canonical(key ?? null);
      const result = next.completion?.type === 'ok' ? next.completion.value : undefined;
      const state = states.has(name) ? states.get(name) : model.init(init);
      const step = model.step(state, { f, argument: value, result, ...(key === undefined ? {} : { key }) });
      const possible = step instanceof Choice ? step.states : step === undefined ? [] : [step];
      return possible.some((after) => explains(left.with(client, rest), new Map([...states, [name, after]])));
    });
  }
}

/** The same with values that repeat, so that reads do not tell which write they saw. */
function withFewValues(recorded: History): History {
  const few = (value: Json): Json =>
    typeof value === 'number' ? value % 3 : Array.isArray(value) ? (value as Json[]).map(few) : value;
  return recorded.map((entry) => ({ ...entry, value: few(entry.value) }));
}

describe('checkSequential against brute force', () => {
  const RUNS = 2_000;
  const SUBJECTS: Readonly<Record<string, { model: Model; cas: boolean; keys: number; few: boolean }>> = {
    'a register': { model: register, cas: false, keys: 1, few: false },
    'registers with keys': { model: register, cas: false, keys: 2, few: false },
    'a register with few values': { model: register, cas: false, keys: 1, few: true },
    'registers with compare-and-set': { model: casRegister, cas: true, keys: 2, few: false },
    'a register that loses writes': { model: lossyRegister, cas: false, keys: 1, few: false },
    'a store with compare-and-set and few values': { model: kv, cas: true, keys: 2, few: true },
  };
  for (const [name, { model, cas, keys, few }] of Object.entries(SUBJECTS)) {
    it(`should agree on ${RUNS} histories of ${name}`, () => {
      const seen = { true: 0, false: 0 };
      const shape = { operationsMax: 8, reads: 6, clients: 3, keys, lags: [0, 0, 1, 1, 2, 3], cas };
      fc.assert(
        fc.property(registerHistories(shape), (unique) => {
          const recorded = few ? withFewValues(unique) : unique;
          const expected = isSequential(recorded, model, INIT);
          assert.equal(checkSequential(recorded, { model, init: INIT }).valid, expected);
          seen[`${expected}`]++;
        }),
        { numRuns: RUNS },
      );
      assert.ok(seen.true > RUNS / 40 && seen.false > RUNS / 40, JSON.stringify(seen));
    });
  }
});
