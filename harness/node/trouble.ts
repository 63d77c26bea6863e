/**
 * What a real node is told of the troubles that it is to be in: those that only the node itself can bring about,
 * because they lie between its program and the system - its disk, its wall clock, its pace, a death at a named point.
 *
 * A node is told the whole state, by its client port while it runs (`POST /_/trouble`) and by a file for lives to come
 * (`NodeConfig.troubleFile`), which has the same text. Whoever knows more than one state of a node goes by the highest
 * revision, so that nothing depends on the order in which the two are read. Checked by hand, as config.ts is.
 */
import type { ClockSkew, CrashPoint, DiskOperation, DiskTrouble } from '../cluster/cluster.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** All that a node is to suffer from; what is absent is as it should be. */
export interface NodeTrouble {
  /** Grows with every change to this node's state. */
  readonly revision: number;
  readonly disk?: DiskTrouble;
  readonly clock?: ClockTrouble;
  /** Milliseconds that each turn of the program takes; see `Cluster.slow`. */
  readonly busyMs?: number;
  readonly crash?: ArmedCrash;
}

/** A wall clock that is wrong, and since when: drift and strobe count from there, over all lives. */
export interface ClockTrouble extends ClockSkew {
  /** True time in milliseconds since the epoch. */
  readonly since: number;
}

/** A death at a point. It comes once, over all lives, which the id tells apart from the next. */
export interface ArmedCrash extends CrashPoint {
  readonly id: number;
}

const DISK_OPERATIONS: readonly DiskOperation[] = ['read', 'write', 'sync'];

/** Checks what came as JSON. Throws an Error that names the field, what was expected and what was found. */
export function parseTrouble(value: Json): NodeTrouble {
  if (!isJsonObject(value)) throw unfit('trouble', 'an object', value);
  refuseUnknown(value, '', ['revision', 'disk', 'clock', 'busyMs', 'crash']);
  const { disk, clock, busyMs, crash } = value;
  return {
    revision: numberField(value, 'revision', '', 0),
    ...(disk === undefined ? {} : { disk: parseDisk(disk) }),
    ...(clock === undefined ? {} : { clock: parseClock(clock) }),
    ...(busyMs === undefined ? {} : { busyMs: numberField(value, 'busyMs', '', 0) }),
    ...(crash === undefined ? {} : { crash: parseCrash(crash) }),
  };
}

function parseDisk(value: Json): DiskTrouble {
  if (!isJsonObject(value)) throw unfit('disk', 'an object', value);
  refuseUnknown(value, 'disk.', ['full', 'failing', 'failingOn', 'slowMs']);
  const { full, failing, failingOn, slowMs } = value;
  if (full !== undefined && typeof full !== 'boolean') throw unfit('disk.full', 'true or false', full);
  return {
    ...(full === undefined ? {} : { full }),
    ...(failing === undefined ? {} : { failing: numberField(value, 'failing', 'disk.', 0, 1) }),
    ...(failingOn === undefined ? {} : { failingOn: parseOperations(failingOn) }),
    ...(slowMs === undefined ? {} : { slowMs: numberField(value, 'slowMs', 'disk.', 0) }),
  };
}

function parseOperations(value: Json): DiskOperation[] {
  const known = (item: Json): item is DiskOperation =>
    DISK_OPERATIONS.some((operation) => operation === item);
  const items: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [null];
  if (items.every(known)) return [...items];
  throw unfit('disk.failingOn', `a list of ${DISK_OPERATIONS.join(', ')}`, value);
}

function parseClock(value: Json): ClockTrouble {
  if (!isJsonObject(value)) throw unfit('clock', 'an object', value);
  refuseUnknown(value, 'clock.', ['since', 'offsetMs', 'driftMs', 'strobe']);
  const { offsetMs, driftMs, strobe } = value;
  return {
    since: numberField(value, 'since', 'clock.'),
    ...(offsetMs === undefined ? {} : { offsetMs: numberField(value, 'offsetMs', 'clock.') }),
    ...(driftMs === undefined ? {} : { driftMs: numberField(value, 'driftMs', 'clock.') }),
    ...(strobe === undefined ? {} : { strobe: parseStrobe(strobe) }),
  };
}

function parseStrobe(value: Json): NonNullable<ClockSkew['strobe']> {
  if (!isJsonObject(value)) throw unfit('clock.strobe', 'an object', value);
  const everyMs = numberField(value, 'everyMs', 'clock.strobe.', 0);
  if (everyMs === 0) throw unfit('clock.strobe.everyMs', 'more than 0', everyMs);
  return { offsetMs: numberField(value, 'offsetMs', 'clock.strobe.'), everyMs };
}

function parseCrash(value: Json): ArmedCrash {
  if (!isJsonObject(value)) throw unfit('crash', 'an object', value);
  const { name } = value;
  if (typeof name !== 'string' || name === '') throw unfit('crash.name', 'a text', name);
  return {
    id: numberField(value, 'id', 'crash.', 0),
    name,
    passes: numberField(value, 'passes', 'crash.', 1),
  };
}

function numberField(
  from: JsonObject,
  name: string,
  path: string,
  least = -Number.MAX_VALUE,
  most = Number.MAX_VALUE,
): number {
  const value = from[name];
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const bounds = most === Number.MAX_VALUE ? ` from ${least}` : ` from ${least} to ${most}`;
  throw unfit(`${path}${name}`, `a number${least === -Number.MAX_VALUE ? '' : bounds}`, value);
}

/** A misspelt trouble would be one that silently does nothing. */
function refuseUnknown(value: JsonObject, path: string, known: readonly string[]): void {
  for (const name of Object.keys(value))
    if (!known.includes(name)) throw new Error(`${path}${name}: expected one of ${known.join(', ')}`);
}

function unfit(field: string, expected: string, value: Json | undefined): Error {
  return new Error(
    `${field}: expected ${expected}, found ${value === undefined ? 'nothing' : JSON.stringify(value)}`,
  );
}
