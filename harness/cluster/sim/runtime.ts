/**
 * The runtime `sim`: clusters under virtual time, for finding in a minute what would take a day in containers.
 */
import type { Ability, Runtime } from '../cluster.ts';
import { emulated, native } from '../unable.ts';
import { SimCluster } from './cluster.ts';

const BY_ITSELF = native('the simulator itself');

const ABILITIES: readonly Ability[] = [
  'kill',
  'power',
  'crash-point',
  'memory',
  'pause',
  'cut',
  'reset',
  'half-open',
  'delay',
  'rate',
  'loss',
  'duplicate',
  'reorder',
  'corrupt',
  'slow-close',
  'names',
  'clock',
  'disk-full',
  'disk-failing',
  'disk-slow',
  'bit-flip',
  'truncate',
  'swap',
  'rollback',
  'slow-node',
  'descriptors',
  'upgrade',
  'spares',
];

/** Runs all nodes in this thread, with everything drawn from the seed. */
export const simRuntime: Runtime = {
  name: 'sim',
  summary: 'simulated in one thread under virtual time; the same seed gives the same run',
  abilities: new Map([
    ...ABILITIES.map((ability) => [ability, BY_ITSELF] as const),
    // Computing takes no time here.
    ['cpu', emulated('each turn takes as much longer as some computing would')],
  ]),
  simulates: true,
  probe: () => Promise.resolve({ available: true, detail: 'it needs nothing' }),
  create: (plan) => new SimCluster(plan),
  reap: () => Promise.resolve([]),
};
