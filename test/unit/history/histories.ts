/** Arbitrary histories that obey the rules of processes, for properties of formats and the recorder. */
import fc from 'fast-check';
import type { Operation, OperationType, ProcessId } from '../../../harness/history/operation.ts';
import type { Json } from '../../../harness/json.ts';

/** What a format can express. */
export interface Expressible {
  readonly functions?: readonly string[];
  readonly values: fc.Arbitrary<Json>;
  readonly keys?: fc.Arbitrary<Json>;
  readonly errors: fc.Arbitrary<Json>;
  readonly types?: readonly OperationType[];
  readonly times: boolean;
  readonly nodes: boolean;
  readonly nemesis: boolean;
  /** Failed and indeterminate completions carry the invocation's value. */
  readonly echo: boolean;
}

/** Any JSON value that survives JSON.stringify, sets included. */
export const anyJson: fc.Arbitrary<Json> = fc
  .oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.array(fc.integer(), { maxLength: 3 }).map(($set) => ({ $set })),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

interface Step {
  readonly process: number;
  readonly nemesis: boolean;
  readonly type: OperationType;
  readonly f: string;
  readonly value: Json;
  readonly key: Json;
  readonly error: Json;
  readonly node: string;
  readonly gap: number;
}

function steps(can: Expressible): fc.Arbitrary<Step[]> {
  const step = fc.record<Step>({
    process: fc.nat(4),
    nemesis: can.nemesis ? fc.nat(5).map((draw) => draw === 0) : fc.constant(false),
    type: fc.constantFrom(...(can.types ?? (['ok', 'fail', 'info'] as const))),
    f: fc.constantFrom(...(can.functions ?? ['read', 'write', 'cas', 'start-partition', 'a b'])),
    value: can.values,
    key: can.keys ?? fc.constant(null),
    error: can.errors,
    node: fc.constantFrom('n1', 'n2'),
    gap: fc.nat(1_000_000),
  });
  return fc.array(step, { minLength: 1, maxLength: 40 });
}

/** Histories within what a format can express. */
export function histories(can: Expressible): fc.Arbitrary<Operation[]> {
  return steps(can).map((drawn) => {
    const history: Operation[] = [];
    const open = new Map<number, Operation>();
    /** Threads run processes 0, 5, 10, … in turn: a process that ended in info is never used again. */
    const processes = [0, 1, 2, 3, 4];
    for (const step of drawn) {
      const process = processes[step.process] ?? 0;
      const invocation = open.get(process);
      const operation = step.nemesis
        ? entry(history, can, step, 'nemesis', undefined)
        : entry(history, can, step, process, invocation);
      history.push(operation);
      if (step.nemesis) continue;
      if (invocation === undefined) open.set(process, operation);
      else open.delete(process);
      if (operation.type === 'info') processes[step.process] = process + 5;
    }
    return history;
  });
}

function entry(
  history: readonly Operation[],
  can: Expressible,
  step: Step,
  process: ProcessId,
  invocation: Operation | undefined,
): Operation {
  const index = history.length;
  const completes = invocation !== undefined;
  const type = process === 'nemesis' ? 'info' : completes ? step.type : 'invoke';
  const failed = completes && (type === 'fail' || type === 'info');
  return {
    index,
    time: can.times ? (history.at(-1)?.time ?? 0) + step.gap : index,
    process,
    type,
    f: invocation?.f ?? step.f,
    value: failed && can.echo ? invocation.value : step.value,
    ...(can.keys !== undefined && process !== 'nemesis' && { key: invocation?.key ?? step.key }),
    ...(failed && step.error !== null && { error: step.error }),
    ...(can.nodes && completes && { node: step.node }),
  };
}
