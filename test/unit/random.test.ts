import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Random, createRandom } from '../../harness/random.ts';

const draws = (random: Random): unknown[] => [
  random.next(),
  random.int(10),
  random.shuffle([1, 2, 3, 4]),
  random.fork('a').fork('b').exponential(3),
];

describe('createRandom', () => {
  it('should give the same draws for the same seed, on every platform and for ever', () => {
    const random = createRandom('pinned');
    const draws = Array.from({ length: 4 }, () => random.int(1_000_000));
    assert.deepEqual(draws, [277170, 184828, 178442, 787623]);
  });

  it('should fork by name: the same whatever was drawn before, another for another name', () => {
    const drawn = createRandom(7);
    drawn.next();
    assert.equal(drawn.fork('a').next(), createRandom(7).fork('a').next());
    assert.notEqual(drawn.fork('a').next(), drawn.fork('b').next());
  });

  it('should stay within bounds', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (seed, bound) => {
        const random = createRandom(seed);
        for (let draw = 0; draw < 20; draw++) {
          const value = random.int(bound);
          assert.ok(Number.isInteger(value) && value >= 0 && value < bound);
          const between = random.between(5, 6);
          assert.ok(between >= 5 && between < 6);
          assert.ok(random.exponential(10) >= 0);
        }
      }),
    );
  });

  it('should draw evenly enough that no value of ten is missed or favoured', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    const random = createRandom('even');
    for (let draw = 0; draw < 10_000; draw++) {
      const value = random.int(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) assert.ok(Math.abs(count - 1000) < 150, counts.join(' '));
  });

  it('should shuffle into a permutation, and pick what is there', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const shuffled = createRandom(seed).shuffle(items);
        assert.deepEqual([...shuffled].sort(), [...items].sort());
        if (items.length > 0) assert.ok(items.includes(createRandom(seed).pick(items)));
      }),
    );
    assert.throws(() => createRandom(1).pick([]), RangeError);
  });

  it('should tell its watcher of every draw of it and its forks, and draw the same', () => {
    const told: number[] = [];
    const watched = createRandom('seed', (bits) => told.push(bits));
    assert.deepEqual(told, [], 'seeding is no draw');
    assert.deepEqual(draws(watched), draws(createRandom('seed')));
    assert.equal(told.length, 1 + 1 + 3 + 1);
    assert.equal(told.length, new Set(told).size);
  });
});
