/**
 * What fast rounds are for: how many message delays a command takes from its client until it is learned, in Fast Paxos with
 * either recovery, in its classic rounds, and in Multi-Paxos; and how often votes collide, which is the price. In the
 * simulator a message takes 10 ms, exactly or in the mean, and everything else no time, so that latency counts messages.
 */
import { parseSettings } from '../../harness/cluster/sim/options.ts';
import type { Kit } from '../../harness/explore/kit.ts';
import { simulate, type SimulatedRun } from '../../harness/explore/simulate.ts';
import { pairCalls } from '../../harness/history/operation.ts';
import type { JsonObject } from '../../harness/json.ts';
import { NANOS_PER_MS } from '../../harness/time.ts';
import { kitOf, scenarioOf } from '../fixtures/simulate.ts';
import type { Benchmark, Measurement } from './benchmark.ts';

const MESSAGE_MS = 10;
const NONE = { constant: 0 };
/** A timer that is never late would let nothing else happen. */
const SETTINGS = {
  duplicates: 0,
  readMs: NONE,
  syncMs: NONE,
  bootMs: NONE,
  timerLatenessMs: { constant: 0.01 },
};
const SEED = 1;
const TIME_LIMIT_MS = 10_000;
/**
 * Clients, operations a second over all of them, and how long messages take. Where all take the same time requests reach all
 * acceptors in the same order, however many there are; votes collide where messages overtake one another.
 */
const CONTENTION = {
  'low contention': { concurrency: 2, rate: 5, latencyMs: { constant: MESSAGE_MS } },
  'high contention': { concurrency: 20, rate: 200, latencyMs: { constant: MESSAGE_MS } },
  'low contention, uneven latency': { concurrency: 2, rate: 5, latencyMs: { uniform: [5, 15] } },
  'high contention, uneven latency': { concurrency: 20, rate: 200, latencyMs: { uniform: [5, 15] } },
};

/** A target and its settings. */
interface Subject {
  readonly name: string;
  readonly target: string;
  readonly options?: JsonObject;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'fast rounds, coordinated recovery', target: 'fast-paxos' },
  { name: 'fast rounds, uncoordinated recovery', target: 'fast-paxos', options: { uncoordinated: true } },
  { name: 'classic rounds', target: 'fast-paxos', options: { fastRounds: false } },
  { name: 'Multi-Paxos', target: 'multi-paxos' },
];

/**
 * Message delays of each update up to where it was learned: all but the answer's. The first of a process opens a
 * session as well, and is left out.
 */
function delaysOf({ history }: SimulatedRun): number[] {
  const known = new Set<unknown>();
  const delays: number[] = [];
  for (const { invoke, completion } of pairCalls(history)) {
    if (invoke.f === 'read' || completion?.type !== 'ok') continue;
    if (known.has(invoke.process))
      delays.push((completion.time - invoke.time) / NANOS_PER_MS / MESSAGE_MS - 1);
    known.add(invoke.process);
  }
  return delays.sort((a, b) => a - b);
}

/** The share of the slots in which votes collided, as the nodes logged it. */
function collisionRate({ logs }: SimulatedRun): number {
  const entries = Object.values(logs).flat();
  const numbersOf = (event: string, field: string): number[] =>
    entries.filter((entry) => entry.event === event).map((entry) => Number(entry[field]));
  return new Set(numbersOf('collision', 'slot')).size / Math.max(1, ...numbersOf('applied', 'index'));
}

async function measured(subject: Subject, contention: keyof typeof CONTENTION): Promise<Measurement> {
  const kit: Kit = await kitOf(subject.target);
  const options = { ...kit.target.options, ...subject.options };
  const { concurrency, rate, latencyMs } = CONTENTION[contention];
  const { target, workload } = { target: subject.target, workload: 'register' };
  const scenario = scenarioOf(kit, { seed: SEED, target, workload, rate, timeLimitMs: TIME_LIMIT_MS });
  const settings = parseSettings({ ...SETTINGS, latencyMs });
  const run = await simulate(
    { ...scenario, concurrency, settings, faults: [] },
    { ...kit, target: { ...kit.target, options } },
  );
  const delays = delaysOf(run);
  const sum = delays.reduce((total, each) => total + each, 0);
  const at = (share: number): number => delays[Math.floor(share * delays.length)] ?? 0;
  const values = {
    median: at(0.5),
    mean: sum / delays.length,
    p95: at(0.95),
    collisions: collisionRate(run),
  };
  const [median, mean, p95] = [values.median, values.mean, values.p95].map((each) => each.toFixed(1));
  const collided = `${(100 * values.collisions).toFixed(1)}% of slots collided`;
  return {
    name: `${subject.name}, ${contention}`,
    operations: delays.length,
    ms: sum * MESSAGE_MS,
    outcome: `${median} message delays at the median, ${mean} in the mean, ${p95} at 95%; ${collided}`,
    values,
  };
}

/** By command, in virtual time. */
export const fastPaxos: Benchmark = {
  name: 'fast-paxos',
  async *run() {
    for (const contention of Object.keys(CONTENTION) as (keyof typeof CONTENTION)[])
      for (const subject of SUBJECTS) yield await measured(subject, contention);
  },
};
