/** One generator after another. */
import assert from 'node:assert/strict';
import {
  cycle,
  eachThread,
  flipFlop,
  fromFunction,
  limit,
  nothing,
  onThreads,
  op,
  phases,
  repeat,
  sequence,
  simulate,
  sleep,
  synchronize,
} from '../../../harness/generator/index.ts';
import { MS, functions, perfect, timed, values } from './helpers.ts';

describe('sequences', () => {
  it('should exhaust the first before the second', () => {
    assert.deepEqual(functions(sequence(repeat(op('a'), 3), nothing, repeat(op('b'), 2))), [
      'a',
      'a',
      'a',
      'b',
      'b',
    ]);
    assert.deepEqual(functions(sequence()), []);
  });

  it('should begin the second while the first is under way, unless synchronized', () => {
    assert.deepEqual(timed(sequence(op('a'), op('b'))), ['0:a', '0:b']);
    assert.deepEqual(timed(sequence(op('a'), synchronize(op('b')))), ['0:a', '10:b']);
  });

  it('should wait for every idle thread before each phase', () => {
    const slowFirst = onThreads((thread) => thread === 0, repeat(op('slow'), 2));
    const history = simulate(
      phases(eachThread(op('a')), slowFirst, eachThread(op('b'))),
      ({ f, value }, random) => ({
        type: 'ok',
        value,
        tookNs: (f === 'slow' ? 100 : 10 + random.int(5)) * MS,
      }),
      { clients: 3 },
    );
    const firstB = history.findIndex(({ f }) => f === 'b');
    const before = history.slice(0, firstB);
    assert.equal(before.length, 2 * (4 + 2), 'all invocations and completions before the last phase');
  });

  it('should start afresh in each lap of a cycle, with draws of its own', () => {
    const drawn = values(limit(40, cycle(sequence(op('write', (random) => random.int(1000))))));
    assert.equal(drawn.length, 40);
    assert.ok(new Set(drawn).size > 30);
    const counted = cycle(
      limit(
        2,
        fromFunction((value) => ({ f: 'add', value })),
      ),
    );
    assert.deepEqual(values(limit(5, counted)), [0, 1, 0, 1, 0]);
  });

  it('should end a cycle whose lap gives nothing', () => {
    assert.deepEqual(functions(cycle(nothing)), []);
    assert.deepEqual(functions(cycle(sequence(sleep(5), nothing))), []);
  });

  it('should take turns and end with the first that has no more', () => {
    assert.deepEqual(functions(flipFlop(repeat(op('a')), repeat(op('b'), 2))), ['a', 'b', 'a', 'b', 'a']);
    assert.deepEqual(functions(flipFlop(repeat(op('a'), 1), repeat(op('b')))), ['a', 'b']);
    assert.deepEqual(functions(flipFlop()), []);
  });

  it('should keep the state of what it took turns with', () => {
    const counting = fromFunction((value) => ({ f: 'add', value }));
    assert.deepEqual(values(limit(5, flipFlop(counting, counting))), [0, 0, 1, 1, 2]);
  });

  it('should give the operations of a long sequence in reasonable time', () => {
    const many = sequence(...Array.from({ length: 5000 }, (_, value) => op('add', value)));
    assert.equal(perfect(many, { operationsMax: 5000 }).length, 5000);
  });
});
