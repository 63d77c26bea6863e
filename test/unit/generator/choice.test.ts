/** Choices at random and by readiness. */
import assert from 'node:assert/strict';
import {
  any,
  clients,
  delay,
  fromFunction,
  limit,
  mix,
  nothing,
  op,
  repeat,
  sequence,
  sleep,
  stagger,
  weightedMix,
} from '../../../harness/generator/index.ts';
import { functions, timed, values } from './helpers.ts';

function share(given: readonly string[], f: string): number {
  return given.filter((other) => other === f).length / given.length;
}

describe('mix', () => {
  it('should draw each of its generators evenly', () => {
    const given = functions(mix(repeat(op('a')), repeat(op('b')), repeat(op('c'))));
    assert.equal(given.length, 1000);
    for (const f of ['a', 'b', 'c'])
      assert.ok(Math.abs(share(given, f) - 1 / 3) < 0.06, `${f}: ${share(given, f)}`);
  });

  it('should draw in proportion to the weights', () => {
    const given = functions(weightedMix([9, repeat(op('a'))], [1, repeat(op('b'))]));
    assert.ok(Math.abs(share(given, 'a') - 0.9) < 0.04, String(share(given, 'a')));
  });

  it('should go on with the others when one has no more', () => {
    const given = functions(mix(op('a'), nothing, repeat(op('b'), 5)));
    assert.deepEqual(given.toSorted(), ['a', 'b', 'b', 'b', 'b', 'b']);
    assert.deepEqual(functions(mix()), []);
  });

  it('should keep the state of each generator', () => {
    const counting = (f: string) => fromFunction((value) => ({ f, value }));
    const given = values(limit(50, mix(counting('a'), counting('b')))).length;
    assert.equal(given, 50);
    assert.deepEqual(values(limit(3, mix(counting('a')))), [0, 1, 2]);
  });

  it('should draw independently in generators that look alike', () => {
    const writes = (f: string) =>
      sequence(
        repeat(
          op(f, (random) => random.int(1e9)),
          100,
        ),
      );
    const drawn = values(mix(writes('a'), writes('b')));
    assert.equal(new Set(drawn).size, 200);
  });

  it('should refuse a weight of nothing', () => {
    assert.throws(
      () => weightedMix([0, op('a')]),
      /weight of a choice in weightedMix must be a number above 0/,
    );
  });
});

describe('any', () => {
  it('should take whichever comes first', () => {
    const early = sequence(sleep(15), op('b'), sleep(30), op('b'));
    assert.deepEqual(timed(any(delay(20, repeat(op('a'), 3)), early)), [
      '0:a',
      '15:b',
      '20:a',
      '40:a',
      '45:b',
    ]);
  });

  it('should starve none of those that are always ready', () => {
    const given = functions(any(repeat(op('a')), repeat(op('b')), repeat(op('c'))));
    for (const f of ['a', 'b', 'c'])
      assert.ok(Math.abs(share(given, f) - 1 / 3) < 0.06, `${f}: ${share(given, f)}`);
  });

  it('should end when all have ended', () => {
    assert.deepEqual(functions(any(op('a'), nothing, op('b'))).toSorted(), ['a', 'b']);
    assert.deepEqual(functions(any()), []);
  });

  it('should go on with one while the other waits for a thread', () => {
    const given = timed(any(clients(repeat(op('busy'), 2)), stagger(1, repeat(op('free'), 3))), {
      clients: 1,
    });
    assert.equal(given.length, 5);
  });
});
