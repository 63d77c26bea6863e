/**
 * The README's example of a target of one's own, taken from the README itself: it must stay short, run from a
 * directory that knows nothing of splitbrain, and be caught.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, splitbrain, temporaryDirectory } from './cli.ts';

const LINES_MAX = 60;

function exampleOfReadme(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, code] = /```ts\n(\/\/ forgetful\.ts[\s\S]*?)```/.exec(readme) ?? [];
  assert.ok(code !== undefined, 'README.md has an example that begins with "// forgetful.ts"');
  return code;
}

describe("a user's own target", function () {
  this.timeout(60_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const path = join(scratch.path, 'forgetful.ts');
  const run = (nemesis: string): ReturnType<typeof splitbrain> =>
    splitbrain(
      [
        'test',
        './forgetful.ts',
        '--runtime',
        'process',
        '--nemesis',
        nemesis,
        '--interval',
        '2s',
        '--time-limit',
        '5s',
        '--seed',
        '1',
        '--rate',
        '200',
      ],
      { cwd: scratch.path },
    );
  before(() => writeFileSync(path, exampleOfReadme()));

  it('should fit in sixty lines', () => {
    assert.ok(exampleOfReadme().split('\n').length <= LINES_MAX);
  });

  it('should be caught when it is killed, because it forgets', async () => {
    const { code, stdout, stderr } = await run('kill');
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /FAIL[\s\S]*forgetful/);
  });

  it('should pass when nothing happens to it, also beside the package.json that npm init writes', async () => {
    writeFileSync(join(scratch.path, 'package.json'), '{ "type": "commonjs" }\n');
    const { code, stdout, stderr } = await run('none');
    assert.equal(code, 0, stdout + stderr);
  });
});
