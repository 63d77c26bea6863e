/**
 * What fast rounds are for: how many message delays a command takes from its client until it is learned, in Fast Paxos with
 * either recovery, in its classic rounds, and in Multi-Paxos, as their nodes tell in their logs; and how often votes collide, which is
 * the price. In the simulator a message takes 10 ms, exactly or in the mean, and everything else no time. So what a client waits
 * for its answer, by its own clock, is one message more where all take the same time; where they do not, few delays may take long:
 * a fast quorum is larger, and waits for a slower message.
 */
import { parseSettings } from '../../harness/cluster/sim/options.ts';
import type { Kit } from '../../harness/explore/kit.ts';
import { simulate, type SimulatedRun } from '../../harness/explore/simulate.ts';
import { pairCalls } from '../../harness/history/operation.ts';
import type { JsonObject } from '../../harness/json.ts';
import { NANOS_PER_MS } from '../../harness/time.ts';
import { collisionsIn, decisionsIn, quantileOf, type RoundKind } from '../../reports/decisions.ts';
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

/** All rounds taken together, by message delays. */
function delaysOf({ logs }: SimulatedRun): Pick<RoundKind, 'commands' | 'byDelays'> {
  const alike = decisionsIn(logs)?.kinds.flatMap(({ byDelays }) => byDelays) ?? [];
  const commands = alike.reduce((sum, each) => sum + each.commands, 0);
  return { commands, byDelays: alike.toSorted((a, b) => a.delays - b.delays) };
}

/** How long clients waited for the answers to their updates. The first of a process opens a session as well, and is left out. */
function waitsMs({ history }: SimulatedRun): number[] {
  const known = new Set<unknown>();
  const waits: number[] = [];
  for (const { invoke, completion } of pairCalls(history)) {
    if (invoke.f === 'read' || completion?.type !== 'ok') continue;
    if (known.has(invoke.process)) waits.push((completion.time - invoke.time) / NANOS_PER_MS);
    known.add(invoke.process);
  }
  return waits;
}

/** The share of the slots in which votes collided, as the nodes logged it. */
function collisionRate({ logs }: SimulatedRun): number {
  const { collided, slots } = collisionsIn(logs);
  return collided / Math.max(1, slots);
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
  const waits = waitsMs(run);
  const ms = waits.reduce((total, each) => total + each, 0);
  const values = {
    median: quantileOf(delays, 0.5),
    mean: delays.byDelays.reduce((sum, each) => sum + each.delays * each.commands, 0) / delays.commands,
    p95: quantileOf(delays, 0.95),
    collisions: collisionRate(run),
    waitMs: ms / waits.length,
  };
  const { median, mean, p95, waitMs } = values;
  const collided = `${(100 * values.collisions).toFixed(1)}% of slots collided`;
  return {
    name: nameOf(subject, contention),
    operations: waits.length,
    ms,
    distribution: delays.byDelays.map(({ delays: at, commands: count }) => ({ at, count })),
    outcome: `${median} message delays at the median, ${mean.toFixed(1)} in the mean, ${p95} at 95%; clients waited ${waitMs.toFixed(1)} ms; ${collided}`,
    values,
  };
}

/** One subject's row of a chart. */
function rowOf({ name }: Subject, place: number, { values, distribution = [] }: Measurement): Row {
  const { median = 0, p95 = 0, collisions = 0, waitMs = 0 } = values ?? {};
  const commands = distribution.reduce((sum, { count }) => sum + count, 0);
  return {
    series: `series-${place + 1}`,
    label: name,
    note: `median ${median}, 95% ${p95}; clients waited ${waitMs.toFixed(1)} ms`,
    bars: distribution.map(({ at, count }) => ({
      at,
      share: count / commands,
      words: `${name}: ${count} of ${commands} commands took ${at} message delays`,
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
      .map(({ name, operations, outcome }) => markup`<li>${name}: ${operations} updates, ${outcome}</li>`);
    return markup`
      <h3>With ${contention}</h3>
      ${distributionChart(rows, `Message delays with ${contention}; the list below says the same`, 'message delays from the client until the command was learned')}
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
