/**
 * One life of one node: an operating system's process, from its start to its end. Its log goes straight to a
 * file, so that nothing of it is lost when the harness dies; its standard input comes from the harness, so
 * that its end is the harness's end (harness/node/main.ts).
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { HarnessError } from '../../errors.ts';
import { NODE_CONFIG_VARIABLE, type NodeConfig } from '../../node/config.ts';
import { sleep } from '../../time.ts';
import type { NodeState } from '../cluster.ts';
import { DutyCycle } from './duty-cycle.ts';

/** Milliseconds that a signal may take to have its effect. */
const SIGNAL_MS_MAX = 5000;
const POLL_MS = 2;

/** What a node's process is made from. */
export interface NodeProcessPlan {
  /** The bundled program. */
  readonly script: string;
  readonly config: NodeConfig;
  /** Its output is appended there. */
  readonly logFile: string;
}

/** A node's process. */
export class NodeProcess {
  readonly #node: string;
  readonly #child: ChildProcess;
  #paused = false;
  /** Less than 1: it is stopped most of the time. */
  #share = 1;
  #cycle: DutyCycle | undefined;
  /** Something of ours stops it in passing: whoever asks is told that it runs. */
  #passing = false;
  /** Ends when the signals that were asked for last have had their effect. */
  #last: Promise<unknown> = Promise.resolve();
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;

  constructor({ script, config, logFile }: NodeProcessPlan) {
    const log = openSync(logFile, 'a');
    this.#node = config.id;
    this.#child = spawn(process.execPath, ['--enable-source-maps', script], {
      // Nothing of the harness's own settings (NODE_OPTIONS, coverage) is meant for nodes.
      env: { PATH: process.env['PATH'], [NODE_CONFIG_VARIABLE]: JSON.stringify(config) },
      stdio: ['pipe', log, log],
      // A session of its own: the terminal's Ctrl-C is for the harness, which then ends its nodes in order.
      detached: true,
    });
    closeSync(log);
    this.#child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#cycle?.end();
        resolve();
      });
      this.#child.once('error', () => resolve());
    });
  }

  /** Undefined when it could not be started at all. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** How it ended, in words. */
  get end(): string {
    const { exitCode, signalCode } = this.#child;
    return signalCode === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signalCode}`;
  }

  /** As the operating system sees it now; but one that is stopped only to slow it down, or for a moment, runs. */
  state(): NodeState {
    const state = this.#systemState();
    return state === 'paused' && this.#passing && !this.#paused ? 'running' : state;
  }

  /** Ends it at once, also when paused; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#cycle?.end();
    this.#child.kill('SIGKILL');
    if (this.pid !== undefined) await this.ended;
  }

  pause(): Promise<void> {
    return this.#inTurn(async () => {
      this.#cycle?.end();
      this.#paused = true;
      await this.#signal('SIGSTOP', 'paused');
    });
  }

  resume(): Promise<void> {
    return this.#inTurn(async () => {
      this.#paused = false;
      await this.#goOn();
    });
  }

  /** Leaves it this share of a processor: above 0, and 1 for all that it wants. */
  throttle(share: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#share = share;
      if (!this.#paused) await this.#goOn();
    });
  }

  /** Does this while it stands still, and nothing of it is half done. */
  whileStill<T>(act: () => T): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#paused || this.state() === 'down') return act();
      this.#cycle?.end();
      this.#passing = true;
      try {
        await this.#signal('SIGSTOP', 'paused');
        return act();
      } finally {
        if (this.#systemState() !== 'down') await this.#goOn();
      }
    });
  }

  /** It runs again, as much as it may. */
  async #goOn(): Promise<void> {
    this.#cycle?.end();
    await this.#signal('SIGCONT', 'running');
    this.#passing = this.#share < 1;
    if (this.#passing) this.#cycle = new DutyCycle(this.#share, (signal) => this.#child.kill(signal));
  }

  /** One after another: what one asks of it must have come before the next asks the contrary. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #systemState(): NodeState {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null ? 'down' : processState(pid);
  }

  /** Sends the signal and waits for its effect, which the system does not promise at once. */
  async #signal(signal: NodeJS.Signals, wanted: NodeState): Promise<void> {
    this.#child.kill(signal);
    const deadline = Date.now() + SIGNAL_MS_MAX;
    for (let state = this.#systemState(); state !== wanted; state = this.#systemState()) {
      if (state === 'down')
        throw new HarnessError(`${this.#node} is down (${this.end}): no ${signal} reaches it`);
      if (Date.now() > deadline) {
        throw new HarnessError(`${this.#node} is still ${state} ${SIGNAL_MS_MAX} ms after ${signal}`);
      }
      await sleep(POLL_MS);
    }
  }
}

/** State of any process, from /proc where there is one. */
function processState(pid: number): NodeState {
  let letter: string | undefined;
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The command name may hold spaces and parentheses: the state follows the last ")".
      letter = stat[stat.lastIndexOf(')') + 2];
    } else {
      letter = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })[0];
    }
  } catch {
    return 'down';
  }
  if (letter === 'T' || letter === 't') return 'paused';
  return letter === undefined || letter === 'Z' || letter === 'X' ? 'down' : 'running';
}
