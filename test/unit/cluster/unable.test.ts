/** Runtimes that cannot do all refuse it by name, before anything happens. */
import assert from 'node:assert/strict';
import type { LinkShape } from '../../../harness/cluster/cluster.ts';
import { abilitiesFor, UnableCluster } from '../../../harness/cluster/unable.ts';

class Stone extends UnableCluster {
  readonly runtime = 'stone';
}

const LINKS = [{ from: 'n1', to: 'n2' }];

describe('what a runtime cannot do', () => {
  it('should be refused as a mistake of the user, with the name of the runtime', async () => {
    const stone = new Stone();
    for (const [asked, what] of [
      [stone.reset(LINKS), /cannot reset connections/],
      [stone.shape(LINKS, { loss: 1 }), /cannot bend links/],
      [stone.skew('n1', { offsetMs: 1 }), /cannot skew clocks/],
      [stone.breakDisk('n1', { full: true }), /cannot break disks/],
      [stone.flip('n1', [0]), /cannot flip bits/],
      [stone.unflip('n1', []), /cannot flip bits/],
      [stone.slow('n1', 1), /cannot slow nodes down/],
      [stone.forget(LINKS), /cannot leave connections half open/],
      [stone.truncate('n1', [0]), /cannot truncate files/],
      [stone.swap('n1', [[0, 0.5]]), /cannot swap blocks/],
      [stone.saveDisk('n1'), /cannot copy disks/],
      [stone.loadDisk({ node: 'n1', id: 1 }), /cannot put disks back/],
      [stone.wipe('n1'), /cannot empty disks/],
      [stone.throttle('n1', 0.5), /cannot keep processors from nodes/],
      [stone.limitDescriptors('n1', true), /cannot limit files and connections/],
      [stone.cutPower('n1'), /cannot cut the power/],
      [stone.armCrash('n1', undefined), /cannot crash nodes at a point/],
      [stone.exhaustMemory('n1'), /cannot use up memory/],
    ] as const) {
      await assert.rejects(asked, { name: 'UsageError', message: what });
      await assert.rejects(asked, /The stone runtime/);
    }
  });

  it('should say which abilities a shape asks for', () => {
    const asks = (shape: LinkShape): string => abilitiesFor(shape).join(' ');
    assert.equal(asks({}), '');
    assert.equal(asks({ jitterMs: 3, rate: 1 }), 'delay rate');
    assert.equal(
      asks({ loss: 0.1, duplicate: 0.1, reorder: { share: 0.1, byMs: 1 } }),
      'loss duplicate reorder',
    );
  });
});
