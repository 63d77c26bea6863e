/**
 * Schedules of faults as files: exactly these faults, in the place of drawn ones. What a file leaves open - parameters of a
 * kind, and whom a drawn kind strikes - comes from the seed, as always. Each run leaves such a file, of what really
 * happened in it.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { FaultFamily } from '../cluster/fault.ts';
import { UsageError, messageOf } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { createRandom, type Random } from '../random.ts';
import { parseDuration } from '../time.ts';
import { findFamily, requireAble, requireKind, type Ground, type NemesisPart } from './nemesis-spec.ts';
import type { ScheduledFault } from './schedule.ts';
import { triggerShape, type Trigger } from './triggers.ts';

/** A fault that someone wrote down. Times in milliseconds since the start of the test. */
export interface GivenFault {
  readonly family: string;
  /** As after `family:` in `--nemesis`, without `@…`. */
  readonly kind: string;
  /** Whom to strike, for families that can be told. */
  readonly aim?: string;
  /** Those of the kind's parameters that are not to be drawn. */
  readonly parameters?: Json;
  /** When it begins, or from when on it waits for the trigger; 0 unless given. */
  readonly start?: number;
  readonly trigger?: Trigger;
  /** When it is healed, or how long it lasts; without either, it lasts until the end. */
  readonly end?: number;
  readonly lastsMs?: number;
}

const ms = z
  .union(
    [z.number().min(0), z.string().transform((text) => parseDuration(text) ?? NaN)],
    'expected milliseconds, or a duration such as "1.5s"',
  )
  .refine((value) => !Number.isNaN(value), 'expected milliseconds, or a duration such as "1.5s"');

const fault = z
  .strictObject({
    family: z.string(),
    kind: z.string(),
    aim: z.string().optional(),
    parameters: (z.json() as z.ZodType<Json>).optional(),
    start: ms.optional(),
    trigger: triggerShape.optional(),
    end: ms.optional(),
    lastsMs: ms.optional(),
  })
  .refine(({ start, trigger }) => start !== undefined || trigger !== undefined, {
    message: 'says neither when it begins (start) nor what it waits for (trigger)',
  })
  .refine(({ end, lastsMs }) => end === undefined || lastsMs === undefined, {
    path: ['end'],
    message: 'cannot be given beside lastsMs; leave one of them out',
  })
  .refine(({ end, trigger }) => end === undefined || trigger === undefined, {
    path: ['end'],
    message: 'nobody knows when a fault with a trigger begins; say lastsMs instead',
  })
  .refine(({ start = 0, end = Infinity }) => end > start, { path: ['end'], message: 'is not after start' });

const shape = z.array(
  fault,
  'expected a list of faults: [{ "family": "kill", "kind": "leader", "start": 1000, "end": 3000 }]',
);

/** What the file is checked against. */
export interface ScheduleGround extends Ground {
  readonly timeLimitMs: number;
}

/** The faults in this file. Throws a UsageError that names file, field and what would be right. */
export function readSchedule(file: string, ground: ScheduleGround): GivenFault[] {
  const result = shape.safeParse(parse(file));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new UsageError(`--schedule: ${file}: ${fieldOf(issue?.path ?? [])}${issue?.message ?? ''}`);
  }
  const faults = result.data as GivenFault[];
  for (const [index, given] of faults.entries())
    requireFault(`--schedule: ${file}: [${index}]`, given, ground);
  return faults;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const what = missing
      ? 'there is no such file'
      : `${error instanceof SyntaxError ? 'is no JSON' : 'cannot be read'}: ${messageOf(error)}`;
    throw new UsageError(`--schedule: ${file}: ${what}`, { cause: error });
  }
}

function fieldOf([index, ...path]: readonly PropertyKey[]): string {
  if (index === undefined) return '';
  return `${[`[${String(index)}]`, ...path.map(String)].join('.')}: `;
}

function requireFault(where: string, given: GivenFault, ground: ScheduleGround): void {
  const family = findFamily(`${where}.family`, given.family, ground);
  requireKind(`${where}.kind`, family, textOf(given), ground);
  requireAble(where, family, given.kind, ground);
  if ((given.start ?? 0) >= ground.timeLimitMs)
    throw new UsageError(
      `${where}.start: is not before the end of the test, which is after ${ground.timeLimitMs} ms (--time-limit)`,
    );
  if (given.trigger !== undefined && 'point' in given.trigger) {
    const { node = 'leader' } = given.trigger;
    if (node !== 'leader' && !ground.nodes.includes(node))
      throw new UsageError(
        `${where}.trigger.node: expected "leader" or one of ${ground.nodes.join(', ')}, got "${node}"`,
      );
  }
  requireParameters(`${where}.parameters`, given, family, ground.nodes);
}

const textOf = ({ kind, aim }: GivenFault): string => (aim === undefined ? kind : `${kind}@${aim}`);

/** Requires that the parameters are of the form that the family draws: it is the only one that knows them. */
function requireParameters(
  where: string,
  { parameters, kind, aim }: GivenFault,
  family: FaultFamily,
  nodes: readonly NodeId[],
): void {
  if (parameters === undefined) return;
  const drawn = family.plan(kind, nodes, createRandom('form'), aim).parameters;
  const form = `the family draws such as ${JSON.stringify(drawn)}`;
  if (kindOf(parameters) !== kindOf(drawn))
    throw new UsageError(`${where}: expected ${kindOf(drawn)}, got ${kindOf(parameters)}; ${form}`);
  if (!isJsonObject(parameters) || !isJsonObject(drawn)) return;
  for (const [name, value] of Object.entries(parameters)) {
    const usual = drawn[name];
    if (usual === undefined) throw new UsageError(`${where}.${name}: there is no such parameter; ${form}`);
    if (kindOf(value) !== kindOf(usual))
      throw new UsageError(`${where}.${name}: expected ${kindOf(usual)}, got ${kindOf(value)}; ${form}`);
  }
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The families of these faults with the kinds that are used of each. */
export function partsOf(faults: readonly GivenFault[], families: readonly FaultFamily[]): NemesisPart[] {
  return families.flatMap((family) => {
    const kinds = faults.filter((given) => given.family === family.name).map(textOf);
    return kinds.length === 0 ? [] : [{ family, kinds: [...new Set(kinds)] }];
  });
}

/** These faults as a schedule of a run; what they leave open is drawn. */
export function scheduleOf(
  faults: readonly GivenFault[],
  families: readonly FaultFamily[],
  nodes: readonly NodeId[],
  random: Random,
  timeLimitMs: number,
): ScheduledFault[] {
  return faults.map((given, id) => {
    const { kind, aim, parameters, start = 0, trigger, end, lastsMs } = given;
    const family = findFamily('the schedule', given.family, { families });
    const drawn = family.plan(kind, nodes, random.fork(`given/${id}`), aim);
    const until = end ?? (lastsMs === undefined ? Math.max(timeLimitMs, start) : start + lastsMs);
    return {
      id,
      start,
      end: until,
      ...(trigger === undefined ? {} : { trigger }),
      plan: parameters === undefined ? drawn : { ...drawn, parameters: merged(drawn.parameters, parameters) },
    };
  });
}

function merged(drawn: Json, given: Json): Json {
  return isJsonObject(drawn) && isJsonObject(given) ? { ...drawn, ...given } : given;
}

/** The file's text, a fault a line. */
export function scheduleText(faults: readonly GivenFault[]): string {
  return faults.length === 0
    ? '[]\n'
    : `[\n${faults.map((given) => `  ${JSON.stringify(given)}`).join(',\n')}\n]\n`;
}
