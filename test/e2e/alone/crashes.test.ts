/** A harness that is killed under faults leaves a machine that the next start cleans: a few moments of what `npm run crashes` tries many of. */
import assert from 'node:assert/strict';
import { killAfter } from '../../crashes/moment.ts';
import { requireDocker } from '../../integration/docker/engine.ts';

describe('a harness that is killed', function () {
  this.timeout(120_000);

  async function leavesNothing(runtime: string, moments: readonly number[]): Promise<void> {
    for (const afterMs of moments) {
      const { left, during } = await killAfter(runtime, 'its cluster up', afterMs, `${runtime}-${afterMs}`);
      assert.deepEqual(left, [], during);
    }
  }

  it('should leave no process that the next start does not end', () => leavesNothing('process', [300, 1500]));

  describe('with its nodes in containers', () => {
    before(requireDocker);
    it('should leave nothing in the engine or on the host that the next start does not remove', () =>
      leavesNothing('docker', [300, 2500]));
  });
});
