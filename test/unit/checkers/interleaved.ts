/**
 * Histories of a service without faults: every operation takes effect at one moment between its beginning and its end, and the service does
 * them one by one in that order. So whatever a checker asks of a correct service must be true of them.
 */
import type { Operation } from '../../../harness/history/operation.ts';
import type { Json } from '../../../harness/json.ts';
import type { Random } from '../../../harness/random.ts';

const MS = 1e6;
/** Milliseconds that an operation takes, and that a client waits for before the next, at most. */
const TOOK_MAX_MS = 20;

/** What a client asks for. */
export interface Asked {
  readonly f: string;
  readonly value?: Json;
  readonly key?: Json;
  /** Milliseconds that it takes beside the way there and back. */
  readonly ms?: number;
}

/** An operation with its times, in milliseconds. */
export interface Planned extends Asked {
  readonly process: number;
  readonly begun: number;
  /** When it takes effect. */
  readonly effect: number;
  readonly ended: number;
}

/** What came of it. One that `ended` ends then and not when it was planned to. */
export type Answer =
  | { readonly type: 'ok'; readonly value: Json; readonly ended?: number }
  | { readonly type: 'fail' | 'info'; readonly error: Json; readonly ended?: number };

/** So many operations of each of some processes, one after another, at random times. */
export function planned(
  random: Random,
  processes: number,
  operations: number,
  ask: (process: number, index: number) => Asked,
): Planned[] {
  return Array.from({ length: processes }, (_, process) => {
    let time = random.between(0, TOOK_MAX_MS);
    return Array.from({ length: operations }, (_step, index): Planned => {
      const asked = ask(process, index);
      const begun = time + random.between(0, TOOK_MAX_MS);
      const effect = begun + random.between(0, TOOK_MAX_MS) + (asked.ms ?? 0);
      const ended = effect + random.between(0, TOOK_MAX_MS);
      time = ended;
      return { ...asked, process, begun, effect, ended };
    });
  }).flat();
}

/** The history of these operations at a service that does each when it takes effect. */
export function performed(plan: readonly Planned[], service: (operation: Planned) => Answer): Operation[] {
  const inOrder = plan.toSorted((a, b) => a.effect - b.effect);
  const entries = inOrder.flatMap((operation) => {
    const { process, f, value = null, key, begun } = operation;
    const answer = service(operation);
    const base = { process, f, value, ...(key === undefined ? {} : { key }) };
    return [
      { ...base, type: 'invoke' as const, time: begun * MS },
      { ...base, ...answer, time: (answer.ended ?? operation.ended) * MS },
    ];
  });
  return entries
    .sort((a, b) => a.time - b.time)
    .map((entry, index) => ({ ...entry, index }) satisfies Operation);
}

/** The same history with what this gives for it in place of one entry, picked at random among those that it can be done to; undefined if there is none. */
export function changed(
  history: readonly Operation[],
  random: Random,
  change: (entry: Operation) => Operation | undefined,
): Operation[] | undefined {
  const candidates = history.flatMap((entry) => {
    const other = entry.type === 'invoke' ? undefined : change(entry);
    return other === undefined ? [] : [other];
  });
  if (candidates.length === 0) return undefined;
  const picked = random.pick(candidates);
  return history.map((entry) => (entry.index === picked.index ? picked : entry));
}
