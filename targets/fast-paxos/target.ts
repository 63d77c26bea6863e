/**
 * Fast Paxos as a target: a linearizable store on five replicas, and the ways in which it can be broken.
 */
import { agreement, electionSafety, progress } from '../../checkers/index.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget, type Variant } from '../../harness/run/target.ts';
import { logWorkloads } from '../workloads/index.ts';
import { fastClient } from './client.ts';

function variant(name: string, mistake: string): Variant {
  return { nodeModule: moduleBeside(import.meta.url, `./broken/${name}`), mistake, caughtBy: 'agreement' };
}

export default defineTarget({
  name: 'fast-paxos',
  summary: 'A store replicated by Fast Paxos: clients propose to acceptors directly, in two message delays.',
  nodeModule: moduleBeside(import.meta.url, './node'),
  nodes: 5,
  nodesMin: 1,
  client: fastClient,
  workloads: logWorkloads,
  checkers: [agreement, electionSafety, progress],
  claims: [
    { property: 'linearizable', checker: 'linearizable', under: { except: ['files'] } },
    { property: 'one command a slot', checker: 'agreement', under: { except: ['files'] } },
    { property: 'one coordinator a ballot', checker: 'election-safety', under: { except: ['files'] } },
    // On a disk that fails or lies a node ends itself, and says why: that is how it keeps the promises above.
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
    'majority-fast-quorum': variant('majority-fast-quorum', 'A majority counts as a fast quorum.'),
    'any-reported-value': variant('any-reported-value', 'Recovery takes the first value that was reported.'),
  },
});
