/**
 * The disk of a simulated node, which outlives its lives. As on the real one (harness/node/durable-file.ts)
 * appends wait in memory until a sync writes them, syncs that overlap share one write, and operations on one
 * file take effect one after another - each after a time that is drawn.
 *
 * A crash loses what was not synced. Of what a sync was just writing any number of bytes may have reached the
 * disk, so the last append can be torn; a replacement or removal under way has happened or has not.
 */
import { requireFlatName } from '../../node/disk.ts';
import type { Random } from '../../random.ts';
import type { DrawMs, SimOptions } from './options.ts';
import { EVENT, type World } from './world.ts';

/** What a file answers: the error, or nothing; and the bytes of a read. */
export type DiskAnswer = (error: Error | undefined, bytes?: Uint8Array) => void;

/** An operation on a file. */
interface Task {
  readonly takes: DrawMs;
  /** When its turn comes. */
  begin?(): void;
  /** When it is done. */
  end(): void;
  /** When the node crashes between the two. */
  crash?(): void;
}

/** One file over all lives. */
class SimFile {
  readonly #name: string;
  readonly #world: World;
  readonly #options: SimOptions;
  readonly #random: Random;
  /** What survives; undefined when there is no file. */
  #durable: Uint8Array[] | undefined;
  #committing: Uint8Array[] = [];
  #unsynced: Uint8Array[] = [];
  #tasks: Task[] = [];
  #current: Task | undefined;
  /** Answers of the commit that has not begun yet, which later syncs may join. */
  #nextCommit: DiskAnswer[] | undefined;

  constructor(name: string, world: World, options: SimOptions, random: Random) {
    this.#name = name;
    this.#world = world;
    this.#options = options;
    this.#random = random;
  }

  get durable(): Uint8Array | undefined {
    return this.#durable === undefined ? undefined : joined(this.#durable);
  }

  read(answer: DiskAnswer): void {
    const end = (): void => {
      const appended = [...this.#committing, ...this.#unsynced];
      const none = this.#durable === undefined && appended.length === 0;
      answer(undefined, none ? undefined : joined([...(this.#durable ?? []), ...appended]));
    };
    this.#enqueue({ takes: this.#options.read, end });
  }

  append(bytes: Uint8Array): void {
    this.#unsynced.push(new Uint8Array(bytes));
  }

  sync(answer: DiskAnswer): void {
    if (this.#nextCommit !== undefined) {
      this.#nextCommit.push(answer);
      return;
    }
    const answers = (this.#nextCommit = [answer]);
    this.#enqueue({
      takes: this.#options.sync,
      begin: () => {
        this.#nextCommit = undefined;
        this.#committing = this.#unsynced;
        this.#unsynced = [];
      },
      end: () => {
        this.#keep(this.#committing);
        this.#committing = [];
        for (const done of answers) done(undefined);
      },
      crash: () => this.#keep(this.#torn()),
    });
  }

  replace(bytes: Uint8Array, answer: DiskAnswer): void {
    const content = new Uint8Array(bytes);
    const apply = (): void => {
      this.#durable = [content];
    };
    this.#enqueueChange(apply, answer, () =>
      this.#unsynced.length === 0
        ? undefined
        : new Error(`replace of ${this.#name} with appends unsynced: sync first`),
    );
  }

  remove(answer: DiskAnswer): void {
    const apply = (): void => {
      this.#durable = undefined;
    };
    this.#enqueueChange(apply, answer, () => {
      this.#unsynced = [];
      return undefined;
    });
  }

  /** The node died. */
  crash(): void {
    this.#current?.crash?.();
    this.#current = undefined;
    this.#tasks = [];
    this.#nextCommit = undefined;
    this.#committing = [];
    this.#unsynced = [];
  }

  /** A change that happens as a whole or not at all. */
  #enqueueChange(apply: () => void, answer: DiskAnswer, prepare: () => Error | undefined): void {
    let error: Error | undefined;
    this.#enqueue({
      takes: this.#options.sync,
      begin: () => {
        error = prepare();
      },
      end: () => {
        if (error === undefined) apply();
        answer(error);
      },
      crash: () => {
        if (error === undefined && this.#random.chance(0.5)) apply();
      },
    });
  }

  #enqueue(task: Task): void {
    this.#tasks.push(task);
    if (this.#current === undefined) this.#next();
  }

  #next(): void {
    const task = this.#tasks.shift();
    this.#current = task;
    if (task === undefined) return;
    task.begin?.();
    this.#world.after(task.takes(this.#random), EVENT.disk, () => {
      // Another task, or none: the node died meanwhile.
      if (this.#current !== task) return;
      task.end();
      this.#next();
    });
  }

  #keep(chunks: readonly Uint8Array[]): void {
    if (chunks.length > 0) (this.#durable ??= []).push(...chunks);
  }

  /** As much of what was being written as the seed has it: nothing, a part, or all. */
  #torn(): Uint8Array[] {
    const written = joined(this.#committing);
    const length = this.#random.int(written.length + 1);
    return length === 0 ? [] : [written.slice(0, length)];
  }
}

/** All files of one node. */
export class SimDisk {
  readonly #files = new Map<string, SimFile>();
  readonly #make: (name: string) => SimFile;

  constructor(world: World, options: SimOptions, random: Random) {
    this.#make = (name) => new SimFile(name, world, options, random);
  }

  /** The file of this name, there or not. Throws an Error when it is no name for a file. */
  file(name: string): SimFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    requireFlatName(name);
    const made = this.#make(name);
    this.#files.set(name, made);
    return made;
  }

  /** The node died: what was not synced is lost. */
  crash(): void {
    for (const file of this.#files.values()) file.crash();
  }

  /** What is durable now, by name. */
  contents(): Map<string, Uint8Array> {
    const contents = new Map<string, Uint8Array>();
    for (const [name, file] of this.#files) {
      const bytes = file.durable;
      if (bytes !== undefined) contents.set(name, bytes);
    }
    return contents;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
