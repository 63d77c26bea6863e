/** Single operations, functions, and what is done to operations one by one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UsageError } from '../../../harness/errors.ts';
import {
  Workers,
  cycle,
  filter,
  fromFunction,
  limit,
  map,
  nothing,
  once,
  op,
  repeat,
  sequence,
} from '../../../harness/generator/index.ts';
import { functions, perfect, values } from './helpers.ts';

describe('basic generators', () => {
  it('should give nothing from nothing', () => assert.deepEqual(functions(nothing), []));

  it('should give a single operation once, with its value', () => {
    const [only, ...others] = perfect(op('write', 7));
    assert.deepEqual([only?.f, only?.value, only?.time, others.length], ['write', 7, 0, 0]);
  });

  it('should wait while no thread is idle', () => {
    const workers = new Workers(1, 'seed');
    assert.notEqual(op('read').next(workers.at(0)), 'pending');
    workers.occupy(0);
    workers.occupy('nemesis');
    assert.equal(op('read').next(workers.at(0)), 'pending');
  });

  it('should draw a value anew for each repetition', () => {
    const drawn = values(
      repeat(
        op('write', (random) => random.int(1000)),
        50,
      ),
    );
    assert.equal(drawn.length, 50);
    assert.ok(new Set(drawn).size > 40, `only ${new Set(drawn).size} different values`);
  });

  it('should draw anew for each repetition inside nested parts as well', () => {
    const drawn = values(repeat(sequence(op('write', (random) => random.int(1000))), 50));
    assert.ok(new Set(drawn).size > 40, `only ${new Set(drawn).size} different values`);
  });

  it('should spread operations over all idle threads', () => {
    const processes = new Set(perfect(repeat(op('read'), 100), { clients: 5 }).map(({ process }) => process));
    assert.equal(processes.size, 6);
  });

  it('should count the operations of a function and end when it does', () => {
    const counting = fromFunction((index) => (index < 3 ? { f: 'add', value: index } : undefined));
    assert.deepEqual(values(counting), [0, 1, 2]);
  });

  it('should keep the key that a function gives', () => {
    const [first] = perfect(once(fromFunction(() => ({ f: 'read', value: null, key: 'x' }))));
    assert.equal(first?.key, 'x');
  });

  it('should give exactly the smaller of the limit and what there is', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), (most, available) => {
        const given = functions(limit(most, repeat(op('read'), available)));
        assert.equal(given.length, Math.min(most, available));
      }),
    );
  });

  it('should give the first operation only with once', () => {
    assert.deepEqual(functions(once(sequence(op('a'), op('b')))), ['a']);
  });

  it('should give the first operation again and again with repeat, and all of them with cycle', () => {
    const both = sequence(op('a'), op('b'));
    assert.deepEqual(functions(repeat(both, 4)), ['a', 'a', 'a', 'a']);
    assert.deepEqual(functions(limit(4, cycle(both))), ['a', 'b', 'a', 'b']);
  });

  it('should change operations but not when and where they run', () => {
    const plain = perfect(repeat(op('read'), 5));
    const changed = perfect(map(({ f }) => ({ f: `${f}!`, value: 1, key: 'k' }), repeat(op('read'), 5)));
    assert.deepEqual(
      changed,
      plain.map((operation) => ({ ...operation, f: 'read!', value: 1, key: 'k' })),
    );
  });

  it('should pass over what a filter rejects', () => {
    const even = filter(
      ({ value }) => Number(value) % 2 === 0,
      limit(
        7,
        fromFunction((value) => ({ f: 'add', value })),
      ),
    );
    assert.deepEqual(values(even), [0, 2, 4, 6]);
  });

  it('should say so when a filter rejects everything', () => {
    assert.throws(() => functions(filter(() => false, repeat(op('read')))), UsageError);
    assert.deepEqual(functions(filter(() => false, repeat(op('read'), 9_000))), []);
  });

  it('should refuse a limit that is no count', () => {
    assert.throws(
      () => limit(-1, op('read')),
      /limit of operations must be a whole number of at least 0, not -1/,
    );
    assert.throws(() => limit(1.5, op('read')), UsageError);
    assert.deepEqual(functions(limit(0, op('read'))), []);
  });
});
