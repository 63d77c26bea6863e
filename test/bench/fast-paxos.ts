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
import { collisionsIn } from '../../reports/decisions.ts';
import { distributionChart, percent, type Row } from '../../reports/html/distribution.ts';
import { markup, type Markup } from '../../reports/html/markup.ts';
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
/**
 * Clients, operations a second over all of them, and how long messages take. Where all take the same time requests reach all
 * acceptors in the same order, however many there are; votes collide where messages overtake one another.
 */
const LOW = { concurrency: 2, rate: 5, timeLimitMs: 100_000 };
const HIGH = { concurrency: 20, rate: 200, timeLimitMs: 10_000 };
const EVEN = { constant: MESSAGE_MS };
const UNEVEN = { uniform: [5, 15] };
const CONTENTION = {
  'low contention': { ...LOW, latencyMs: EVEN },
  'high contention': { ...HIGH, latencyMs: EVEN },
  'low contention, uneven latency': { ...LOW, latencyMs: UNEVEN },
  'high contention, uneven latency': { ...HIGH, latencyMs: UNEVEN },
};
/** A classic round gathers commands for no longer than messages take in a local network; here it would only blur the count. */
const OPTIONS = { gatherMs: 0.01 };

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
  const { collided, slots } = collisionsIn(logs);
  return collided / Math.max(1, slots);
}

/** How many commands took how many message delays, to the nearest whole one. */
function distributionOf(delays: readonly number[]): { at: number; count: number }[] {
  const byDelays = Map.groupBy(delays, (each) => Math.round(each));
  return [...byDelays].map(([at, own]) => ({ at, count: own.length }));
}

const nameOf = ({ name }: Subject, contention: string): string => `${name}, ${contention}`;

async function measured(subject: Subject, contention: keyof typeof CONTENTION): Promise<Measurement> {
  const kit: Kit = await kitOf(subject.target);
  const options = { ...kit.target.options, ...OPTIONS, ...subject.options };
  const { concurrency, rate, timeLimitMs, latencyMs } = CONTENTION[contention];
  const { target, workload } = { target: subject.target, workload: 'register' };
  const scenario = scenarioOf(kit, { seed: SEED, target, workload, rate, timeLimitMs });
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
    name: nameOf(subject, contention),
    operations: delays.length,
    ms: sum * MESSAGE_MS,
    distribution: distributionOf(delays),
    outcome: `${median} message delays at the median, ${mean} in the mean, ${p95} at 95%; ${collided}`,
    values,
  };
}

/** One subject's row of a chart. */
function rowOf(
  { name }: Subject,
  place: number,
  { operations, values, distribution = [] }: Measurement,
): Row {
  const { median = 0, p95 = 0, collisions = 0 } = values ?? {};
  return {
    series: `series-${place + 1}`,
    label: name,
    note: `median ${median.toFixed(1)}, 95% ${p95.toFixed(1)}`,
    bars: distribution.map(({ at, count }) => ({
      at,
      share: count / operations,
      words: `${name}: ${count} of ${operations} commands took about ${at} message delays`,
    })),
    beside: { share: collisions, words: `${percent(collisions)} of the slots collided` },
  };
}

/** One chart for each way in which clients contend, the subjects below one another. */
function draw(measurements: readonly Measurement[]): Markup {
  const charts = Object.keys(CONTENTION).map((contention) => {
    const rows = SUBJECTS.flatMap((subject, place) => {
      const measurement = measurements.find(({ name }) => name === nameOf(subject, contention));
      return measurement === undefined ? [] : [rowOf(subject, place, measurement)];
    });
    const items = measurements
      .filter(({ name }) => name.endsWith(`, ${contention}`))
      .map(({ name, operations, outcome }) => markup`<li>${name}: ${operations} commands, ${outcome}</li>`);
    return markup`
      <h3>With ${contention}</h3>
      ${distributionChart(rows, `Message delays with ${contention}; the list below says the same`, 'message delays from the client until the command was learned, to the nearest whole one')}
      <details><summary>The same in words</summary><ul>${items}</ul></details>`;
  });
  return markup`
    <section>
      <h2>Commit latency in message delays: Fast Paxos, its classic rounds, Multi-Paxos</h2>
      <p class="hint">Simulated, five nodes; a message takes ${MESSAGE_MS} ms, exactly or in the mean, and everything else no time. Beside it the price
        of fast rounds: slots in which votes collided.</p>
      ${charts}
    </section>`;
}

/** By command, in virtual time. */
export const fastPaxos: Benchmark = {
  name: 'fast-paxos',
  async *run() {
    for (const contention of Object.keys(CONTENTION) as (keyof typeof CONTENTION)[])
      for (const subject of SUBJECTS) yield await measured(subject, contention);
  },
  draw,
};
