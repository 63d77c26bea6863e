/**
 * A shell in a node's container that is kept open, so that a fault costs the time of its own commands. One script at a time.
 */
import { randomUUID } from 'node:crypto';
import { Conversation } from './conversation.ts';
import type { DockerEngine } from './engine.ts';
import type { ExecResult } from './exec.ts';

/** Milliseconds for one script: they wait for locks, at most. */
const SCRIPT_MS_MAX = 15_000;

/** A kept shell of one life of one container, as root. */
export class Shell {
  readonly #conversation: Conversation;

  private constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Rejects with an EngineError, with status 409 in a container that is down or paused. */
  static async open(engine: DockerEngine, container: string): Promise<Shell> {
    return new Shell(await Conversation.open(engine, container, { command: ['sh'] }));
  }

  get ended(): boolean {
    return this.#conversation.ended;
  }

  /** Runs a script of sh to its end, or to its first command that fails. Rejects with a HarnessError when the shell ends before, or stays silent. */
  async run(script: string): Promise<ExecResult> {
    const mark = randomUUID();
    this.#conversation.write(`( set -e\n${script}\n) </dev/null 2>&1; printf '\\n%s %d\\n' ${mark} $?\n`);
    const deadline = performance.now() + SCRIPT_MS_MAX;
    const lines: string[] = [];
    for (;;) {
      const line = await this.#conversation.next(deadline);
      if (line.startsWith(`${mark} `)) {
        return { exitCode: Number(line.slice(mark.length + 1)), output: lines.join('\n').trim() };
      }
      lines.push(line);
    }
  }

  close(): void {
    this.#conversation.close();
  }
}
