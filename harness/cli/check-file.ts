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
import type { History } from '../history/operation.ts';
import { readHistory, type FormatName, type ReadHistory } from '../history/read.ts';
import type { Json } from '../json.ts';
import { isPath } from '../run/load-target.ts';

/** Where the keys of independent objects are: a field of each entry, the first of each `[key, value]`, or nowhere. */
export type KeyPlace = 'field' | 'tuple' | 'none';

/** How to check a file. What is not given follows from the format, where that decides it. */
export interface CheckFileOptions {
  /** A built-in model's name, or a module of the user's own: `./model.ts`, `./model.ts#export`. */
  readonly model?: string | undefined;
  /** The first state, in the model's terms. */
  readonly init?: Json | undefined;
  readonly key?: KeyPlace | undefined;
  readonly format?: FormatName | undefined;
  readonly algorithm?: Algorithm;
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
 * Checks the history in that file, or in that run's directory. Throws a UsageError if it cannot be read, or if
 * neither the options nor the format say what its operations mean.
 */
export async function checkFile(path: string, options: CheckFileOptions = {}): Promise<CheckFileResult> {
  const key = options.key ?? 'field';
  const file = await historyFile(path);
  const read = await readHistory(file, {
    ...(options.format === undefined ? {} : { format: options.format }),
    independent: key === 'tuple',
  });
  const defaults = FORMAT_DEFAULTS[read.format];
  const model = options.model ?? defaults?.model;
  if (model === undefined) {
    throw new UsageError(
      `${path}: a ${read.format} history does not say what its operations mean; name the model, for instance --model cas-register`,
    );
  }
  const init = options.init ?? (model === defaults?.model ? defaults.init : undefined);
  const { history, notes } = withoutSilentReads(read, model, init);
  const result = await checkLinearizable(history, {
    model: modelSource(model),
    init,
    split: key !== 'none',
    ...(options.algorithm === undefined ? {} : { algorithm: options.algorithm }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  return { path, format: read.format, notes, result };
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
  { history, notes, format }: ReadHistory,
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
