/** The target's declaration: what it names exists, and what it claims is checked. */
import assert from 'node:assert/strict';
import { standardCheckers } from '../../../../checkers/standard.ts';
import type { NodeProgram } from '../../../../harness/node/program.ts';
import raft from '../../../../targets/raft/target.ts';

describe('raft target', () => {
  it('should name modules that export a node program, a different one for each variant', async () => {
    const modules = [
      raft.nodeModule,
      ...Object.values(raft.variants ?? {}).map(({ nodeModule }) => nodeModule),
    ];
    const loaded = await Promise.all(modules.map((url) => import(url) as Promise<{ node: NodeProgram }>));
    for (const { node } of loaded) assert.equal(typeof node.start, 'function');
    assert.equal(new Set(loaded.map(({ node }) => node)).size, modules.length);
  });

  it('should claim, and let variants be caught by, nothing but what its workloads check', () => {
    for (const { checkers } of raft.workloads) {
      const names = [...checkers, ...(raft.checkers ?? []), ...standardCheckers].map(({ name }) => name);
      for (const { checker } of raft.claims) assert.ok(names.includes(checker), checker);
      for (const { caughtBy } of Object.values(raft.variants ?? {}))
        assert.ok(names.includes(caughtBy), caughtBy);
    }
  });
});
