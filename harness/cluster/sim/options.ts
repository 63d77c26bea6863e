/**
 * What a simulated machine room is like when nothing is broken: as data, so that a plan can hold it, a search can
 * vary it and a failure can be shrunk to a simpler one; and as the draws that the data stands for.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { Random } from '../../random.ts';

const ms = z.number().min(0).max(3_600_000);
const share = z.number().min(0).max(1);

/** How a number of milliseconds is drawn. */
const distribution = z.union(
  [
    /** Always this. */
    z.strictObject({ constant: ms }),
    /** Evenly from low to high. */
    z.strictObject({ uniform: z.tuple([ms, ms]) }),
    /** Mostly short, sometimes very long: `least`, and on top of it a draw with this mean. */
    z.strictObject({ exponential: z.strictObject({ least: ms, mean: ms }) }),
  ],
  'expected { constant }, { uniform: [low, high] } or { exponential: { least, mean } }, in milliseconds from 0 to 3600000',
);

/** See the schema's comments. */
export type Distribution = z.infer<typeof distribution>;

/** A local network, solid state disks, small programs, unless told otherwise. */
const settings = z.strictObject({
  /** How long a message takes, drawn for each; since later ones may be faster, messages overtake one another. */
  latencyMs: distribution.default({ uniform: [0.2, 2] }),
  /** Share of the messages between nodes that are lost. None unless asked for: a test begins on a network that works. */
  loss: share.default(0),
  /** Share of the messages between nodes that arrive twice. */
  duplicates: share.default(0.001),
  /** How long a read from disk takes. */
  readMs: distribution.default({ uniform: [0.02, 0.2] }),
  /** How long it takes to make bytes durable. */
  syncMs: distribution.default({ uniform: [0.1, 2] }),
  /** How long a node takes until its program begins. */
  bootMs: distribution.default({ uniform: [5, 50] }),
  /** How late a timer is even on an idle node. Above 0, so that a program that does nothing but set timers gets on. */
  timerLatenessMs: distribution.default({ uniform: [0.01, 0.2] }),
  /** Single messages that take so much longer: the `nth` (from 0) that `from` sends to `to`. */
  delays: z.array(z.strictObject({ from: z.string(), to: z.string(), nth: z.int().min(0), ms })).default([]),
});

/** The healthy state; faults come on top of it. */
export type SimSettings = Readonly<z.infer<typeof settings>>;

/** A message that takes longer than its link says. */
export type MessageDelay = SimSettings['delays'][number];

/** Settings as a plan or a file has them; what is absent is as usual. Throws a UsageError with this name and the field. */
export function parseSettings(changes: Json | undefined, name = 'simulator settings'): SimSettings {
  const result = settings.safeParse(changes ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new UsageError(`${name}: ${field}${issue?.message ?? 'invalid'}`);
}

/** What is usual. */
export const DEFAULT_SETTINGS: SimSettings = parseSettings({});

/** Draws from a distribution, in milliseconds. */
export function drawMs(from: Distribution, random: Random): number {
  if ('constant' in from) return from.constant;
  if ('uniform' in from) return random.between(from.uniform[0], from.uniform[1]);
  return from.exponential.least + random.exponential(from.exponential.mean);
}
