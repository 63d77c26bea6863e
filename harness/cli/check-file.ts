/**
 * Checks one history file, whoever recorded it: reads it, settles what its format leaves open, and asks the
 * linearizability checker.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  checkLinearizable,
  type Algorithm,
  type LinearizableResult,
  type ModelSource,
  type Progress,
} from '../../checkers/index.ts';
import { loadModel } from '../../checkers/models/load.ts';
import { UsageError } from '../errors.ts';
import type { History, Operation } from '../history/operation.ts';
import { openHistory, type FormatName, type HistoryStream } from '../history/read.ts';
import type { Json } from '../json.ts';
import { isPath } from '../run/load-target.ts';
import { OneKey } from './check-only-key.ts';

/** Where the keys of independent objects are: a field of each entry, the first of each `[key, value]`, or nowhere. */
export type KeyPlace = 'field' | 'tuple' | 'none';

/**
 * How to check a file. What is not given follows from the format, where that decides it. All but `onProgress` can be
 * sent to another thread.
 */
export interface CheckFileOptions {
  /** A built-in model's name, or a module of the user's own: `./model.ts`, `./model.ts#export`. */
  readonly model?: string | undefined;
  /** The first state, in the model's terms. */
  readonly init?: Json | undefined;
  readonly key?: KeyPlace | undefined;
  /** Only operations of this key are checked; as JSON, or as plain text. */
  readonly onlyKey?: string | undefined;
  readonly format?: FormatName | undefined;
  readonly algorithm?: Algorithm | undefined;
  /** Bytes that the search of one key may remember. */
  readonly memoryBytes?: number | undefined;
  /** Also give an order of the operations where there is one. */
  readonly witness?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was checked, and what came out. */
export interface CheckFileResult {
  readonly path: string;
  readonly format: FormatName;
  /** What a reader should know about how the file was understood. One sentence each. */
  readonly notes: readonly string[];
  readonly result: LinearizableResult;
}

/** What a format says about the object that its histories are of. */
const FORMAT_DEFAULTS: Partial<Record<FormatName, { readonly model: string; readonly init: Json }>> = {
  'etcd-log': { model: 'cas-register', init: null },
  'porcupine-kv': { model: 'kv', init: '' },
};

/**
 * Checks the history in that file, in that run's directory, or, for `-`, on standard input. Throws a UsageError if it
 * cannot be read, or if neither the options nor the format say what its operations mean.
 */
export async function checkFile(path: string, options: CheckFileOptions = {}): Promise<CheckFileResult> {
  const stream = await openHistory(await historyFile(path), {
    ...given('format', options.format),
    independent: options.key === 'tuple',
  });
  try {
    return await checkStream(path, stream, options);
  } finally {
    await stream.close();
  }
}

async function checkStream(
  path: string,
  stream: HistoryStream,
  options: CheckFileOptions,
): Promise<CheckFileResult> {
  refuseTimeless(path, stream);
  const model = options.model ?? FORMAT_DEFAULTS[stream.format]?.model;
  if (model === undefined) {
    throw new UsageError(
      `${path}: a ${stream.format} history does not say what its operations mean; name the model, for instance --model cas-register`,
    );
  }
  const defaults = FORMAT_DEFAULTS[stream.format];
  const init = options.init ?? (model === defaults?.model ? defaults.init : undefined);
  const all = await collect(path, stream, options.onlyKey);
  const { history, notes } = withoutSilentReads(all, stream, model, init);
  const result = await checkLinearizable(history, {
    model: modelSource(model),
    init,
    split: options.key !== 'none',
    ...given('algorithm', options.algorithm),
    ...given('memoryBytes', options.memoryBytes),
    ...given('witness', options.witness),
    ...given('timeoutMs', options.timeoutMs),
    ...given('onProgress', options.onProgress),
  });
  return { path, format: stream.format, notes, result };
}

/** A property, if it has a value. */
function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

/** Linearizability is about what was over before something else began, of which such histories say nothing. */
function refuseTimeless(path: string, { timeless, format }: HistoryStream): void {
  if (!timeless) return;
  throw new UsageError(
    `${path}: a ${format} history has no times; linearizability cannot be asked of it; --consistency sequential can`,
  );
}

async function collect(
  path: string,
  { operations }: HistoryStream,
  onlyKey: string | undefined,
): Promise<History> {
  const history: Operation[] = [];
  const one = onlyKey === undefined ? undefined : new OneKey(onlyKey);
  for await (const batch of operations) {
    if (one !== undefined) one.take(batch);
    else for (const operation of batch) history.push(operation);
  }
  return one === undefined ? history : one.finish(path);
}

/** Throws a UsageError with the names that there are if the text names no model; before any file is read. */
export async function requireModel(text: string): Promise<void> {
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
function modelSource(text: string): ModelSource {
  const [path = '', name] = text.split('#');
  if (!isPath(path)) return text;
  const module = pathToFileURL(resolve(path)).href;
  return name === undefined ? { module } : { module, export: name };
}

/**
 * In Jepsen's histories a read that gives nil from a register that began with a value says nothing, as in
 * Knossos, whose registers allow it always. Where the register begins with nil, nil is a value like others.
 */
function withoutSilentReads(
  history: History,
  { notes, format }: HistoryStream,
  model: string,
  init: Json | undefined,
): { readonly history: History; readonly notes: readonly string[] } {
  const jepsens = format === 'jepsen-json' || format === 'jepsen-edn';
  const nothing = init === undefined || init === null;
  if (!jepsens || nothing || (model !== 'register' && model !== 'cas-register')) return { history, notes };
  const telling = history.filter(({ type, f, value }) => type !== 'ok' || f !== 'read' || value !== null);
  const silent = history.length - telling.length;
  if (silent === 0) return { history, notes };
  const note = `Reads that gave nil (${silent}) were left out: nil from a register that begins with ${JSON.stringify(init)} says nothing (Knossos's rule). With --init null, nil is a value.`;
  return { history: telling, notes: [...notes, note] };
}
