/** The recorded histories of the corpus, read, with what is known of them. Those of one set are checked alike. */
import { join } from 'node:path';
import type { History } from '../../harness/history/operation.ts';
import { readHistory } from '../../harness/history/read.ts';
import type { Json } from '../../harness/json.ts';
import { corpusDirectory, expectedRows } from '../corpus/corpus.ts';

/** A recorded history. */
export interface Recorded {
  readonly set: string;
  readonly file: string;
  readonly history: History;
  readonly model: string;
  readonly init: Json;
  /** False: keys are not told apart. */
  readonly split: boolean;
  readonly valid: boolean;
}

const MODELS: Readonly<
  Record<string, { readonly set: string; readonly model: string; readonly init: Json }>
> = {
  etcd: { set: 'etcd', model: 'cas-register', init: null },
  kv: { set: 'kv by key', model: 'kv', init: '' },
  'kv-nopartition': { set: 'kv not split', model: 'kv', init: '' },
};

/** A first state as expected.tsv writes it: JSON, or a word. */
const stateOf = (text: string): Json => (/^[a-z]/.test(text) ? text : (JSON.parse(text) as Json));

/** Everything read; nothing where this machine has no corpus. */
export async function readCorpus(): Promise<Recorded[]> {
  const directory = corpusDirectory();
  if (directory === undefined) return [];
  const read = async (folder: string, file: string): Promise<History> =>
    (await readHistory(join(directory, folder, file))).history;
  const all: Recorded[] = [];
  for (const { file = '', model = '', linearizable } of expectedRows('porcupine')) {
    const known = MODELS[model];
    if (known === undefined) continue;
    const history = await read('porcupine', file);
    all.push({ ...known, file, history, split: model !== 'kv-nopartition', valid: linearizable === 'true' });
  }
  for (const { file = '', model = '', init = '', expected_linearizable: expected } of expectedRows(
    'knossos',
  )) {
    const state = stateOf(init);
    const history = telling(await read('knossos', file), model, state);
    all.push({ set: 'knossos', file, history, model, init: state, split: true, valid: expected === 'true' });
  }
  return all;
}

/** Knossos's rule: a read of nil from a register that began with a value says nothing. */
function telling(history: History, model: string, init: Json): History {
  if (init === null || model !== 'cas-register') return history;
  return history.filter(({ type, f, value }) => type !== 'ok' || f !== 'read' || value !== null);
}
