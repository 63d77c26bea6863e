/**
 * Paxos as a target: consensus on many independent values by five nodes, and the ways in which it can be broken.
 */
import { progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { noNodeFails, progressOf, safe, variantsBeside } from '../claims.ts';
import { consensus } from '../workloads/index.ts';
import { consensusClient } from './client.ts';

const variant = variantsBeside(import.meta.url);

export default defineTarget({
  name: 'paxos',
  summary: 'Single-decree Paxos: agreement on one value each in many instances.',
  nodeModule: moduleBeside(import.meta.url, './node'),
  nodes: 5,
  nodesMin: 1,
  client: consensusClient,
  workloads: [consensus],
  checkers: [progress],
  claims: [safe('agreement, validity and integrity', 'consensus'), noNodeFails, progressOf('majority')],
  variants: {
    'volatile-promise': variant('volatile-promise', 'Promises are forgotten in a restart.', 'consensus'),
    'first-value': variant(
      'first-value',
      "The first promise's value is adopted, not the highest ballot's.",
      'consensus',
    ),
    'own-value': variant(
      'own-value',
      'A proposer proposes its own value whatever the promises report.',
      'consensus',
    ),
  },
});
