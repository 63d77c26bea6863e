/** Bundles of node programs, also of a user's own outside the repository. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { bundleNode } from '../../../harness/cluster/bundle.ts';
import { UsageError } from '../../../harness/errors.ts';

describe('bundleNode', () => {
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-bundle-'));
  after(() => rmSync(directory, { recursive: true }));

  function moduleOf(text: string): string {
    const file = join(directory, 'program.ts');
    writeFileSync(file, text);
    return pathToFileURL(file).href;
  }

  const usageError = (message: RegExp) => (error: unknown) =>
    error instanceof UsageError && message.test(error.message);

  it("should take in a user's program, with this installation's modules and without the harness", async () => {
    const text = await bundleNode(
      moduleOf(`
        import { defineTarget, Refusal, type NodeProgram } from 'splitbrain';
        export const node: NodeProgram = {
          start({ clients }) {
            clients.serve({ read: () => { throw new Refusal('forgotten'); } });
            return { status: () => ({}) };
          },
        };
        export default defineTarget({
          name: 'x', summary: 'x', nodeModule: import.meta.url, nodes: 1, workloads: [], claims: [],
        });
      `),
    );
    const code = text.slice(0, text.indexOf('//# sourceMappingURL'));
    assert.equal(code.split('// harness/node/program.ts').length, 2, 'one Refusal, so that instanceof holds');
    const imports = [...code.matchAll(/^import .* from ["'](.+)["'];$/gm)].map((match) => String(match[1]));
    assert.ok(imports.length > 0);
    for (const name of imports) assert.match(name, /^node:/, 'nothing but what Node itself has');
    assert.doesNotMatch(code, /dockerode|testcontainers/);
  });

  it('should leave a program free to declare whatever it likes', async () => {
    const text = await bundleNode(
      moduleOf(`
        import process from 'node:process';
        import { createRequire } from 'node:module';
        const require = createRequire(import.meta.url);
        const requireOf = () => require('node:path');
        export const node = { start: () => ({ status: () => ({ process, sep: requireOf().sep }) }) };
      `),
    );
    await assert.doesNotReject(transform(text), 'every name is declared once');
  });

  it('should say that a module is not there', async () => {
    const missing = pathToFileURL(join(directory, 'none.ts')).href;
    await assert.rejects(bundleNode(missing), usageError(/none\.ts: there is no such file/));
    await assert.rejects(bundleNode('./relative.ts'), usageError(/expected the file URL/));
  });

  it('should say that a module exports no node', async () => {
    await assert.rejects(bundleNode(moduleOf('export const program = 1;')), usageError(/exports no 'node'/));
  });

  it('should name file, line and column of what does not bundle', async () => {
    const broken = moduleOf("import x from './absent.ts';\nexport const node = x;\n");
    await assert.rejects(
      bundleNode(broken),
      usageError(/program\.ts:1:15: Could not resolve "\.\/absent\.ts"/),
    );
  });

  it('should say which parts of splitbrain there are', async () => {
    const broken = moduleOf("export { node } from 'splitbrain/magic';");
    await assert.rejects(
      bundleNode(broken),
      usageError(/'splitbrain\/magic' is not a part of splitbrain; there are/),
    );
  });
});
