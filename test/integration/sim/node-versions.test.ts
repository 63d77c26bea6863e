/** The same seed on every supported Node.js: the same bytes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { moduleBeside } from '../../../harness/module-url.ts';
import { otherNode } from '../../fixtures/other-node.ts';

/** The oldest line that is supported. */
const OLD = '22.23.3';
const SCRIPT = fileURLToPath(moduleBeside(import.meta.url, '../../fixtures/simulate-once'));

interface Run {
  readonly history: string;
  readonly checksum: string;
  readonly node: string;
}

function runOn(node: string, seed: number): Run {
  const options = { encoding: 'utf8', stdio: 'pipe', maxBuffer: 2 ** 28 } as const;
  const output = execFileSync(node, [SCRIPT, String(seed)], options).trimEnd();
  const end = output.lastIndexOf('\n') + 1;
  return { history: output.slice(0, end), ...(JSON.parse(output.slice(end)) as Omit<Run, 'history'>) };
}

describe('simulation on other versions of Node.js', function () {
  this.timeout(180_000);

  it(`should give the same bytes of history on ${OLD} as on this one, for the same seed`, function () {
    const other = otherNode(OLD);
    if ('lacking' in other) {
      process.stdout.write(`      skipped: Node.js ${OLD} cannot be had: ${other.lacking}\n`);
      this.skip();
    }
    for (const seed of [1, 2]) {
      const here = runOn(process.execPath, seed);
      const there = runOn(other.path, seed);
      assert.equal(here.node, process.versions.node);
      assert.equal(there.node, OLD);
      assert.ok(here.history.split('\n').length > 1000);
      assert.equal(there.history, here.history, `seed ${seed}`);
      assert.equal(there.checksum, here.checksum, `seed ${seed}`);
    }
  });
});
