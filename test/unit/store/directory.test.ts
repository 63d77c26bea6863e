/** Run directories: their names, their links, and what is said when there is no room. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  createRunDirectory,
  isRunDirectory,
  linkLatest,
  makeDirectory,
  writeRunFile,
  writeRunJson,
} from '../../../harness/store/directory.ts';

const STARTED = new Date('2026-03-01T12:34:56.789Z');

describe('run directory', () => {
  let store: string;
  beforeEach(() => (store = realpathSync(mkdtempSync(join(tmpdir(), 'splitbrain-store-')))));
  afterEach(() => rmSync(store, { recursive: true }));

  const create = (target = 'raft', seed = '7'): string =>
    relative(store, createRunDirectory(store, target, STARTED, seed));

  it('should be named by target, time and seed, and numbered when that is taken', () => {
    assert.equal(create(), 'raft/20260301T123456Z-7');
    assert.equal(create(), 'raft/20260301T123456Z-7-2');
    assert.equal(create(), 'raft/20260301T123456Z-7-3');
    assert.equal(create('raft', '8'), 'raft/20260301T123456Z-8');
  });

  it('should stay within the store whatever target and seed are called', () => {
    assert.equal(create('a/b', '../x y'), 'a_b/20260301T123456Z-.._x_y');
    assert.ok(create('raft', 'x'.repeat(1000)).length < 120);
  });

  it('should be made with those above it, or refused at once', () => {
    const deep = join(store, 'a', 'b', 'c');
    makeDirectory(deep);
    makeDirectory(deep);
    assert.ok(existsSync(deep));
    writeFileSync(join(store, 'file'), '');
    assert.throws(() => makeDirectory(join(store, 'file')), { code: 'EEXIST' });
    assert.throws(() => makeDirectory(join(store, 'file', 'b')), { code: 'ENOTDIR' });
    // The recursion of Node.js never comes back from there.
    if (process.platform === 'linux')
      assert.throws(() => makeDirectory('/proc/nowhere/store'), { code: 'ENOENT' });
  });

  it('should be where the links lead, of several runs the last', () => {
    for (const seed of ['1', '2']) {
      const directory = createRunDirectory(store, 'raft', STARTED, seed);
      linkLatest(store, directory);
      assert.equal(realpathSync(join(store, 'latest')), directory);
      assert.equal(realpathSync(join(store, 'raft', 'latest')), directory);
    }
    assert.deepEqual(readdirSync(store).sort(), ['latest', 'raft']);
  });

  it('should be known by its plan', () => {
    const directory = createRunDirectory(store, 'raft', STARTED, '1');
    assert.equal(isRunDirectory(directory), false);
    writeRunJson(directory, 'test.json', { seed: '1' });
    assert.equal(isRunDirectory(directory), true);
    assert.equal(readFileSync(join(directory, 'test.json'), 'utf8'), '{\n  "seed": "1"\n}\n');
  });

  it('should say what to do when it cannot be made or written', () => {
    const file = join(store, 'file');
    writeFileSync(file, '');
    const advice = { name: 'HarnessError', message: /Make room there, or choose another place with --out/ };
    assert.throws(() => createRunDirectory(file, 'raft', STARTED, '1'), advice);
    assert.throws(() => writeRunFile(file, 'report.html', ''), advice);
    writeRunFile(store, 'report.html', '');
  });
});
