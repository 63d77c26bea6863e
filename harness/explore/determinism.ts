/**
 * Is a run repeatable? Runs a scenario twice, in one process, and compares event by event and then the histories.
 * What the guard cannot see shows here: above all state at the top of a module, which outlives nodes and runs.
 */
import { UsageError } from '../errors.ts';
import { formatLine } from '../history/jsonl.ts';
import type { History } from '../history/operation.ts';
import { Journal } from './journal.ts';
import type { Kit } from './kit.ts';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';

/** What two runs of a scenario showed. */
export type Determinism =
  /** They were the same. */
  | {
      readonly repeatable: true;
      readonly events: number;
      readonly operations: number;
      readonly checksum: string;
    }
  /** They were not; `report` says where they part, in lines for people. */
  | { readonly repeatable: false; readonly report: string };

/** Events that are shown before the first that differs. */
const SHOWN_BEFORE = 19;
/** Events that are shown from there on, of either run. */
const SHOWN_AFTER = 3;

const CAUSES = [
  'Nodes take time and randomness from the simulator, so look for what outlives a run: a variable at the top of a',
  'module (of the node, the client or the workload) that the first run left otherwise than it found it. It also',
  'outlives a kill, which no real node does. Keep such state in what start() makes. Other causes: the order of a Map',
  'or Set that is kept so, something that the environment tells (memory, processor, process), a promise that',
  'something real resolves.',
];

/** One run, as far as it is compared. */
interface Side {
  readonly journal: Journal;
  readonly history: History;
  readonly checksum: string;
}

/** Runs the scenario twice and compares; both runs end early with the signal. Rejects as `simulate` does. */
export async function verifyDeterminism(
  scenario: Scenario,
  kit: Kit,
  signal?: AbortSignal,
): Promise<Determinism> {
  const first = await sideOf(scenario, kit, signal);
  const second = await sideOf(scenario, kit, signal);
  const report = differenceOf(first, second);
  if (report !== undefined) return { repeatable: false, report: [...report, '', ...CAUSES].join('\n') };
  return {
    repeatable: true,
    events: first.journal.length,
    operations: first.history.length,
    checksum: first.checksum,
  };
}

/** The same, for commands: answers a line for people, and rejects with a UsageError when the runs differ. */
export async function requireDeterminism(
  scenario: Scenario,
  kit: Kit,
  signal?: AbortSignal,
): Promise<string> {
  const found = await verifyDeterminism(scenario, kit, signal);
  // A run that was ended from outside ends anywhere.
  if (signal?.aborted === true) return 'interrupted before two runs could be compared';
  if (!found.repeatable)
    throw new UsageError(`two runs of the same scenario, seed ${scenario.seed}, differ.\n${found.report}`);
  const { events, operations, checksum } = found;
  return `repeatable: ${events} events and ${operations} entries of history, twice the same (checksum ${checksum})`;
}

async function sideOf(scenario: Scenario, kit: Kit, signal: AbortSignal | undefined): Promise<Side> {
  const journal = new Journal();
  const { history, checksum } = await simulate(scenario, kit, {
    journal,
    ...(signal === undefined ? {} : { signal }),
  });
  return { journal, history, checksum };
}

/** Where the two part, in lines; undefined when they do not. */
function differenceOf(first: Side, second: Side): string[] | undefined {
  const place = first.journal.firstDifference(second.journal);
  if (place !== undefined) return eventDifference(place, first.journal, second.journal);
  const entry = firstOtherEntry(first.history, second.history);
  if (entry !== undefined)
    return [
      `All ${first.journal.length} events are the same; the histories part at entry ${entry}:`,
      `  first run:  ${lineOf(first.history, entry)}`,
      `  second run: ${lineOf(second.history, entry)}`,
    ];
  // What was drawn after the last event.
  if (first.checksum !== second.checksum)
    return [
      `All events and histories are the same, but not what was drawn after the last event (${first.checksum}, ${second.checksum}).`,
    ];
  return undefined;
}

function eventDifference(place: number, first: Journal, second: Journal): string[] {
  const from = Math.max(0, place - SHOWN_BEFORE);
  const shared = Array.from(
    { length: place - from },
    (_, index) => `  ${first.describe(from + index) ?? ''}`,
  );
  const after = (journal: Journal): string[] =>
    Array.from({ length: SHOWN_AFTER }, (_, index) => `  ${journal.describe(place + index) ?? '(the end)'}`);
  return [
    `They part at event ${place + 1}. In both runs, until then:`,
    ...(shared.length === 0 ? ['  (nothing)'] : shared),
    'then in the first run:',
    ...after(first),
    'and in the second:',
    ...after(second),
    ...hintsOn(place, first, second),
  ];
}

/** In what two events differ that are the same in words. */
function hintsOn(place: number, first: Journal, second: Journal): string[] {
  if (first.describe(place) !== second.describe(place)) return [];
  return first.carriesOther(place, second)
    ? ['The event is the same, but what comes with it - the message, the request, the answer - is not.']
    : [
        'The event is the same, but something has been drawn otherwise, or more or less often, in the one before it.',
      ];
}

function firstOtherEntry(first: History, second: History): number | undefined {
  const most = Math.max(first.length, second.length);
  for (let entry = 0; entry < most; entry++) if (lineOf(first, entry) !== lineOf(second, entry)) return entry;
  return undefined;
}

function lineOf(history: History, entry: number): string {
  const operation = history[entry];
  return operation === undefined ? '(the end)' : formatLine(operation).trimEnd();
}
