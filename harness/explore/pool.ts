/**
 * An evaluator that works in other processes, one a core. What a scenario does to its process - it dies, it never
 * answers, it eats all memory - is a failure of that scenario, and the process is replaced; the search goes on.
 *
 * Processes, not threads: a simulation stands on the event loop of a main thread, a heap that overflows takes all
 * threads with it, and only a process can be ended whatever it does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { HarnessError, UsageError } from '../errors.ts';
import { moduleBeside } from '../module-url.ts';
import { formatDuration } from '../time.ts';
import type { Evaluator, Failure, Outcome, Wish } from './evaluate.ts';
import type { KitAddresses } from './kit.ts';
import type { Answer, Question } from './pool-messages.ts';
import type { Scenario } from './scenario.ts';

/** Kinds of failures that a process did not survive: it died, or was ended because it did not answer. */
export const CRASH = 'crash';
export const RUN_AWAY = 'run-away';

/** Choices. */
export interface PoolOptions {
  /** Processes; one a core unless given. */
  readonly jobs?: number;
  /** Milliseconds of real time after which a process that has not answered is ended, on top of the simulated length. */
  readonly stallMs?: number;
  /** Heap of each process, in MiB. */
  readonly heapMib?: number;
}

const STALL_MS = 60_000;
const HEAP_MIB = 2048;
/** The processes together may use this share of the machine's memory. */
const MEMORY_SHARE = 0.75;
/** How long a process may take to end by itself when its channel is closed. */
const LEAVE_MS = 500;
/** What is kept of a process's last words. */
const WORDS_MAX = 4000;

/** Starts the processes; they evaluate scenarios of the target at these addresses. */
export function poolEvaluator(addresses: KitAddresses, options: PoolOptions = {}): Evaluator {
  return new Pool(addresses, options);
}

/** A scenario that waits or is being evaluated. */
interface Task {
  readonly scenario: Scenario;
  readonly wish: Wish;
  /** A process died of it, or for another reason: it gets one more try, in a fresh process. */
  readonly again: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

class Pool implements Evaluator {
  readonly width: number;
  readonly #addresses: KitAddresses;
  readonly #stallMs: number;
  readonly #heapMib: number;
  readonly #members = new Set<Member>();
  readonly #waiting: Task[] = [];
  #closed = false;

  constructor(
    addresses: KitAddresses,
    { jobs = availableParallelism(), stallMs = STALL_MS, heapMib }: PoolOptions,
  ) {
    this.width = jobs;
    this.#addresses = addresses;
    this.#stallMs = stallMs;
    this.#heapMib = heapMib ?? Math.min(HEAP_MIB, Math.floor((totalmem() * MEMORY_SHARE) / jobs / 2 ** 20));
    for (let index = 0; index < jobs; index++) this.#start();
  }

  evaluate(scenario: Scenario, wish: Wish = {}): Promise<Outcome> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ scenario, wish, again: false, resolve, reject });
      this.#feed();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    await Promise.all([...this.#members].map((member) => member.leave()));
  }

  #start(): void {
    const member = new Member(this.#addresses, this.#heapMib, {
      free: () => this.#feed(),
      gone: (task, failure) => this.#lost(member, task, failure),
    });
    this.#members.add(member);
  }

  #feed(): void {
    // Replaced when there is work: one that cannot even begin must not be begun without end.
    while (this.#waiting.length > 0 && this.#members.size < this.width) this.#start();
    for (const member of this.#members) {
      if (member.busy) continue;
      const task = this.#waiting.shift();
      if (task === undefined) return;
      member.take(task, this.#stallMs + task.scenario.timeLimitMs);
    }
  }

  /** A process is gone, and did not answer this. */
  #lost(member: Member, task: Task | undefined, failure: Failure): void {
    this.#members.delete(member);
    if (this.#closed) {
      task?.reject(closedError());
      return;
    }
    // Something else may have ended the process: it counts when it happens twice.
    if (task !== undefined && failure.kind === CRASH && !task.again)
      this.#waiting.unshift({ ...task, again: true });
    else task?.resolve(lostOutcome(task.scenario, failure));
    this.#feed();
  }
}

interface MemberEvents {
  readonly free: () => void;
  readonly gone: (task: Task | undefined, failure: Failure) => void;
}

/** One process. */
class Member {
  readonly #child: ChildProcess;
  readonly #events: MemberEvents;
  #task: Task | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** Why it was ended, or ends. */
  #ranAway: string | undefined;
  #words = '';
  #gone = false;

  constructor(addresses: KitAddresses, heapMib: number, events: MemberEvents) {
    this.#events = events;
    this.#child = fork(fileURLToPath(moduleBeside(import.meta.url, './pool-worker')), {
      execArgv: [...process.execArgv, `--max-old-space-size=${heapMib}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-WORDS_MAX);
    });
    this.#child.on('message', (answer) => this.#answered(answer as Answer));
    this.#child.on('close', (code, signal) => this.#closed(signal ?? `exit code ${String(code)}`));
    this.#child.on('error', (error) => this.#failed(error));
    this.#send({ kind: 'load', addresses });
  }

  get busy(): boolean {
    return this.#task !== undefined;
  }

  take(task: Task, limitMs: number): void {
    this.#task = task;
    this.#deadline = setTimeout(() => {
      this.#ranAway = `no answer within ${formatDuration(limitMs)} of real time`;
      this.#child.kill('SIGKILL');
    }, limitMs);
    this.#send({ kind: 'evaluate', scenario: task.scenario, wish: task.wish });
  }

  /** Closes the channel, upon which the process ends; it is made to if it does not. */
  async leave(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const late = setTimeout(() => this.#child.kill('SIGKILL'), LEAVE_MS);
      const left = once(this.#child, 'exit');
      if (this.#child.connected) this.#child.disconnect();
      await left;
      clearTimeout(late);
    }
    // There is no 'close' when the channel was closed from here.
    this.#closed('it was told to leave');
  }

  #send(question: Question): void {
    // A process that is gone is told by its 'close'.
    if (this.#child.connected) this.#child.send(question, () => undefined);
  }

  #answered(answer: Answer): void {
    if (answer.kind === 'run-away') {
      this.#ranAway = answer.summary;
      return;
    }
    const task = this.#task;
    this.#task = undefined;
    clearTimeout(this.#deadline);
    if (answer.kind === 'outcome') task?.resolve(answer.outcome);
    else
      task?.reject(
        answer.error === 'usage' ? new UsageError(answer.message) : new HarnessError(answer.message),
      );
    this.#events.free();
  }

  /** A process that never began is no failure of the scenario that it was to evaluate. */
  #failed(error: Error): void {
    if (this.#child.pid !== undefined) return;
    this.#task?.reject(new HarnessError(`cannot start a process: ${error.message}`));
    this.#task = undefined;
    this.#closed('it never began');
  }

  #closed(how: string): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#deadline);
    const task = this.#task;
    this.#task = undefined;
    this.#events.gone(task, this.#failure(how));
  }

  #failure(how: string): Failure {
    if (this.#ranAway !== undefined) return { kind: RUN_AWAY, summary: this.#ranAway };
    const words = this.#words.trim();
    return {
      kind: CRASH,
      summary: `the process that ran it died (${how})${words === '' ? '' : `: ${words}`}`,
    };
  }
}

function closedError(): Error {
  return new HarnessError('the processes that evaluate scenarios were stopped');
}

/** What there is to say of a run that its process did not survive. */
function lostOutcome(scenario: Scenario, failure: Failure): Outcome {
  return {
    valid: false,
    failure,
    operations: 0,
    faults: scenario.faults.length,
    simulatedMs: 0,
    checksum: '',
    features: [],
  };
}
