/**
 * What a newcomer sees first, `npm start`, in the form that needs no Docker. The correct Raft passes, the broken
 * one is caught, and what is printed last is where to look. No seed is given, for a newcomer gives none.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CliResult, splitbrain, temporaryDirectory } from '../cli.ts';

describe('splitbrain demo', function () {
  this.timeout(180_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());

  let demo: CliResult;
  const pages: Record<string, string> = {};
  before(async () => {
    demo = await splitbrain(['demo', '--runtime', 'process', '--out', scratch.path]);
    const last = demo.stdout.trimEnd().split('\n').slice(-2);
    for (const line of last) {
      const [, name = line, path = ''] = /^ {2}(correct|broken): +(\/.*\/report\.html)$/.exec(line) ?? [];
      pages[name] = path;
    }
  });

  const verdictOf = (page: string): unknown =>
    (JSON.parse(readFileSync(join(dirname(page), 'results.json'), 'utf8')) as { valid: unknown }).valid;

  it('should pass the correct Raft, catch the broken one and end with exit code 0', () => {
    assert.equal(demo.code, 0, demo.stdout + demo.stderr);
    assert.match(demo.stdout, /The correct Raft passed; the broken one was caught\./);
  });

  it('should name both reports last, and each should be there and be about the run that it is said to be', () => {
    const { correct = '', broken = '' } = pages;
    assert.deepEqual([existsSync(correct), existsSync(broken)], [true, true], demo.stdout);
    assert.deepEqual([verdictOf(correct), verdictOf(broken)], [true, false]);
    assert.match(readFileSync(correct, 'utf8'), /<span class="word">PASS<\/span>/);
    assert.match(readFileSync(broken, 'utf8'), /<span class="word">FAIL<\/span>/);
  });

  it('should print results to standard output and progress to standard error', () => {
    assert.doesNotMatch(demo.stdout, /^·/m);
    assert.match(demo.stderr, /^· starting n1 n2 n3 n4 n5 on process$/m);
  });
});
