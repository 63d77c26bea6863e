/**
 * A history file as it is checked, whoever recorded it: opened, and what its format leaves open settled.
 */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelSource } from '../../checkers/index.ts';
import { loadModel } from '../../checkers/models/load.ts';
import { UsageError } from '../errors.ts';
import type { Operation } from '../history/operation.ts';
import { openHistory, type FormatName } from '../history/read.ts';
import type { Json } from '../json.ts';
import { isPath } from '../run/load-target.ts';
import { OneKey } from './check-only-key.ts';

/** Where the keys of independent objects are: a field of each entry, the first of each `[key, value]`, or nowhere. */
export type KeyPlace = 'field' | 'tuple' | 'none';

/** How to read a file. What is not given follows from the format, where that decides it. */
export interface SourceOptions {
  /** A built-in model's name, or a module of the user's own: `./model.ts`, `./model.ts#export`. */
  readonly model?: string | undefined;
  /** The first state, in the model's terms. */
  readonly init?: Json | undefined;
  readonly key?: KeyPlace | undefined;
  /** Only operations of this key are checked; as JSON, or as plain text. */
  readonly onlyKey?: string | undefined;
  readonly format?: FormatName | undefined;
}

/** A history about to be read. */
export interface CheckSource {
  readonly format: FormatName;
  /** The format says nothing about real time. */
  readonly timeless: boolean;
  /** What the operations mean; undefined where neither the user nor the format says so. */
  readonly model: string | undefined;
  readonly init: Json | undefined;
  /** The entries to check, once, in batches of some thousand. */
  readonly operations: AsyncIterable<readonly Operation[]>;
  /** What a reader should know about how the file was understood; complete when all is read. One sentence each. */
  notes(): readonly string[];
}

/** What a format says about the object that its histories are of. */
const FORMAT_DEFAULTS: Partial<Record<FormatName, { readonly model: string; readonly init: Json }>> = {
  'etcd-log': { model: 'cas-register', init: null },
  'porcupine-kv': { model: 'kv', init: '' },
  plume: { model: 'multi-register', init: null },
};

/**
 * Opens the history in that file, in that run's directory, or, for `-`, on standard input, and closes it after the use.
 * Throws a UsageError if it cannot be read.
 */
export async function withSource<T>(
  path: string,
  options: SourceOptions,
  use: (source: CheckSource) => Promise<T>,
): Promise<T> {
  const stream = await openHistory(await historyFile(path), {
    ...(options.format === undefined ? {} : { format: options.format }),
    independent: options.key === 'tuple',
  });
  try {
    const defaults = FORMAT_DEFAULTS[stream.format];
    const model = options.model ?? defaults?.model;
    const init = options.init ?? (model === defaults?.model ? defaults?.init : undefined);
    const silent = new SilentReads(stream.format, model, init);
    const telling = silent.leaveOut(stream.operations);
    const { format, timeless } = stream;
    const operations =
      options.onlyKey === undefined ? telling : onlyOf(path, new OneKey(options.onlyKey), telling);
    const notes = (): readonly string[] => [...stream.notes, ...silent.notes];
    return await use({ format, timeless, model, init, operations, notes });
  } finally {
    await stream.close();
  }
}

/** The operations of one key, as one batch. */
async function* onlyOf(
  path: string,
  key: OneKey,
  operations: AsyncIterable<readonly Operation[]>,
): AsyncGenerator<readonly Operation[], void> {
  for await (const batch of operations) key.take(batch);
  yield key.finish(path);
}

/** Throws a UsageError that asks for the model if neither the options nor the format name it. */
export function requireNamed(path: string, { model, format }: CheckSource): string {
  if (model !== undefined) return model;
  throw new UsageError(
    `${path}: a ${format} history does not say what its operations mean; name the model, for instance --model cas-register (splitbrain list names all)`,
  );
}

/** Throws a UsageError with the names that there are if the text names no model; before any file is read. */
export async function requireModel(text: string): Promise<void> {
  const [path = ''] = text.split('#');
  if (isPath(path) && !existsSync(path))
    throw new UsageError(
      `--model: there is no file ${resolve(path)}; a model is a registered name or the path of a module`,
    );
  await loadModel(modelSource(text));
}

/** The history in a run's directory, or the file itself. */
async function historyFile(path: string): Promise<string> {
  const directory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return directory ? join(path, 'history.jsonl') : path;
}

/** `./model.ts#export` names a module, everything else a built-in model. */
export function modelSource(text: string): ModelSource {
  const [path = '', name] = text.split('#');
  if (!isPath(path)) return text;
  const module = pathToFileURL(resolve(path)).href;
  return name === undefined ? { module } : { module, export: name };
}

/** Models of which Knossos's rule is known, and what stands for them where no model is asked for. */
const REGISTERS: readonly (string | undefined)[] = ['register', 'cas-register', undefined];

/**
 * In Jepsen's histories a read that gives nil from a register that began with a value says nothing, as in
 * Knossos, whose registers allow it always. Where the register begins with nil, nil is a value like others.
 */
class SilentReads {
  readonly #init: Json | undefined;
  readonly #applies: boolean;
  #count = 0;

  constructor(format: FormatName, model: string | undefined, init: Json | undefined) {
    const jepsens = format === 'jepsen-json' || format === 'jepsen-edn';
    this.#init = init;
    this.#applies = jepsens && init !== undefined && init !== null && REGISTERS.includes(model);
  }

  /** The batches without such reads. */
  leaveOut(batches: AsyncIterable<readonly Operation[]>): AsyncIterable<readonly Operation[]> {
    return this.#applies ? this.#filter(batches) : batches;
  }

  async *#filter(batches: AsyncIterable<readonly Operation[]>): AsyncGenerator<readonly Operation[], void> {
    for await (const batch of batches) {
      const telling = batch.filter(({ type, f, value }) => type !== 'ok' || f !== 'read' || value !== null);
      this.#count += batch.length - telling.length;
      yield telling;
    }
  }

  /** How many there were, if any. */
  get notes(): readonly string[] {
    if (this.#count === 0) return [];
    return [
      `Reads that gave nil (${this.#count}) were left out: nil from a register that begins with ${JSON.stringify(this.#init)} says nothing (Knossos's rule). With --init null, nil is a value.`,
    ];
  }
}
