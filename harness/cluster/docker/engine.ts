/**
 * The Docker engine, with a deadline on every request. dockerode waits for ever on an engine that stopped
 * answering; here each request ends, in an answer or in a HarnessError that names what was asked.
 *
 * The engine is the one that DOCKER_HOST names, else the first socket found in the usual places - the same
 * that testcontainers looks in, so that both libraries speak to one engine.
 */
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { HarnessError, UsageError, messageOf } from '../../errors.ts';

const REQUEST_TIMEOUT_MS = 15_000;

/** The engine refused a request, or did not answer it (`status` undefined then, else the HTTP status). */
export class EngineError extends HarnessError {
  readonly status: number | undefined;
  /** The engine's or the system's own words: `connect ENOENT /var/run/docker.sock`. */
  readonly reason: string;

  constructor(message: string, reason: string, status?: number) {
    super(message);
    this.reason = reason;
    this.status = status;
  }
}

/** True for an engine's refusal with this HTTP status: 404 not there, 409 not in a state for it. */
export function isRefusal(error: unknown, status: number): error is EngineError {
  return error instanceof EngineError && error.status === status;
}

/** What an engine says of itself. */
export interface EngineVersion {
  readonly version: string;
  /** In Docker's words: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly kernel: string;
}

/** A Docker engine. Making one connects to nothing. */
export class DockerEngine {
  /** Where it is: `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly #docker: Docker;
  readonly #timeoutMs: number;
  #answered = false;

  constructor(address: string, timeoutMs: number = REQUEST_TIMEOUT_MS) {
    this.address = address;
    this.#timeoutMs = timeoutMs;
    this.#docker = connect(address, timeoutMs);
  }

  /** The same engine with another deadline for each request. */
  within(timeoutMs: number): DockerEngine {
    return new DockerEngine(this.address, timeoutMs);
  }

  /**
   * Makes a request; `what` completes the sentence "Docker refused to …". The deadline is on the whole of
   * it. Rejects with an EngineError.
   */
  async ask<T>(what: string, request: (docker: Docker) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(this.#silent(what, `no answer in ${this.#timeoutMs / 1000} s`));
      }, this.#timeoutMs);
    });
    try {
      const answer = await Promise.race([request(this.#docker), deadline]);
      this.#answered = true;
      return answer;
    } catch (error) {
      throw error instanceof HarnessError ? error : this.#explain(what, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks for its version: the cheapest question that proves it works. */
  async version(): Promise<EngineVersion> {
    const answer = await this.ask('tell its version', (docker) => docker.version());
    return { version: answer.Version, architecture: answer.Arch, kernel: answer.KernelVersion };
  }

  #explain(what: string, error: unknown): EngineError {
    const { statusCode, json } = error as { statusCode?: number; json?: { message?: string } | null };
    if (statusCode === undefined) return this.#silent(what, messageOf(error));
    const reason = json?.message ?? messageOf(error);
    return new EngineError(`Docker refused to ${what}: ${reason}`, reason, statusCode);
  }

  #silent(what: string, reason: string): EngineError {
    const verb = this.#answered ? 'stopped answering' : 'does not answer';
    return new EngineError(
      `Docker engine ${verb} at ${this.address}, asked to ${what} (${reason}). \`splitbrain doctor\` says what to do.`,
      reason,
    );
  }
}

/** The engine that this environment names; `timeoutMs` bounds each request. UsageError for a DOCKER_HOST that cannot be read. */
export function findEngine(timeoutMs?: number): DockerEngine {
  return new DockerEngine(findAddress(), timeoutMs);
}

function findAddress(): string {
  const named = process.env.DOCKER_HOST;
  if (named !== undefined && named !== '') return named;
  const runtimeDirectory = process.env.XDG_RUNTIME_DIR;
  const sockets = [
    '/var/run/docker.sock',
    ...(runtimeDirectory === undefined ? [] : [join(runtimeDirectory, 'docker.sock')]),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    `/run/user/${userInfo().uid}/docker.sock`,
  ];
  return `unix://${sockets.find((socket) => existsSync(socket)) ?? '/var/run/docker.sock'}`;
}

function connect(address: string, timeoutMs: number): Docker {
  // The library's own time-outs as well, so that an abandoned request does not keep its socket open.
  const bounds = { timeout: timeoutMs };
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];
  if (socketPath !== undefined) return new Docker({ socketPath, ...bounds });
  if (address !== process.env.DOCKER_HOST)
    throw new UsageError(`"${address}" is no address of a Docker engine.`);
  try {
    return new Docker(bounds);
  } catch {
    throw new UsageError(
      `DOCKER_HOST is "${address}"; expected something like unix:///var/run/docker.sock or tcp://127.0.0.1:2375.`,
    );
  }
}
