/**
 * How a replicated log decided its clients' commands, as its nodes told in their logs: by what kind of round, after how many message
 * delays, and in how many slots votes collided. Any target may tell it; the entries are these.
 *
 * - `decisions`, with `decided`: a list of `{round, delays, commands, ms}`, what was decided since the node's last such entry.
 *   `round` is the kind in a word (fast, classic, recovered), `ms` the milliseconds of all those commands together.
 * - `collision`, with `slot`: votes in that slot differed so that no value could be chosen by them.
 * - `applied`, with `index`: how far the node has got.
 */
import type { LogEntry } from '../harness/history/checker.ts';
import { isJsonObject, type Json } from '../harness/json.ts';

/** Commands that took as many message delays in the same kind of round. */
export interface DecidedAlike {
  readonly delays: number;
  readonly commands: number;
  /** Milliseconds that they took in the mean. */
  readonly meanMs: number;
}

/** All commands of one kind of round. */
export interface RoundKind {
  readonly round: string;
  readonly commands: number;
  /** By message delays, the fewest first. */
  readonly byDelays: readonly DecidedAlike[];
}

/** What the nodes told. */
export interface Decisions {
  readonly kinds: readonly RoundKind[];
  /** Undefined where there was no fast round, so that votes could not collide. */
  readonly collisions: Collisions | undefined;
}

/** Slots in which votes collided, and all slots that are known of. */
export interface Collisions {
  readonly collided: number;
  readonly slots: number;
}

/** The kinds that are known come in this order, others after them. */
const ORDER = ['fast', 'classic', 'recovered'];

type Logs = Readonly<Record<string, readonly LogEntry[]>>;

/** One item of an entry's list. */
interface Decided {
  readonly round: string;
  readonly delays: number;
  readonly commands: number;
  readonly ms: number;
}

/** What the logs tell of decisions; undefined if they tell nothing. */
export function decisionsIn(logs: Logs): Decisions | undefined {
  const decided = Object.values(logs).flatMap((entries) =>
    entries
      .filter(({ event }) => event === 'decisions')
      .flatMap(({ decided: list = null }) => decidedIn(list)),
  );
  if (decided.length === 0) return undefined;
  const kinds = [...Map.groupBy(decided, ({ round }) => round)].map(([round, own]) => kindOf(round, own));
  const place = ({ round }: RoundKind): number =>
    (ORDER.indexOf(round) + ORDER.length + 1) % (ORDER.length + 1);
  const collisions = collisionsIn(logs);
  const couldCollide = collisions.collided > 0 || kinds.some(({ round }) => round === 'fast');
  return {
    kinds: kinds.sort((a, b) => place(a) - place(b) || (a.round < b.round ? -1 : 1)),
    collisions: couldCollide ? collisions : undefined,
  };
}

/** In how many slots votes collided, and how many slots there were. */
export function collisionsIn(logs: Logs): Collisions {
  const collided = new Set<Json>();
  let slots = 0;
  for (const entry of Object.values(logs).flat()) {
    if (entry.event === 'collision') collided.add(entry['slot'] ?? null);
    if (entry.event === 'applied') slots = Math.max(slots, Number(entry['index']));
  }
  return { collided: collided.size, slots };
}

/** Of a set of commands, the share-th by message delays: 0.5 is the median. */
export function quantileOf(
  { commands, byDelays }: Pick<RoundKind, 'commands' | 'byDelays'>,
  share: number,
): number {
  let seen = 0;
  for (const alike of byDelays) {
    seen += alike.commands;
    if (seen >= share * commands) return alike.delays;
  }
  return 0;
}

function kindOf(round: string, decided: readonly Decided[]): RoundKind {
  const total = (own: readonly Decided[], field: 'commands' | 'ms'): number =>
    own.reduce((sum, each) => sum + each[field], 0);
  const byDelays = [...Map.groupBy(decided, ({ delays }) => delays)].map(([delays, own]): DecidedAlike => {
    const commands = total(own, 'commands');
    return { delays, commands, meanMs: total(own, 'ms') / commands };
  });
  return {
    round,
    commands: total(decided, 'commands'),
    byDelays: byDelays.sort((a, b) => a.delays - b.delays),
  };
}

function decidedIn(list: Json): Decided[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).flatMap((item): Decided[] => {
    const { round, delays, commands, ms } = isJsonObject(item) ? item : {};
    const isNumbered = [delays, commands, ms].every((value) => typeof value === 'number' && value >= 0);
    if (typeof round !== 'string' || !isNumbered || commands === 0) return [];
    return [{ round, delays: Number(delays), commands: Number(commands), ms: Number(ms) }];
  });
}
