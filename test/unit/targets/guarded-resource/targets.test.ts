/** The targets that are locks: what they name exists, and what they claim is checked. */
import assert from 'node:assert/strict';
import { standardCheckers } from '../../../../checkers/standard.ts';
import type { NodeProgram } from '../../../../harness/node/program.ts';
import leaseLock from '../../../../targets/lease-lock/target.ts';
import redlock from '../../../../targets/redlock/target.ts';

for (const target of [leaseLock, redlock]) {
  describe(`${target.name} target`, () => {
    const variants = Object.entries(target.variants ?? {});

    it('should name modules that export a node program', async () => {
      const modules = [target.nodeModule, ...variants.map(([, { nodeModule }]) => nodeModule)];
      for (const url of modules) {
        const { node } = (await import(url)) as { node: NodeProgram };
        assert.equal(typeof node.start, 'function');
      }
    });

    it('should have variants that differ from it, in their nodes or in their clients', () => {
      for (const [name, { nodeModule, client }] of variants) {
        const differs = [nodeModule !== target.nodeModule, client !== undefined && client !== target.client];
        assert.deepEqual(differs.filter(Boolean), [true], name);
      }
    });

    it('should claim, and let variants be caught by, nothing but what its first workload checks', () => {
      const [workload = assert.fail()] = target.workloads;
      const checkers = [...workload.checkers, ...(target.checkers ?? []), ...standardCheckers];
      const names = checkers.map(({ name }) => name);
      for (const { checker } of target.claims) assert.ok(names.includes(checker), checker);
      for (const [, { caughtBy }] of variants) assert.ok(names.includes(caughtBy), caughtBy);
    });
  });
}
