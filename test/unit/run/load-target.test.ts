/** Targets by address: a user's file is the first thing that goes wrong, so each mistake is named. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../../harness/errors.ts';
import { findWorkload, loadTarget, requireClaims, targetModuleOf } from '../../../harness/run/load-target.ts';

const REGISTERED = { raft: 'file:///registered.ts' };

const GOOD = {
  name: `'mine-1.0'`,
  summary: `'mine'`,
  nodeModule: 'import.meta.url',
  nodes: '1',
  workloads: `[{ name: 'w', generator: () => undefined, checkers: [{ name: 'c' }] }]`,
  claims: `[{ property: 'p', checker: 'c', under: 'any' }, { property: 'q', checker: 'c', under: ['kill'] }, { property: 'r', checker: 'c', under: { except: ['kill'] } }]`,
};

describe('loadTarget', () => {
  let directory: string;
  let files = 0;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'splitbrain-target-'))));
  after(() => rmSync(directory, { recursive: true }));

  function moduleOf(text: string): string {
    const path = join(directory, `${files++}.ts`);
    writeFileSync(path, text);
    return pathToFileURL(path).href;
  }

  const targetOf = (changes: Partial<typeof GOOD> = {}): string => {
    const fields = Object.entries({ ...GOOD, ...changes }).map(([name, text]) => `${name}: ${text}`);
    return moduleOf(`export default { ${fields.join(', ')} };`);
  };

  it('should load a target, with or without an import of splitbrain', async () => {
    assert.equal((await loadTarget(targetOf())).name, 'mine-1.0');
    const importing = moduleOf(
      `import { defineTarget } from 'splitbrain'; export { default } from '${targetOf()}'; defineTarget;`,
    );
    assert.equal((await loadTarget(importing)).name, 'mine-1.0');
  });

  const mistakes: readonly (readonly [string, Partial<typeof GOOD>, RegExp])[] = [
    ['a name that could not be a directory', { name: `'../mine'` }, /name: expected letters/],
    ['no nodes', { nodes: '0' }, /nodes: /],
    ['half a node', { nodes: '1.5' }, /nodes: /],
    ['no workload', { workloads: '[]' }, /workloads: /],
    [
      'a workload without checkers',
      { workloads: `[{ name: 'w', generator() {} }]` },
      /workloads\.0\.checkers/,
    ],
    [
      'a generator that is no function',
      { workloads: `[{ name: 'w', generator: 1, checkers: [] }]` },
      /workloads\.0\.generator: expected a function/,
    ],
    [
      'a claim under nothing',
      { claims: `[{ property: 'p', checker: 'c' }]` },
      /claims\.0\.under: expected 'any'/,
    ],
    [
      'a claim with an exception that is no list',
      { claims: `[{ property: 'p', checker: 'c', under: { except: 'kill' } }]` },
      /claims\.0\.under: expected 'any', a list of fault families, or \{ except/,
    ],
  ];
  for (const [what, changes, message] of mistakes) {
    it(`should refuse ${what}`, async () => {
      await assert.rejects(loadTarget(targetOf(changes)), { name: 'UsageError', message });
    });
  }

  it('should refuse a module without a target, one that does not parse, and one that is not there', async () => {
    const none = { name: 'UsageError', message: /the default export is no target/ };
    await assert.rejects(loadTarget(moduleOf('export const x = 1;')), none);
    await assert.rejects(loadTarget(moduleOf('export default 7;')), none);
    const unloadable = { name: 'UsageError', message: /cannot load the target/ };
    await assert.rejects(loadTarget(moduleOf('export default {')), unloadable);
    await assert.rejects(loadTarget(pathToFileURL(join(directory, 'nowhere.ts')).href), unloadable);
  });

  it('should say where a module failed, but not where Node.js did', async () => {
    const thrown = { message: /cannot load the target \/.*: cannot be \(at \/.*\.ts:2\)$/ };
    await assert.rejects(loadTarget(moduleOf("const why = 'cannot be';\nthrow new Error(why);")), thrown);
    const missing = { message: /Cannot find package 'nowhere-to-be-found' imported from [^()]*$/ };
    await assert.rejects(loadTarget(moduleOf("import 'nowhere-to-be-found';")), missing);
  });

  it('should refuse a claim by a checker that runs with no workload, and name the one that was meant', async () => {
    const misspelt = await loadTarget(
      targetOf({
        workloads: `[{ name: 'w', generator() {}, checkers: [{ name: 'fencing' }] }]`,
        claims: `[{ property: 'p', checker: 'fencin', under: 'any' }]`,
      }),
    );
    assert.throws(() => requireClaims(misspelt, []), {
      name: 'UsageError',
      message: /claims "p" by the checker "fencin", .*\(did you mean fencing\?\); there are fencing/,
    });
    const named = { check: () => assert.fail('nothing is checked'), name: 'fencin' };
    requireClaims(misspelt, [named]);
    requireClaims(await loadTarget(targetOf()), []);
  });

  it('should find a workload by name, the first by default, and name those that there are', async () => {
    const target = await loadTarget(targetOf());
    assert.equal(findWorkload(target, 'w').name, 'w');
    assert.equal(findWorkload(target, undefined).name, 'w');
    assert.throws(
      () => findWorkload(target, 'x'),
      (error) => error instanceof UsageError && /no workload "x"; it has w/.test(error.message),
    );
  });
});

describe('targetModuleOf', () => {
  it('should take a registered name, or the path of a module', () => {
    assert.equal(targetModuleOf('raft', REGISTERED), 'file:///registered.ts');
    const path = new URL(import.meta.url).pathname;
    assert.equal(targetModuleOf(path, REGISTERED), pathToFileURL(path).href);
  });

  for (const [reference, message] of [
    ['zab', /there is no target "zab"; there are raft/],
    ['rfat', /there is no target "rfat" \(did you mean raft\?\); there are raft/],
    ['constructor', /there is no target "constructor"/],
    ['./zab.ts', /there is no file .*zab\.ts/],
  ] as const) {
    it(`should refuse the target ${reference}`, () => {
      assert.throws(() => targetModuleOf(reference, REGISTERED), { name: 'UsageError', message });
    });
  }
});
