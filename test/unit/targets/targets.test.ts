/** The declarations of all registered targets: what they name exists, and what they claim is checked. */
import assert from 'node:assert/strict';
import { standardCheckers } from '../../../checkers/standard.ts';
import type { NodeProgram } from '../../../harness/node/program.ts';
import { loadTarget } from '../../../harness/run/load-target.ts';
import { targets } from '../../../targets/index.ts';

describe('registered targets', () => {
  for (const [name, url] of Object.entries(targets)) {
    it(`should name modules that export a node program, another one in each: ${name}`, async () => {
      const target = await loadTarget(url);
      const all = [target, ...Object.values(target.variants ?? {})].map(({ nodeModule }) => nodeModule);
      const modules = [...new Set(all)];
      const loaded = await Promise.all(modules.map((each) => import(each) as Promise<{ node: NodeProgram }>));
      for (const { node } of loaded) assert.equal(typeof node.start, 'function');
      assert.equal(new Set(loaded.map(({ node }) => node)).size, modules.length);
    });

    it(`should claim, and let variants be caught by, nothing but what its workloads check: ${name}`, async () => {
      const { workloads, checkers = [], claims, variants = {} } = await loadTarget(url);
      const all = [...workloads.flatMap((workload) => workload.checkers), ...checkers, ...standardCheckers];
      const names = new Set(all.map((checker) => checker.name));
      for (const { checker } of claims) assert.ok(names.has(checker), checker);
      for (const { caughtBy } of Object.values(variants)) assert.ok(names.has(caughtBy), caughtBy);
    });
  }
});
