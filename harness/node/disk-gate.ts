/**
 * What stands between a real node's files and the system's: it holds operations up and fails them as a disk in trouble
 * would, and lets no answer through once the power is cut. It acts before anything is written, because that is what a
 * failed fsync comes to: the kernel has marked the pages clean, and what they held is lost (durable-file.ts).
 */
import type { DiskOperation, DiskTrouble } from '../cluster/cluster.ts';
import type { Random } from '../random.ts';
import { sleep } from '../time.ts';

/** What is done to a file. All but `read` change it durably. */
export type FileOperation = 'read' | 'sync' | 'replace' | 'remove';

/** What the gate is made from. */
export interface DiskGateOptions {
  /** What the disk suffers from now. */
  readonly trouble: () => DiskTrouble;
  /** Draws which operations fail. */
  readonly random: Random;
  /** The program gets to an answer. */
  readonly turn: () => void;
}

/** The gate of one disk. */
export class DiskGate {
  readonly #options: DiskGateOptions;
  #isCut = false;

  constructor(options: DiskGateOptions) {
    this.#options = options;
  }

  /** Whether nothing more can be written. */
  get isFull(): boolean {
    return this.#options.trouble().full === true;
  }

  /** Before the operation. Rejects with what the disk has against it; never settles once the power is cut. */
  async enter(operation: FileOperation, path: string): Promise<void> {
    const { trouble, random } = this.#options;
    const { slowMs = 0 } = trouble();
    if (slowMs > 0) await sleep(slowMs);
    await this.#unlessCut();
    const error = failureOf(trouble(), operation, path, random);
    if (error !== undefined) throw error;
  }

  /** Before the program gets to the answer; never settles once the power is cut. */
  async leave(): Promise<void> {
    await this.#unlessCut();
    this.#options.turn();
  }

  /** Nothing is written or answered any more, but for what the system has been given. */
  cut(): void {
    this.#isCut = true;
  }

  /** True once the power was cut. */
  get isCut(): boolean {
    return this.#isCut;
  }

  async #unlessCut(): Promise<void> {
    if (this.#isCut) await new Promise(() => undefined);
  }
}

/** An error as the system calls have them, which a program may look at. */
type SystemError = Error & { readonly code: string };

/** One draw for an operation that may fail: making a change durable takes both a write and a sync. */
function failureOf(
  { full = false, failing = 0, failingOn }: DiskTrouble,
  operation: FileOperation,
  path: string,
  random: Random,
): SystemError | undefined {
  if (full && (operation === 'sync' || operation === 'replace'))
    return systemError('ENOSPC', `no space left on device, write '${path}'`);
  const steps: readonly DiskOperation[] = operation === 'read' ? ['read'] : ['write', 'sync'];
  const step = steps.find((candidate) => failingOn === undefined || failingOn.includes(candidate));
  if (step === undefined || failing === 0 || !random.chance(failing)) return undefined;
  return systemError('EIO', `i/o error, ${step} '${path}'`);
}

function systemError(code: string, reason: string): SystemError {
  return Object.assign(new Error(`${code}: ${reason}`), { code });
}
