/** A stream that is watched draws what it would have drawn. */
import assert from 'node:assert/strict';
import { createRandom, type Random } from '../../harness/random.ts';

const draws = (random: Random): unknown[] => [
  random.next(),
  random.int(10),
  random.shuffle([1, 2, 3, 4]),
  random.fork('a').fork('b').exponential(3),
];

describe('createRandom', () => {
  it('should tell its watcher of every draw of it and its forks, and draw the same', () => {
    const told: number[] = [];
    const watched = createRandom('seed', (bits) => told.push(bits));
    assert.deepEqual(told, [], 'seeding is no draw');
    assert.deepEqual(draws(watched), draws(createRandom('seed')));
    assert.equal(told.length, 1 + 1 + 3 + 1);
    assert.equal(told.length, new Set(told).size);
  });
});
