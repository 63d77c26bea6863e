/** Runtimes that cannot do all refuse it by name, before anything happens. */
import assert from 'node:assert/strict';
import type { LinkShape } from '../../../harness/cluster/cluster.ts';
import { ProcessCluster } from '../../../harness/cluster/process/cluster.ts';
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

  it('should refuse of a shape only what is beyond the proxies of processes', async () => {
    const cluster = new ProcessCluster({
      runId: 'unable',
      nodes: ['n1', 'n2'],
      nodeModule: import.meta.url,
      options: {},
      seed: '1',
      directory: '',
      progress: () => undefined,
    });
    await cluster.shape(LINKS, { delayMs: 5, rate: 100 });
    await assert.rejects(cluster.shape(LINKS, { delayMs: 5, loss: 0.5 }), {
      name: 'UsageError',
      message: 'The process runtime cannot bend links by loss.',
    });
  });
});
