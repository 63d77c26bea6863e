/**
 * The time with the cluster: clients and nemesis against it, then all faults healed, then, if the plan asks for it, a
 * majority left alone to show that it gets on, then the final operations. A violation that is found on the way ends
 * the clients' work: only healing follows. What goes wrong with the harness's own means is kept as problems; the
 * history is kept always.
 */
import { plainClient } from '../client/client.ts';
import { ClientWorker } from '../client/worker.ts';
import type { Abilities, Cluster } from '../cluster/cluster.ts';
import type { FaultFamily, FaultLedger } from '../cluster/fault.ts';
import { createLedger } from '../cluster/ledger.ts';
import { messageOf, UsageError } from '../errors.ts';
import { Workers } from '../generator/context.ts';
import { clients, clientsAndNemesis, rate, timeLimit, validate } from '../generator/index.ts';
import type { Generator } from '../generator/generator.ts';
import type { Problem } from '../history/checker.ts';
import { type Operation, isClient } from '../history/operation.ts';
import { PROGRESS_START, PROGRESS_STOP } from '../history/progress.ts';
import type { Recorder } from '../history/recorder.ts';
import { type Json, type JsonObject, canonical, isJsonObject } from '../json.ts';
import { createRandom } from '../random.ts';
import { Bell, NANOS_PER_MS, type Time, fromNow } from '../time.ts';
import type { Follower } from './follow.ts';
import { type OperationSink, interpret } from './interpreter.ts';
import type { GivenFault } from './given-faults.ts';
import { Nemesis } from './nemesis.ts';
import type { NemesisPart } from './nemesis-spec.ts';
import { foundWords } from './online-checks.ts';
import { flawOf } from './preconditions.ts';
import { type ProgressPlan, planProgress, statusesOf } from './progress.ts';
import type { EarlyStop, FaultRecord, TestPlan } from './results.ts';
import { type ScheduledFault, scheduleGenerator } from './schedule.ts';
import { type ScheduledOperation, scriptGenerator } from './script.ts';
import type { Target, Workload } from './target.ts';
import { Triggers } from './triggers.ts';
import { watchCluster } from './watchdog.ts';

/** How long the final operations may take together. */
const FINAL_LIMIT_MS = 15_000;
/** How long a change of members may be pending after all is healed. */
const SETTLE_LIMIT_MS = 10_000;
/** Milliseconds between two looks at a node that a fault waits for. */
const LOOK_MS = { real: 20, simulated: 3 };

/** What a live display may show; read as often as it likes. */
export interface LiveCounts {
  readonly elapsedMs: number;
  readonly limitMs: number;
  /** Operations that ended `ok`, and those that did not. */
  readonly succeeded: number;
  readonly failed: number;
  /** Faults in force, in words. */
  readonly faults: readonly string[];
}

/** Who watches a run. */
export interface RunObserver {
  /** What is done now, a line for people. */
  phase(line: string): void;
  /** Clients are at work from now until the next phase. */
  live(read: () => LiveCounts): void;
}

/** What a drive needs. */
export interface DriveRequest {
  readonly plan: TestPlan;
  readonly target: Target;
  readonly workload: Workload;
  readonly nemesis: readonly NemesisPart[];
  readonly schedule: readonly ScheduledFault[];
  /** Every family that the runtime can do: one of them takes the minority away when a majority is left alone. */
  readonly families?: readonly FaultFamily[];
  /** Exactly these client operations, in place of what the workload would generate. */
  readonly operations?: readonly ScheduledOperation[];
  /** Whether the workload's final operations follow; they do unless this is false. */
  readonly final?: boolean;
  /** What the runtime can do, and how; the records of faults say it. */
  readonly abilities?: Abilities;
  /** Whether looking at a node costs no real time, so that whoever waits for something may look more often. */
  readonly simulated?: boolean;
  /** Is shown each entry, and ends the clients' work when it finds a violation. */
  readonly follower?: Follower;
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
}

/** What a drive leaves, beside the history. */
export interface DriveOutcome {
  /** Milliseconds since the epoch at the start of the test's clock. */
  readonly startedMs: number;
  readonly faults: readonly FaultRecord[];
  /** The same as a schedule that can be given again. */
  readonly happened: readonly GivenFault[];
  readonly problems: readonly Problem[];
  /** Present if a violation ended it early. */
  readonly stopped?: EarlyStop;
}

/** Drives a cluster that is whole through the test. Rejects with a HarnessError when it cannot go on: a full disk, say. */
export async function drive(
  request: DriveRequest,
  cluster: Cluster,
  recorder: Recorder,
): Promise<DriveOutcome> {
  return new Drive(request, cluster, recorder).run();
}

class Drive {
  readonly #request: DriveRequest;
  readonly #cluster: Cluster;
  readonly #sink: OperationSink;
  /** The test's clock: it starts when the clients do. */
  readonly #time: Time;
  readonly #startedMs: number;
  readonly #ledger: FaultLedger;
  readonly #nemesis: Nemesis;
  readonly #triggers: Triggers;
  /** The progress phase, if there is to be one. */
  readonly #progress: ProgressPlan | undefined;
  readonly #workers: Workers;
  readonly #clients: readonly ClientWorker[];
  readonly #problems: Problem[] = [];
  readonly #stop = new AbortController();
  /** Aborts when the test must end: the user gave up on it, or the runtime is gone. */
  readonly #stopped: AbortSignal;
  /** Aborts when clients are through: also at a violation, after which all is healed and nothing more is asked. */
  readonly #over: AbortSignal;
  #early: EarlyStop | undefined;
  /** Every key that was used, by its canonical form. */
  readonly #keys = new Map<string, Json>();
  #succeeded = 0;
  #failed = 0;

  constructor(request: DriveRequest, cluster: Cluster, recorder: Recorder) {
    const { plan, target, nemesis, schedule, follower, abilities = new Map() } = request;
    this.#request = request;
    this.#stopped = AbortSignal.any([request.signal, this.#stop.signal]);
    this.#over = follower === undefined ? this.#stopped : AbortSignal.any([this.#stopped, follower.signal]);
    this.#cluster = cluster;
    this.#time = fromNow(cluster.time);
    this.#startedMs = cluster.time.wall();
    this.#sink = {
      record: (entry) => {
        const operation = this.#counted(recorder.record(entry));
        follower?.add(operation);
        return operation;
      },
    };
    this.#progress = planProgress(request);
    const more = this.#progress === undefined ? [] : [this.#progress];
    this.#ledger = createLedger(cluster, target.membership);
    this.#nemesis = new Nemesis({
      families: [...nemesis, ...more].map(({ family }) => family),
      schedule: [...schedule, ...more.map(({ fault }) => fault)],
      ledger: this.#ledger,
      time: this.#time,
      abilities,
    });
    const lookMs = request.simulated === true ? LOOK_MS.simulated : LOOK_MS.real;
    this.#triggers = new Triggers(schedule, cluster, this.#time, lookMs);
    const factory = target.variants?.[plan.variant ?? '']?.client ?? target.client ?? plainClient;
    this.#workers = new Workers(plan.concurrency, plan.seed);
    const working = {
      cluster,
      factory,
      timeoutMs: plan.operationTimeoutMs,
      random: createRandom(plan.seed).fork('clients'),
      call: this.#ledger.callAsClient.bind(this.#ledger),
      nodes: () => this.#ledger.members(),
    };
    this.#clients = Array.from(
      { length: plan.concurrency },
      (_, thread) => new ClientWorker(thread, working),
    );
  }

  async run(): Promise<DriveOutcome> {
    const { signal, follower } = this.#request;
    const stopEarly = (): void => this.#stopEarly();
    follower?.signal.addEventListener('abort', stopEarly);
    const watched = watchCluster(this.#cluster, this.#stopped, (error) => {
      const refused = error instanceof UsageError;
      const title = refused ? 'The test cannot go on' : "The cluster's runtime went away during the test";
      this.#problem(title, messageOf(error));
      this.#stop.abort();
    });
    try {
      await this.#main();
      await this.#heal();
      if (!this.#over.aborted) await this.#leaveAlone();
      if (!this.#over.aborted && this.#request.final !== false) await this.#final();
    } catch (error) {
      // What some faults do goes on until they are healed, and whoever ends the cluster must not have it go on.
      for (const { f, id } of this.#nemesis.healing) await this.#nemesis.perform(f, id);
      throw error;
    } finally {
      this.#stop.abort();
      follower?.signal.removeEventListener('abort', stopEarly);
      await watched;
    }
    if (signal.aborted) this.#problem('Interrupted', 'The run was stopped before its time was over.');
    for (const failure of this.#nemesis.failures) this.#problem('A fault operation failed', failure);
    return {
      startedMs: this.#startedMs,
      faults: this.#nemesis.records,
      happened: this.#nemesis.happened,
      problems: this.#problems,
      ...(this.#early === undefined ? {} : { stopped: this.#early }),
    };
  }

  /** A violation was found. What is under way is waited for. */
  #stopEarly(): void {
    const { follower, observer } = this.#request;
    if (follower?.found === undefined) return;
    const { index, ...found } = follower.found;
    const why = foundWords(follower.found);
    this.#early = { ...found, operation: index, time: this.#time.now(), why };
    observer.phase(`stopping: ${why}`);
  }

  /** Clients at their pace and the nemesis by its schedule, until the time is over. */
  async #main(): Promise<void> {
    const { plan, schedule, observer } = this.#request;
    const everything = clientsAndNemesis(this.#work(), scheduleGenerator(schedule, this.#triggers));
    observer.live(() => this.#counts());
    const over = new Bell();
    const watched = this.#triggers.watch(over);
    try {
      await this.#interpret(timeLimit(plan.timeLimitMs, everything));
    } finally {
      over.ring();
      await watched;
    }
  }

  /** What clients do: the script if there is one, else the workload at its pace. */
  #work(): Generator {
    const { plan, workload, operations } = this.#request;
    if (operations !== undefined) return scriptGenerator(operations);
    const work = validate(workload.generator({ concurrency: plan.concurrency }));
    return plan.rate === undefined ? work : rate(plan.rate, work);
  }

  /** Heals what is in force, and requires that nothing is left of any fault. */
  async #heal(): Promise<void> {
    this.#request.observer.phase('healing all faults');
    for (const { f, id } of this.#nemesis.healing) await this.#act(f, id, {});
    if (this.#stopped.aborted) return;
    await this.#ledger.settleMembers(SETTLE_LIMIT_MS);
    const flaw = await flawOf(this.#cluster, this.#ledger.members());
    if (flaw === undefined) this.#nemesis.sawAllGone();
    else
      this.#problem(
        'The cluster was not whole after all faults were healed',
        `${flaw}; see the nodes' logs.`,
      );
  }

  /** Leaves a majority alone until it got done what proves progress, or the bound is over; then the rest comes back. */
  async #leaveAlone(): Promise<void> {
    // A majority of a cluster that did not become whole is none that must get on.
    if (this.#progress === undefined || this.#problems.length > 0) return;
    // Who is to be alone was drawn from the first members.
    if (this.#ledger.members().toSorted().join() !== this.#cluster.nodes.toSorted().join()) return;
    const { start, generator } = this.#progress;
    const { id } = this.#progress.fault;
    this.#request.observer.phase(`leaving ${start.alone.join(' ')} alone to see that they get on`);
    await this.#act(PROGRESS_START, id, start);
    await this.#interpret(timeLimit(start.limitMs, clients(validate(generator))));
    if (!this.#over.aborted) {
      const nodes = await statusesOf(this.#cluster);
      const confirmed = start.away.length === 0 || this.#nemesis.isConfirmed(id);
      await this.#act(PROGRESS_STOP, id, { confirmed, nodes });
    }
    await this.#heal();
  }

  /** An operation of the nemesis that no generator asked for, recorded like any other. */
  async #act(f: string, id: number, more: JsonObject): Promise<void> {
    const base = { process: 'nemesis', type: 'info', f } as const;
    this.#sink.record({ ...base, time: this.#time.now(), value: { id, ...more } });
    const outcome = await this.#nemesis.perform(f, id);
    this.#sink.record({ ...base, time: this.#time.now(), ...outcome });
  }

  async #final(): Promise<void> {
    const { plan, workload, observer } = this.#request;
    const final = workload.finalGenerator?.({
      concurrency: plan.concurrency,
      keys: [...this.#keys.values()],
    });
    if (final === undefined) return;
    observer.phase('final operations on the healed cluster');
    await this.#interpret(timeLimit(FINAL_LIMIT_MS, clients(final)));
  }

  async #interpret(generator: Generator): Promise<void> {
    await interpret({
      generator,
      workers: this.#workers,
      time: this.#time,
      sink: this.#sink,
      clients: this.#clients,
      nemesis: {
        perform: (f, value) =>
          this.#nemesis.perform(f, isJsonObject(value) && typeof value['id'] === 'number' ? value['id'] : -1),
      },
      listen: (wake) => this.#triggers.listen(wake),
      signal: this.#over,
    });
  }

  #counted(operation: Operation): Operation {
    if (!isClient(operation)) return operation;
    if (operation.type === 'invoke') {
      if (operation.key !== undefined) this.#keys.set(canonical(operation.key), operation.key);
      return operation;
    }
    if (operation.type === 'ok') this.#succeeded++;
    else this.#failed++;
    this.#triggers.completed();
    return operation;
  }

  #counts(): LiveCounts {
    return {
      elapsedMs: this.#time.now() / NANOS_PER_MS,
      limitMs: this.#request.plan.timeLimitMs,
      succeeded: this.#succeeded,
      failed: this.#failed,
      faults: this.#nemesis.inForce,
    };
  }

  #problem(title: string, explanation: string): void {
    this.#request.observer.phase(`${title}: ${explanation}`);
    this.#problems.push({ title, explanation });
  }
}
