/**
 * The disk of a simulated node, which outlives its lives. As on the real one (harness/node/durable-file.ts)
 * appends wait in memory until a sync writes them, syncs that overlap share one write, and operations on one
 * file take effect one after another - each after a time that is drawn.
 *
 * A crash loses what was not synced. Of what a sync was just writing any number of bytes may have reached the
 * disk, so the last append can be torn; a replacement or removal under way has happened or has not.
 *
 * A disk in trouble fails by the book of "Can Applications Recover from fsync Failures?" (Rebello et al., ATC 2020):
 * what a failed sync was to write is gone, for the kernel has marked its pages clean, and the next sync succeeds
 * without it. A real node's files refuse further use instead; a program is not to rely on it.
 *
 * Damage is worked out from what is durable (harness/cluster/damage.ts), as on real disks.
 */
import { requireFlatName } from '../../node/disk.ts';
import type { NodeId } from '../../node/program.ts';
import type { DiskOperation, DiskTrouble, FlippedBit, SwappedBlocks, TruncatedFile } from '../cluster.ts';
import { applyEdit, flipBits, swapBlocks, truncateFiles, unflipBits, type Edit } from '../damage.ts';
import { subjectOf, type Subject } from './event-queue.ts';
import type { MomentRandom } from './moment-random.ts';
import type { SimNote } from './observer.ts';
import { drawMs, type Distribution, type SimSettings } from './options.ts';
import { EVENT, type World } from './world.ts';

/** What a file answers: the error, or nothing; and the bytes of a read. */
export type DiskAnswer = (error: Error | undefined, bytes?: Uint8Array) => void;

/** What is done to a file. */
type DiskAction = Extract<SimNote, { readonly what: 'disk' }>['action'];

/** An operation on a file. */
interface Task {
  readonly takes: Distribution;
  /** When its turn comes. */
  begin?(): void;
  /** When it is done. */
  end(): void;
  /** When the node crashes between the two. */
  crash?(): void;
}

/** What a disk is made from. */
export interface SimDiskPlan {
  /** Whose disk it is. */
  readonly node: NodeId;
  readonly world: World;
  readonly settings: SimSettings;
}

/** What a file is made from. */
interface SimFilePlan extends SimDiskPlan {
  /** What the disk suffers from now. */
  readonly trouble: () => SimDiskTrouble;
}

/** What a simulated disk suffers from. */
interface SimDiskTrouble extends DiskTrouble {
  /** No descriptor is left for a file that is not open. */
  readonly limited: boolean;
}

/** What an action on a file consists of, of what may fail. */
const OPERATIONS: Readonly<Record<'read' | 'sync' | 'replace' | 'remove', readonly DiskOperation[]>> = {
  read: ['read'],
  sync: ['write', 'sync'],
  replace: ['write', 'sync'],
  remove: ['write', 'sync'],
};

const REASONS = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  EMFILE: 'too many open files',
} as const;

/** An error as the system calls have them, which a program may look at. */
type SystemError = Error & { readonly code: string };

function systemError(code: keyof typeof REASONS, what: string): SystemError {
  return Object.assign(new Error(`${code}: ${REASONS[code]}, ${what}`), { code });
}

/** One file over all lives. */
class SimFile {
  readonly #name: string;
  readonly #subject: Subject;
  readonly #world: World;
  readonly #node: NodeId;
  readonly #settings: SimSettings;
  readonly #random: MomentRandom;
  readonly #trouble: () => SimDiskTrouble;
  /** What survives; undefined when there is no file. */
  #durable: Uint8Array[] | undefined;
  /** Counts what was written as a whole: a damage done before is gone with what it was done to. */
  #edition = 0;
  /** Whether there is a descriptor for appends. */
  #opened = false;
  #committing: Uint8Array[] = [];
  #unsynced: Uint8Array[] = [];
  #tasks: Task[] = [];
  #current: Task | undefined;
  /** Answers of the commit that has not begun yet, which later syncs may join. */
  #nextCommit: DiskAnswer[] | undefined;

  constructor(name: string, { node, world, settings, trouble }: SimFilePlan) {
    this.#name = name;
    this.#node = node;
    this.#trouble = trouble;
    this.#world = world;
    this.#settings = settings;
    this.#subject = subjectOf(`${node} ${name}`);
    this.#random = world.place(`disk/${node}/${name}`);
  }

  get durable(): Uint8Array | undefined {
    return this.#durable === undefined ? undefined : joined(this.#durable);
  }

  read(answer: DiskAnswer): void {
    const end = (): void => {
      const error = this.#failure('read');
      const appended = [...this.#committing, ...this.#unsynced];
      const none = (this.#durable === undefined && appended.length === 0) || error !== undefined;
      const bytes = none ? undefined : joined([...(this.#durable ?? []), ...appended]);
      this.#note('read', bytes?.length, error);
      answer(error, bytes);
    };
    this.#enqueue({ takes: this.#settings.readMs, end });
  }

  append(bytes: Uint8Array): void {
    // A buffer for being several times cheaper to make: it shares its memory with others.
    this.#unsynced.push(Buffer.from(bytes));
  }

  sync(answer: DiskAnswer): void {
    if (this.#nextCommit !== undefined) {
      this.#nextCommit.push(answer);
      return;
    }
    const answers = (this.#nextCommit = [answer]);
    this.#enqueue({
      takes: this.#settings.syncMs,
      begin: () => {
        this.#nextCommit = undefined;
        this.#committing = this.#unsynced;
        this.#unsynced = [];
      },
      end: () => {
        const error = this.#committing.length === 0 ? undefined : this.#failure('sync');
        if (error === undefined) this.#keep(this.#committing);
        this.#opened ||= error === undefined && this.#committing.length > 0;
        this.#note('sync', sizeOf(this.#committing), error);
        this.#committing = [];
        for (const done of answers) done(error);
      },
      crash: () => {
        if (this.#trouble().full !== true) this.#keep(this.#torn(this.#committing));
      },
    });
  }

  replace(bytes: Uint8Array, answer: DiskAnswer): void {
    const content = new Uint8Array(bytes);
    const apply = (): void => this.load(content);
    this.#enqueueChange('replace', apply, answer, () =>
      this.#unsynced.length === 0
        ? undefined
        : new Error(`replace of ${this.#name} with appends unsynced: sync first`),
    );
  }

  remove(answer: DiskAnswer): void {
    const apply = (): void => this.load(undefined);
    this.#enqueueChange('remove', apply, answer, () => {
      this.#unsynced = [];
      return undefined;
    });
  }

  /** The node died; by a power failure, any part of what was appended may be there, torn. */
  crash(byPowerFailure: boolean): void {
    const appended = [...this.#committing, ...this.#unsynced];
    if (byPowerFailure && appended.length > 0) {
      if (this.#trouble().full !== true) this.#keep(this.#torn(appended));
    } else this.#current?.crash?.();
    this.#current = undefined;
    this.#opened = false;
    this.#tasks = [];
    this.#nextCommit = undefined;
    this.#committing = [];
    this.#unsynced = [];
  }

  /** A change that happens as a whole or not at all. */
  #enqueueChange(
    action: 'replace' | 'remove',
    apply: () => void,
    answer: DiskAnswer,
    prepare: () => Error | undefined,
  ): void {
    let error: Error | undefined;
    this.#enqueue({
      takes: this.#settings.syncMs,
      begin: () => {
        error = prepare();
      },
      end: () => {
        error ??= this.#failure(action);
        if (error === undefined) apply();
        this.#note(action, this.#durable === undefined ? undefined : sizeOf(this.#durable), error);
        answer(error);
      },
      crash: () => {
        const full = action === 'replace' && this.#trouble().full === true;
        if (error === undefined && !full && this.#random.here().chance(0.5)) apply();
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
    const takesMs = drawMs(task.takes, this.#random.here()) + (this.#trouble().slowMs ?? 0);
    const done = (): void => {
      // Another task, or none: the node died meanwhile.
      if (this.#current !== task) return;
      task.end();
      this.#next();
    };
    this.#world.after(takesMs, EVENT.disk, done, this.#subject);
  }

  /** Which edition of the file is durable. */
  get edition(): number {
    return this.#edition;
  }

  /** What is durable becomes this, as a whole; undefined for no file. */
  load(bytes: Uint8Array | undefined): void {
    this.#durable = bytes === undefined ? undefined : [bytes];
    this.#opened = false;
    this.#edition++;
  }

  /** Damages what is durable. */
  edit(edit: Edit): void {
    const changed = applyEdit(this.durable ?? new Uint8Array(), edit);
    this.#durable = [changed];
    const size = 'length' in edit ? edit.length : edit.bytes.length;
    this.#note('damage', Math.min(size, changed.length));
  }

  /** What the disk's trouble does to this, drawn where it may or may not. */
  #failure(action: keyof typeof OPERATIONS): SystemError | undefined {
    const { limited, full = false, failing = 0, failingOn } = this.#trouble();
    if (limited && !(action === 'sync' && this.#opened)) return systemError('EMFILE', `open ${this.#name}`);
    if (full && (action === 'sync' || action === 'replace'))
      return systemError('ENOSPC', `write ${this.#name}`);
    const step = failingOn === undefined ? action : OPERATIONS[action].find((one) => failingOn.includes(one));
    const fails = step !== undefined && failing > 0 && this.#random.here().chance(failing);
    return fails ? systemError('EIO', `${step} ${this.#name}`) : undefined;
  }

  #note(action: DiskAction, bytes: number | undefined, error?: Error): void {
    if (this.#world.observer === undefined) return;
    const size = bytes === undefined ? {} : { bytes };
    const failure = error === undefined ? {} : { error: error.message };
    this.#world.note({ what: 'disk', node: this.#node, action, file: this.#name, ...size, ...failure });
  }

  #keep(chunks: readonly Uint8Array[]): void {
    if (chunks.length > 0) (this.#durable ??= []).push(...chunks);
  }

  /** As much of what was being written as the seed has it: nothing, a part, or all. */
  #torn(appended: readonly Uint8Array[]): Uint8Array[] {
    const written = joined(appended);
    const length = this.#random.here().int(written.length + 1);
    return length === 0 ? [] : [written.slice(0, length)];
  }
}

/** All files of one node. */
export class SimDisk {
  /** What it suffers from. */
  trouble: DiskTrouble = {};
  /** Whether the node has no descriptor left for a file that is not open. */
  limited = false;
  readonly #files = new Map<string, SimFile>();
  readonly #make: (name: string) => SimFile;
  /** What was flipped, and in which edition of its file. */
  readonly #flipped = new Map<FlippedBit, number>();

  constructor(plan: SimDiskPlan) {
    const trouble = (): SimDiskTrouble => ({ ...this.trouble, limited: this.limited });
    this.#make = (name) => new SimFile(name, { ...plan, trouble });
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

  /** The node died: what was not synced is lost; but for a part, perhaps, where the power failed. */
  crash(byPowerFailure = false): void {
    for (const file of this.#files.values()) file.crash(byPowerFailure);
  }

  /** See `Cluster.flip`. */
  flip(places: readonly number[]): readonly FlippedBit[] {
    const { edits, done } = flipBits(this.contents(), places);
    this.#apply(edits);
    for (const bit of done) this.#flipped.set(bit, this.file(bit.file).edition);
    return done;
  }

  /** See `Cluster.unflip`. */
  unflip(bits: readonly FlippedBit[]): void {
    const standing = bits.filter((bit) => this.#flipped.get(bit) === this.file(bit.file).edition);
    this.#apply(unflipBits(this.contents(), standing));
    for (const bit of bits) this.#flipped.delete(bit);
  }

  /** See `Cluster.truncate`. */
  truncate(places: readonly number[]): readonly TruncatedFile[] {
    const { edits, done } = truncateFiles(this.contents(), places);
    this.#apply(edits);
    return done;
  }

  /** See `Cluster.swap`. */
  swap(pairs: readonly (readonly [number, number])[]): readonly SwappedBlocks[] {
    const { edits, done } = swapBlocks(this.contents(), pairs);
    this.#apply(edits);
    return done;
  }

  /** Puts these files where all others were. */
  load(contents: ReadonlyMap<string, Uint8Array>): void {
    for (const [name, file] of this.#files) if (!contents.has(name)) file.load(undefined);
    for (const [name, bytes] of contents) this.file(name).load(new Uint8Array(bytes));
  }

  #apply(edits: readonly Edit[]): void {
    for (const edit of edits) this.file(edit.file).edit(edit);
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

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(chunks));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
