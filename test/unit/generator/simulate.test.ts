/** The simulator of generators itself, and the guards that it and the interpreter rely on. */
import assert from 'node:assert/strict';
import { HarnessError, UsageError } from '../../../harness/errors.ts';
import type { Generator, PlannedOperation } from '../../../harness/generator/generator.ts';
import {
  Workers,
  clients,
  clientsAndNemesis,
  defer,
  fromFunction,
  imperfectOutcomes,
  limit,
  once,
  op,
  perfectOutcomes,
  quickOutcomes,
  repeat,
  settle,
  simulate,
  validate,
} from '../../../harness/generator/index.ts';
import type { Json } from '../../../harness/json.ts';
import { MS } from './helpers.ts';

describe('simulation', () => {
  it('should record invocations and completions in order', () => {
    const history = simulate(clients(repeat(op('write', 1), 2)), perfectOutcomes, { clients: 1 });
    assert.deepEqual(
      history.map(({ index, time, type, value }) => [index, time / MS, type, value]),
      [
        [0, 0, 'invoke', 1],
        [1, 10, 'ok', 1],
        [2, 10, 'invoke', 1],
        [3, 20, 'ok', 1],
      ],
    );
  });

  it('should retire processes whose operations end in info, and only those', () => {
    const history = simulate(clients(repeat(op('read'), 100)), imperfectOutcomes, { clients: 3 });
    const retired = new Set<unknown>();
    for (const { process, type } of history) {
      assert.ok(!retired.has(process));
      if (type === 'info') retired.add(process);
    }
    assert.ok(retired.size > 10);
  });

  it('should record the nemesis as info and keep its process', () => {
    const history = simulate(clientsAndNemesis(op('read'), repeat(op('kill'), 2)), quickOutcomes);
    const types = history.filter(({ process }) => process === 'nemesis').map(({ type }) => type);
    assert.deepEqual(types, ['info', 'info', 'info', 'info']);
  });

  it('should stop an endless generator after the given number of operations', () => {
    assert.equal(simulate(repeat(op('read')), quickOutcomes, { operationsMax: 5 }).length, 10);
  });

  it('should say so when a generator waits for ever', () => {
    const stuck = fromFunction(() => 'pending');
    assert.throws(() => simulate(stuck, quickOutcomes), HarnessError);
  });
});

describe('settle', () => {
  it('should take changes until there is an answer', () => {
    const context = new Workers(1, 'seed').at(0);
    const { step } = settle(
      defer(() => defer(() => op('read'))),
      context,
    );
    assert.ok(typeof step === 'object' && 'operation' in step && step.operation.f === 'read');
  });

  it('should stop a generator that changes for ever', () => {
    const restless: Generator = { next: () => ({ change: restless }), update: () => restless };
    assert.throws(() => settle(restless, new Workers(1, 'seed').at(0)), HarnessError);
  });
});

describe('validate', () => {
  const giving = (change: (operation: PlannedOperation) => PlannedOperation): Generator => {
    const generator: Generator = {
      next: ({ time }) => ({
        operation: change({ f: 'read', value: null, time, thread: 0 }),
        next: generator,
      }),
      update: () => generator,
    };
    return validate(generator);
  };

  it('should let good operations pass', () => {
    assert.equal(
      simulate(limit(3, validate(clients(repeat(op('read'))))), quickOutcomes, { clients: 1 }).length,
      6,
    );
    assert.equal(simulate(once(giving((operation) => operation)), quickOutcomes).length, 2);
  });

  it('should name what is wrong with a bad one', () => {
    const missing = undefined as unknown as Json;
    const cases: [Generator, RegExp][] = [
      [giving((operation) => ({ ...operation, f: '' })), /whose f is not a name/],
      [giving((operation) => ({ ...operation, value: missing })), /has no value: give null/],
      [giving((operation) => ({ ...operation, time: NaN })), /time is not a number of nanoseconds/],
      [giving((operation) => ({ ...operation, thread: 9 })), /thread is none of 0, nemesis/],
      [validate({ next: () => ({ until: NaN }), update: () => op('read') }), /waits until NaN/],
    ];
    for (const [generator, message] of cases) {
      assert.throws(
        () => simulate(generator, quickOutcomes, { clients: 1 }),
        (error: Error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });

  it('should refuse an operation for a busy thread', () => {
    const workers = new Workers(1, 'seed');
    const careless = giving((operation) => operation);
    assert.doesNotThrow(() => careless.next(workers.at(0)));
    workers.occupy(0);
    assert.throws(() => careless.next(workers.at(0)), /thread is busy/);
  });
});
