/**
 * Clients that append numbers to one list and read it, and the exact check of what came of it: with unique
 * elements the final list is the order of all appends, so linearizability can be seen directly - every
 * acknowledged element is there once, every read is a prefix of it, and real time is respected.
 */
import type { ClientContext, ClientFactory, Completion } from '../../../../harness/client/client.ts';
import type { Reply } from '../../../../harness/cluster/cluster.ts';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import { Refusal, type NodeId } from '../../../../harness/node/program.ts';
import { logClient } from '../../../../targets/replicated-log/client.ts';
import type { Fabric } from './fabric.ts';

/** One finished operation. */
export interface Done {
  readonly f: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly completion: Completion;
}

/** One request as a cluster would make it, in the fabric's time. */
export function callIn(
  fabric: Fabric,
  node: NodeId,
  path: string,
  body: JsonObject,
  timeoutMs: number,
): Promise<Reply> {
  if (!fabric.isUp(node))
    return Promise.resolve({ kind: 'refused', error: 'connection refused', details: {} });
  return new Promise((resolve) => {
    fabric.after(timeoutMs, () => resolve({ kind: 'lost', error: 'timed out' }));
    fabric.call(node, path, body).then(
      (answer: Json) => resolve({ kind: 'answer', body: answer }),
      (error: unknown) => resolve(replyOf(error)),
    );
  });
}

function replyOf(error: unknown): Reply {
  if (error instanceof Refusal) return { kind: 'refused', error: error.message, details: error.details };
  return { kind: 'lost', error: String(error) };
}

/** The client context of a process in the fabric. */
export function contextIn(fabric: Fabric, process: number): ClientContext {
  return {
    process,
    session: `s${process}`,
    node: fabric.ids[process % fabric.ids.length] ?? 'n1',
    nodes: fabric.ids,
    random: fabric.random.fork(`client/${process}`),
    now: () => fabric.now,
    sleep: (ms) => new Promise((resolve) => fabric.after(ms, resolve)),
    call: (node, path, body, timeoutMs) => callIn(fabric, node, path, body, timeoutMs),
  };
}

/** Starts clients that work until `end`, each a new process after an `info`; answers the growing list of what they did. */
export function startClients(
  fabric: Fabric,
  count: number,
  end: number,
  open: ClientFactory = logClient,
): readonly Done[] {
  const done: Done[] = [];
  let processes = 0;
  let elements = 0;
  const work = async (): Promise<void> => {
    let context = contextIn(fabric, processes++);
    let client = open(context);
    while (fabric.now < end) {
      const f = context.random.chance(0.5) ? 'read' : 'append';
      const value = f === 'append' ? ++elements : 0;
      const from = fabric.now;
      const completion = await client.invoke({ f, key: 'list', value }, 2000);
      done.push({ f, value, from, to: fabric.now, completion });
      if (completion.type === 'info') {
        context = contextIn(fabric, processes++);
        client = open(context);
      }
      await context.sleep(context.random.between(0, 20));
    }
  };
  for (let client = 0; client < count; client++) void work();
  return done;
}

/** What is wrong with these operations, given the list as read at the very end. */
export function problemsOf(done: readonly Done[], final: readonly Json[]): string[] {
  const problems: string[] = [];
  const times = (value: number): number => final.filter((element) => element === value).length;
  const appends = done.filter(({ f }) => f === 'append');
  for (const { value, completion } of appends) {
    const [low, high] = { ok: [1, 1], fail: [0, 0], info: [0, 1] }[completion.type] as [number, number];
    const count = times(value);
    if (count < low || count > high)
      problems.push(`append ${value} was ${completion.type}, and is there ${count} times`);
  }
  const reads = done.flatMap(({ f, from, to, completion }) =>
    f === 'read' && completion.type === 'ok' ? [{ from, to, list: (completion.value ?? []) as Json[] }] : [],
  );
  for (const { from, to, list } of reads) {
    if (list.some((element, index) => element !== final[index])) problems.push(`read at ${to} is no prefix`);
    const older = appends.filter((append) => append.completion.type === 'ok' && append.to < from);
    if (older.some(({ value }) => !list.includes(value)))
      problems.push(`read at ${from} misses what was there before`);
    const newer = appends.filter((append) => append.from > to);
    if (newer.some(({ value }) => list.includes(value))) problems.push(`read at ${to} has what came later`);
    if (reads.some((other) => other.to < from && other.list.length > list.length))
      problems.push(`read at ${from} went back`);
  }
  const position = new Map(final.map((element, index) => [element, index]));
  for (const first of appends.filter(({ completion }) => completion.type === 'ok')) {
    const overtaken = appends.some(
      ({ from, value }) =>
        from > first.to && (position.get(value) ?? Infinity) < (position.get(first.value) ?? -1),
    );
    if (overtaken) problems.push(`append ${first.value} came after one that began later`);
  }
  return problems;
}
