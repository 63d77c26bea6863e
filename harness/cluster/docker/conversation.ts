/**
 * A command in a container that is kept running and talked to, a line at a time, through its standard input and output.
 * An exec for each command costs the engine some 60 ms, most of it to start it; a line to one that runs costs nothing.
 * It ends when its container does, and when the harness does: then its input ends.
 */
import type { Duplex } from 'node:stream';
import { HarnessError } from '../../errors.ts';
import type { DockerEngine } from './engine.ts';

const HEADER_BYTES = 8;

/** What is to be talked to. */
export interface Command {
  readonly command: readonly string[];
  /** Whose, as `name` or `uid:gid`; root's, unless given. */
  readonly user?: string;
}

/** Lines to and from a running command. */
export class Conversation {
  readonly #stream: Duplex;
  readonly #waiting: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void }[] =
    [];
  readonly #lines: string[] = [];
  #bytes = Buffer.alloc(0);
  #text = '';
  #ended = false;

  /** Starts the command. Rejects with an EngineError, with status 409 where nothing can be started: down, or paused. */
  static async open(
    engine: DockerEngine,
    container: string,
    { command, user }: Command,
  ): Promise<Conversation> {
    return engine.ask(`run ${command[0] ?? ''} in container ${container}`, async (docker) => {
      const exec = await docker.getContainer(container).exec({
        Cmd: [...command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        ...(user === undefined ? {} : { User: user }),
      });
      return new Conversation(await exec.start({ hijack: true, stdin: true }));
    });
  }

  private constructor(stream: Duplex) {
    this.#stream = stream;
    // The engine's deadline is for answers, and here silence is none; nor does an idle one keep the harness alive.
    const socket = stream as Partial<Pick<import('node:net').Socket, 'setTimeout' | 'unref'>>;
    socket.setTimeout?.(0);
    socket.unref?.();
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => this.#end());
    stream.on('end', () => this.#end());
  }

  /** Whether it is over. */
  get ended(): boolean {
    return this.#ended;
  }

  write(text: string): void {
    if (!this.#ended) this.#stream.write(text);
  }

  /**
   * The next line that it writes, to stdout or stderr. Rejects with a HarnessError when it ends instead, or says nothing
   * until the deadline, after which there is no use in it.
   *
   * @param deadline on the monotonic clock, in milliseconds
   */
  next(deadline: number): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#ended) return Promise.reject(this.#over());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new HarnessError('A command in a container did not answer in time'));
        this.close();
      }, deadline - performance.now());
      const settle =
        <T>(act: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          act(value);
        };
      this.#waiting.push({ resolve: settle(resolve), reject: settle(reject) });
    });
  }

  /** Ends its input, and with it the command. */
  close(): void {
    this.#end();
    this.#stream.destroy();
  }

  /** Takes the engine's frames apart: see `demultiplex` (archive.ts). */
  #read(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#bytes.readUInt32BE(4);
      if (this.#bytes.length < end) return;
      this.#text += this.#bytes.toString('utf8', HEADER_BYTES, end);
      this.#bytes = this.#bytes.subarray(end);
    }
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#lines.push(line);
      else waiting.resolve(line);
    }
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over());
  }

  #over(): HarnessError {
    const rest = this.#text.trim();
    return new HarnessError(`A command in a container ended${rest === '' ? '' : `: ${rest}`}`);
  }
}
