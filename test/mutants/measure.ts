/**
 * Measures one row: its tries, one after another, with a line for each.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoted } from '../../harness/shell.ts';
import { formatDuration } from '../../harness/time.ts';
import { splitbrain } from './command.ts';
import { outcomeOfSearch, outcomeOfTest, type Outcome } from './outcome.ts';
import type { Row } from './row.ts';
import type { Try } from './tries.ts';

/** What measuring takes beside the row. */
export interface Measuring {
  /** Store in which runs of correct targets stay, since one that failed wants an explanation. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Rejects with a HarnessError when a try has no result: then the row has none. */
export async function measure(
  row: Row,
  tries: readonly Try[],
  { out, signal, say }: Measuring,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, one] of tries.entries()) {
    const outcome = await tryOnce(row, one, { out, signal });
    outcomes.push(outcome);
    say(`  try ${index + 1} of ${tries.length}: ${outcomeWords(outcome)}`);
    if (outcome.found === (row.broken === undefined)) say(`    splitbrain ${one.args.map(quoted).join(' ')}`);
    // In containers it is asked in which try it is found; each costs a minute or two.
    if (row.runtime === 'docker' && row.broken !== undefined && outcome.found) break;
  }
  return outcomes;
}

async function tryOnce(
  row: Row,
  { seed, args }: Try,
  { out, signal }: Omit<Measuring, 'say'>,
): Promise<Outcome> {
  const about = { seed, ...(row.broken === undefined ? {} : { caughtBy: row.broken.caughtBy }) };
  const own = row.broken === undefined ? undefined : mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    const { stdout, tookMs } = await splitbrain([...args, '--out', own ?? out, '--json'], signal);
    return row.runtime === 'sim' ? outcomeOfSearch(stdout, about) : outcomeOfTest(stdout, about, tookMs);
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  }
}

function outcomeWords({ found, by, runs, failed, notJudged, seconds }: Outcome): string {
  const what = by.length === 0 ? 'nothing found' : `${found ? 'found' : 'other finds'} by ${by.join(', ')}`;
  return [
    what,
    `${runs} ${runs === 1 ? 'run' : 'runs'}`,
    ...(failed > 1 ? [`${failed} failed`] : []),
    ...(notJudged > 0 ? [`${notJudged} not judged`] : []),
    formatDuration(seconds * 1000),
  ].join(', ');
}
