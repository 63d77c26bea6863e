/**
 * The dependency rule of ARCHITECTURE.md, proved to bite: each forbidden import is added to a copy and refused.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { colourless } from './cli.ts';
import { copyOfProject } from './copy.ts';

const LAYERS = ['harness', 'targets', 'checkers', 'nemesis', 'reports'];

describe('the layers', function () {
  this.timeout(120_000);
  const copy = copyOfProject();
  after(() => copy.remove());
  const cruise = (): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(copy.path, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        '--config',
        '.dependency-cruiser.cjs',
        ...LAYERS,
      ],
      { cwd: copy.path, encoding: 'utf8', env: colourless() },
    );
    return { status, output: stdout + stderr };
  };

  it('should find nothing wrong with the project as it is', () => {
    const { status, output } = cruise();
    assert.equal(status, 0, output);
  });

  it('should refuse each forbidden import, by the name of the rule', () => {
    const forbidden: readonly (readonly [string, string, string])[] = [
      ['checkers/stats.ts', '../nemesis/kill.ts', 'checkers-see-histories'],
      ['nemesis/pause.ts', '../checkers/stats.ts', 'nemesis-sees-clusters'],
      ['reports/junit.ts', '../nemesis/kill.ts', 'reports-see-results'],
      ['targets/raft/node.ts', '../../reports/junit.ts', 'targets-see-contracts'],
      ['harness/run/run.ts', '../../checkers/stats.ts', 'engine-knows-nobody'],
    ];
    for (const [file, module] of forbidden) appendFileSync(join(copy.path, file), `\nimport '${module}';\n`);
    const { status, output } = cruise();
    assert.notEqual(status, 0);
    for (const [file, , rule] of forbidden) assert.match(output, new RegExp(`${rule}: ${file}`), output);
  });
});
