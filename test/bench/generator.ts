/**
 * What asking costs: a test's usual tree of generators, run against clients that take no time of their own.
 * The simulator asks it for every operation, beside everything else that it does.
 */
import {
  clientsAndNemesis,
  cycle,
  mix,
  op,
  perfectOutcomes,
  repeat,
  sequence,
  simulate,
  sleep,
  stagger,
  timeLimit,
} from '../../harness/generator/index.ts';
import { measure, type Benchmark } from './benchmark.ts';

const OPERATIONS = 100_000;
const CLIENTS = 10;

const reads = repeat(op('read'));
const writes = repeat(op('write', (random) => random.int(5)));
const swaps = repeat(op('cas', (random) => [random.int(5), random.int(5)]));
const faults = cycle(sequence(op('start-partition'), sleep(5_000), op('stop-partition'), sleep(5_000)));
const tree = timeLimit(1e9, clientsAndNemesis(stagger(2, mix(reads, writes, swaps)), faults));

/** By operation: its invocation, its completion, and all questions between. */
export const generator: Benchmark = {
  name: 'generator',
  run: async () => [
    await measure('10 threads, mix of 3, stagger, nemesis, time limit', OPERATIONS, () =>
      simulate(tree, perfectOutcomes, { clients: CLIENTS, operationsMax: OPERATIONS }),
    ),
  ],
};
