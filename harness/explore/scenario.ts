/**
 * A scenario: everything that a simulated run depends on, as plain data. The same scenario gives the same run,
 * to the byte; a search varies scenarios, shrinking simplifies one, and `repro.json` holds one.
 */
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { parseSettings, type SimSettings } from '../cluster/sim/options.ts';
import type { TestPlan } from '../run/results.ts';
import type { ScheduledFault } from '../run/schedule.ts';
import type { ScheduledOperation } from '../run/script.ts';
import { triggerShape } from '../run/triggers.ts';

/** A simulated run before it happens. */
export interface Scenario {
  /** Registry name, or path of the user's module. */
  readonly target: string;
  readonly variant?: string;
  readonly workload: string;
  /** Gives whatever the rest leaves open: delays, the order of ready events, the nodes' own draws. */
  readonly seed: string;
  readonly nodes: readonly NodeId[];
  /** Nodes that are not there at first, and may join. */
  readonly spares?: readonly NodeId[];
  /** Client threads. */
  readonly concurrency: number;
  /** Operations a simulated second over all clients; absent: as fast as they go. Without meaning where operations are given. */
  readonly rate?: number;
  /** How long clients work, simulated. */
  readonly timeLimitMs: number;
  readonly operationTimeoutMs: number;
  /** Network, disks and clocks when nothing is broken. */
  readonly settings: SimSettings;
  /** What is broken, when and where. */
  readonly faults: readonly ScheduledFault[];
  /** The clients' operations one by one; absent: the workload generates them. */
  readonly operations?: readonly ScheduledOperation[];
  /** Whether the workload's final operations follow. */
  readonly final: boolean;
  /**
   * Milliseconds within which a healthy majority, left alone after the faults, must get an operation done; 0 asks
   * for no such thing.
   */
  readonly progressLimitMs: number;
  /** Whether checks follow the run and stop it at the first violation; no, unless given. */
  readonly failFast?: boolean;
}

const ms = z.number().min(0);
const json = z.json() as z.ZodType<Json>;

const shape = z.strictObject({
  target: z.string(),
  variant: z.string().optional(),
  workload: z.string(),
  seed: z.string(),
  nodes: z
    .array(z.string())
    .min(1)
    .refine((nodes) => new Set(nodes).size === nodes.length, 'each node once'),
  spares: z.array(z.string()).optional(),
  concurrency: z.int().min(1),
  rate: z.number().positive().optional(),
  timeLimitMs: ms,
  operationTimeoutMs: ms,
  settings: z.custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null,
    'expected an object',
  ),
  faults: z.array(
    z.strictObject({
      id: z.int(),
      start: ms,
      end: ms,
      trigger: triggerShape.optional(),
      plan: z.strictObject({ family: z.string(), kind: z.string(), parameters: json }),
    }),
  ),
  operations: z
    .array(
      z.strictObject({
        at: ms,
        thread: z.int().min(0),
        f: z.string(),
        value: json,
        key: json.optional(),
      }),
    )
    .optional(),
  final: z.boolean(),
  progressLimitMs: ms,
  failFast: z.boolean().optional(),
});

/**
 * The scenario in this value, as it was read from a file of that name. Throws a UsageError that names file and field.
 *
 * @param called what the file calls fields that have another name here
 */
export function parseScenario(
  value: unknown,
  file: string,
  called: Readonly<Record<string, string>> = {},
): Scenario {
  const result = shape.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const [field = '', ...within] = issue?.path.map(String) ?? [];
    const path = [called[field] ?? field, ...within].join('.');
    const where = path === '' ? file : `${file}: ${path}`;
    throw new UsageError(`${where}: ${issue?.message ?? 'is no scenario'}`);
  }
  return { ...result.data, settings: parseSettings(result.data.settings, `${file}: settings`) } as Scenario;
}

/** The plan of a run of this scenario, for reports and for runtimes other than the simulator. */
export function planOf(
  scenario: Scenario,
  about: Pick<TestPlan, 'runId' | 'targetName' | 'runtime' | 'started' | 'command' | 'versions'> &
    Partial<Pick<TestPlan, 'mistake'>>,
): TestPlan {
  const { faults, settings, operations: _operations, final: _final, ...same } = scenario;
  const families = [...new Set(faults.map(({ plan }) => plan.family))];
  return {
    ...same,
    ...about,
    nemesis: families.length === 0 ? 'none' : families.join(','),
    // Faults are given one by one; there is no mean.
    intervalMs: 0,
    settings: settings,
  };
}
