/**
 * Paxos as a target: consensus on many independent values by five nodes, and the ways in which it can be broken.
 */
import { progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget, type Variant } from '../../harness/run/target.ts';
import { consensus } from '../workloads/index.ts';
import { consensusClient } from './client.ts';

function variant(name: string, mistake: string): Variant {
  return { nodeModule: moduleBeside(import.meta.url, `./broken/${name}`), mistake, caughtBy: 'consensus' };
}

export default defineTarget({
  name: 'paxos',
  summary: 'Single-decree Paxos: agreement on one value each in many instances.',
  nodeModule: moduleBeside(import.meta.url, './node'),
  nodes: 5,
  nodesMin: 1,
  client: consensusClient,
  workloads: [consensus],
  checkers: [progress],
  claims: [
    { property: 'agreement, validity and integrity', checker: 'consensus', under: { except: ['files'] } },
    // On a disk that fails or lies a node ends itself, and says why: that is how it keeps the promise above.
    {
      property: 'no node fails',
      checker: 'log-patterns',
      under: { except: ['disk', 'bit-flip', 'descriptors', 'files'] },
    },
    {
      property: 'progress of a healthy majority',
      checker: 'progress',
      under: { except: ['bit-flip', 'files'] },
    },
  ],
  variants: {
    'volatile-promise': variant('volatile-promise', 'Promises are forgotten in a restart.'),
    'first-value': variant('first-value', "The first promise's value is adopted, not the highest ballot's."),
    'own-value': variant('own-value', 'A proposer proposes its own value whatever the promises report.'),
  },
});
