/** Damage to files, worked out from what they hold. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  applyEdit,
  flipBits,
  swapBlocks,
  truncateFiles,
  unflipBits,
  type Contents,
  type Edit,
} from '../../../harness/cluster/damage.ts';

function applied(contents: Contents, edits: readonly Edit[]): Contents {
  const files = new Map(contents);
  for (const edit of edits) files.set(edit.file, applyEdit(files.get(edit.file) ?? new Uint8Array(), edit));
  return files;
}

/** In one text: the bytes of all files, file by file. */
const show = (contents: Contents): string =>
  [...contents].map(([name, bytes]) => `${name}=${Buffer.from(bytes).toString('hex')}`).join(' ');

const disk = (files: Readonly<Record<string, string>>): Contents =>
  new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]));

const disks = fc
  .dictionary(fc.constantFrom('a', 'b', 'c'), fc.uint8Array({ maxLength: 60 }))
  .map((files) => new Map(Object.entries(files)));
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('damage', () => {
  it('should run places over all bits of all files, in their order', () => {
    const contents = disk({ b: 'xy', a: 'z' });
    const { done } = flipBits(contents, [0, 0.5, 0.7, 0.9999]);
    assert.deepEqual(
      done.map(({ file, offset, was, is }) => [file, offset, was ^ is]),
      [
        ['b', 0, 1],
        ['b', 1, 16],
        ['a', 0, 1],
        ['a', 0, 128],
      ],
    );
  });

  it('should flip bits, and flip them back to what there was', () => {
    fc.assert(
      fc.property(disks, fc.array(place, { maxLength: 8 }), (contents, places) => {
        const { edits, done } = flipBits(contents, places);
        const flipped = applied(contents, edits);
        const size = [...contents.values()].reduce((sum, { length }) => sum + length, 0);
        assert.equal(done.length, size === 0 ? 0 : places.length);
        for (const { was, is } of done) assert.equal((was ^ is) & ((was ^ is) - 1), 0, 'one bit');
        assert.equal(show(applied(flipped, unflipBits(flipped, done))), show(contents));
      }),
    );
  });

  it('should leave alone what was written anew, and what is gone', () => {
    const contents = disk({ a: 'text' });
    const { edits, done } = flipBits(contents, [0.3]);
    const [bit] = done;
    assert.ok(bit);
    const flipped = applied(contents, edits);
    assert.equal(unflipBits(flipped, done).length, 1);
    assert.deepEqual(unflipBits(contents, done), []);
    assert.deepEqual(unflipBits(disk({ a: '' }), done), []);
    assert.deepEqual(unflipBits(disk({}), done), []);
  });

  it('should cut the ends off files, one after the other', () => {
    const contents = disk({ a: 'abcdef', b: 'gh' });
    const { edits, done } = truncateFiles(contents, [0.5, 0.9]);
    assert.deepEqual(done, [
      { file: 'a', was: 6, is: 4 },
      { file: 'b', was: 2, is: 1 },
    ]);
    assert.equal(show(applied(contents, edits)), show(disk({ a: 'abcd', b: 'g' })));
    assert.deepEqual(truncateFiles(disk({ a: '' }), [0.5]), { edits: [], done: [] });
  });

  it('should exchange blocks of a file or two, as long as the shorter of them', () => {
    const text = (letter: string): string => letter.repeat(512);
    const contents = disk({
      a: text('a') + text('b') + text('c') + text('d'),
      b: text('e') + text('f') + 'g'.repeat(1024) + 'last',
    });
    const total = 4096 + 4;
    const { edits, done } = swapBlocks(contents, [
      [700 / total, 2050 / total],
      [0, 4097 / total],
    ]);
    assert.deepEqual(done, [
      {
        bytes: 512,
        blocks: [
          { file: 'a', offset: 512 },
          { file: 'b', offset: 0 },
        ],
      },
      {
        bytes: 4,
        blocks: [
          { file: 'a', offset: 0 },
          { file: 'b', offset: 2048 },
        ],
      },
    ]);
    const swapped = applied(contents, edits);
    assert.equal(
      Buffer.from(swapped.get('a') ?? []).toString(),
      `last${'a'.repeat(508)}${text('e')}${text('c')}${text('d')}`,
    );
    assert.equal(
      Buffer.from(swapped.get('b') ?? []).toString(),
      `${text('b')}${text('f')}${'g'.repeat(1024)}aaaa`,
    );
  });

  it('should exchange nothing with itself or its like', () => {
    assert.deepEqual(swapBlocks(disk({ a: 'x'.repeat(2000) }), [[0, 0.9]]), { edits: [], done: [] });
    assert.deepEqual(swapBlocks(disk({ a: 'text' }), [[0, 0.1]]), { edits: [], done: [] });
    assert.equal(swapBlocks(disk({ a: 'text' }), [[0, 0.3]]).done.length, 1);
  });

  it('should move bytes about when it exchanges blocks, and change none', () => {
    fc.assert(
      fc.property(disks, fc.array(fc.tuple(place, place), { maxLength: 4 }), (contents, pairs) => {
        const swapped = applied(contents, swapBlocks(contents, pairs).edits);
        const sizes = (of: Contents): [string, number][] =>
          [...of].map(([name, bytes]) => [name, bytes.length]);
        const bytes = (of: Contents): number[] => [...of.values()].flatMap((file) => [...file]).sort();
        assert.deepEqual(sizes(swapped), sizes(contents));
        assert.deepEqual(bytes(swapped), bytes(contents));
      }),
    );
  });
});
