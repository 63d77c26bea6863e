/** Which threads a generator may use: splits, groups, reservations and limits of processes. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UsageError } from '../../../harness/errors.ts';
import {
  any,
  clients,
  clientsAndNemesis,
  cycle,
  eachThread,
  imperfectOutcomes,
  invocationsOf,
  limit,
  nothing,
  onThreads,
  op,
  perfectOutcomes,
  processLimit,
  repeat,
  reserve,
  sequence,
  simulate,
  stagger,
  untilOk,
} from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import { functions, perfect, watched } from './helpers.ts';

/** Thread of an operation of `count` client threads, from its process. */
function threadOf({ process }: Operation, count: number): number | 'nemesis' {
  return process === 'nemesis' ? process : process % count;
}

describe('threads', () => {
  it('should keep clients and nemesis apart', () => {
    const given = perfect(clientsAndNemesis(repeat(op('read'), 50), repeat(op('kill'), 5)), { clients: 3 });
    assert.equal(given.length, 55);
    for (const { f, process } of given) assert.equal(f === 'kill', process === 'nemesis');
  });

  it('should show a generator its own threads only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(5), fc.nat(), (count, chosen, seed) => {
        const own = chosen % count;
        const generator = onThreads((thread) => thread === own, repeat(op('read'), 20));
        const given = invocationsOf(
          simulate(generator, imperfectOutcomes, { clients: count, seed: String(seed) }),
        );
        assert.equal(given.length, 20);
        assert.ok(given.every((operation) => threadOf(operation, count) === own));
      }),
      { numRuns: 50 },
    );
  });

  it('should show a generator the events of its own threads only', () => {
    const seen: Operation[] = [];
    const generator = any(
      onThreads((thread) => thread === 0, watched(repeat(op('a')), seen)),
      onThreads((thread) => thread !== 0, repeat(op('b'))),
    );
    const history = simulate(generator, perfectOutcomes, { operationsMax: 20 });
    assert.ok(history.some(({ f }) => f === 'b'));
    assert.deepEqual(
      seen,
      history.filter(({ f }) => f === 'a'),
    );
  });

  it('should give each thread the whole generator', () => {
    const given = perfect(clients(eachThread(sequence(op('a'), op('b')))), { clients: 4 });
    for (const thread of [0, 1, 2, 3]) {
      const own = given.filter(({ process }) => process === thread).map(({ f }) => f);
      assert.deepEqual(own, ['a', 'b']);
    }
  });

  it('should reserve threads in order and give the rest to the last', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(), (more, seed) => {
        const count = 3 + more;
        const groups = reserve(
          [
            [2, repeat(op('a'))],
            [1, repeat(op('b'))],
          ],
          repeat(op('c')),
        );
        const options = { clients: count, seed: String(seed), operationsMax: 200 };
        const given = invocationsOf(simulate(clients(groups), imperfectOutcomes, options));
        for (const operation of given) {
          const thread = Number(threadOf(operation, count));
          assert.equal(operation.f, thread < 2 ? 'a' : thread < 3 ? 'b' : 'c');
        }
        assert.equal(new Set(given.map(({ f }) => f)).size, more === 0 ? 2 : 3);
      }),
      { numRuns: 50 },
    );
  });

  it('should say how many threads a reservation needs', () => {
    const groups = reserve([[3, op('a')]], op('b'));
    assert.throws(
      () => functions(clients(groups), { clients: 2 }),
      (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /reserves 3 threads and there are 2: raise --concurrency to at least 3/);
        return true;
      },
    );
    assert.deepEqual(functions(clients(groups), { clients: 3 }), ['a']);
  });

  it('should end a group early and let the others go on', () => {
    const groups = reserve(
      [
        [1, nothing],
        [1, op('a')],
      ],
      repeat(op('b'), 3),
    );
    assert.deepEqual(functions(clients(groups), { clients: 3 }).toSorted(), ['a', 'b', 'b', 'b']);
  });

  it('should take the soonest operation among groups that all have to wait', () => {
    const slow = stagger(1000, repeat(op('slow')));
    const quick = stagger(10, repeat(op('quick')));
    const given = functions(clients(reserve([[1, slow]], quick)), { operationsMax: 200 });
    assert.ok(given.filter((f) => f === 'slow').length <= 6);
    assert.ok(given.includes('slow') && given.includes('quick'));
  });
});

describe('process limit', () => {
  it('should count every process that could have been asked', () => {
    // No two end at the same time, so processes retire one by one.
    const outcomes = ({ index, value }: Operation) =>
      ({ type: 'info', value, tookNs: 1000 + index }) as const;
    for (const most of [0, 2, 3, 5, 8]) {
      const given = invocationsOf(
        simulate(clients(processLimit(most, repeat(op('read')))), outcomes, { clients: 3 }),
      );
      const processes = new Set(given.map(({ process }) => process));
      assert.equal(processes.size, most < 3 ? 0 : most);
    }
  });

  it('should not end as long as no process retires', () => {
    assert.equal(perfect(clients(processLimit(2, repeat(op('read'), 500)))).length, 500);
    assert.equal(perfect(clients(processLimit(1, repeat(op('read'), 500)))).length, 0);
  });
});

describe('until ok', () => {
  it('should stop after the first success and no sooner', () => {
    let left = 3;
    const outcomes = ({ value }: Operation) =>
      ({ type: left-- > 0 ? 'fail' : 'ok', value, tookNs: 1000 }) as const;
    const history = simulate(clients(untilOk(repeat(op('read')))), outcomes, { clients: 1 });
    assert.deepEqual(
      history.filter(({ type }) => type !== 'invoke').map(({ type }) => type),
      ['fail', 'fail', 'fail', 'ok'],
    );
  });

  it('should begin nothing after a success of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), (count, seed) => {
        const options = { clients: count, seed: String(seed) };
        const history = simulate(clients(untilOk(repeat(op('read')))), imperfectOutcomes, options);
        const success = history.findIndex(({ type }) => type === 'ok');
        assert.notEqual(success, -1);
        assert.ok(history.slice(success).every(({ type }) => type !== 'invoke'));
      }),
    );
  });

  it('should not take the success of another for its own', () => {
    let left = 5;
    const outcomes = ({ f, value }: Operation) =>
      ({ type: f === 'mine' && left-- > 0 ? 'fail' : 'ok', value, tookNs: 1000 }) as const;
    const mine = onThreads((thread) => thread === 0, repeat(op('mine')));
    const history = simulate(
      any(
        untilOk(mine),
        onThreads((thread) => thread === 1, repeat(op('other'), 50)),
      ),
      outcomes,
    );
    const completed = history
      .filter(({ f, type }) => f === 'mine' && type !== 'invoke')
      .map(({ type }) => type);
    assert.deepEqual(completed, ['fail', 'fail', 'fail', 'fail', 'fail', 'ok']);
  });

  it('should succeed for each thread separately', () => {
    const history = simulate(clients(eachThread(untilOk(repeat(op('read'))))), imperfectOutcomes, {
      clients: 4,
    });
    assert.equal(history.filter(({ type }) => type === 'ok').length, 4);
  });

  it('should be tried afresh in each lap', () => {
    const laps = limit(4, cycle(untilOk(repeat(op('read')))));
    assert.equal(perfect(clients(laps), { clients: 1 }).length, 4);
  });
});
