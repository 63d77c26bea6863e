/**
 * What checking costs: histories that others recorded, where this machine has them, and register histories made
 * from a seed. Reading files is not in the times.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkLinearizable } from '../../checkers/index.ts';
import type { History, Operation } from '../../harness/history/operation.ts';
import { readHistory } from '../../harness/history/read.ts';
import type { Json } from '../../harness/json.ts';
import { createRandom } from '../../harness/random.ts';
import { corpusDirectory } from '../corpus/corpus.ts';
import { measure, type Benchmark, type Measurement } from './benchmark.ts';

/** Histories and what they are of. */
interface Load {
  readonly name: string;
  readonly model: string;
  readonly init: Json;
  readonly histories: readonly History[];
}

async function recorded(name: string, folder: string, model: string, init: Json): Promise<Load[]> {
  const directory = corpusDirectory();
  if (directory === undefined) return [];
  const files = readdirSync(join(directory, folder));
  const read = await Promise.all(files.map((file) => readHistory(join(directory, folder, file))));
  return [{ name, model, init, histories: read.map(({ history }) => history) }];
}

/** A linearizable history of a register: each operation takes effect when it returns, and clients never rest. */
function registerHistory(clients: number, operations: number): History {
  const random = createRandom(`register ${clients} ${operations}`);
  const history: Operation[] = [];
  const open = new Map<number, { readonly f: string; readonly value: Json }>();
  let register: Json = 0;
  let started = 0;
  while (started < operations) {
    const process = random.int(clients);
    const index = history.length;
    const called = open.get(process);
    if (called === undefined) {
      const call = random.chance(0.5) ? { f: 'write', value: ++started } : { f: 'read', value: null };
      if (call.f === 'read') started++;
      open.set(process, call);
      history.push({ index, time: index, process, type: 'invoke', ...call });
      continue;
    }
    open.delete(process);
    if (called.f === 'write') register = called.value;
    history.push({ index, time: index, process, type: 'ok', f: called.f, value: register });
  }
  return history;
}

async function check({ model, init, histories }: Load): Promise<void> {
  for (const history of histories) await checkLinearizable(history, { model, init });
}

const invocations = ({ histories }: Load): number =>
  histories.flat().filter(({ type }) => type === 'invoke').length;

/** The linearizability checker on whole loads. */
export const linearizable: Benchmark = {
  name: 'linearizable',
  async run() {
    const loads: Load[] = [
      ...(await recorded('all etcd logs', 'porcupine/jepsen', 'cas-register', null)),
      ...(await recorded('all key-value logs, by key', 'porcupine/kv', 'kv', '')),
      ...[5, 10].map((clients) => ({
        name: `register, 1,000 operations, ${clients} clients`,
        model: 'register',
        init: 0,
        histories: [registerHistory(clients, 1000)],
      })),
    ];
    const measurements: Measurement[] = [];
    for (const load of loads)
      measurements.push(await measure(load.name, invocations(load), () => check(load)));
    return measurements;
  },
};
