/**
 * The long fuzz: every algorithm against the oracle on a million random histories of all models, over all cores.
 *
 *   npm run fuzz -- [--histories 1000000] [--algorithm frontier]… [--subject register]… [--seed n] [--first 0]
 *
 * Prints a table and ends with 1 if an algorithm and the oracle disagreed anywhere: with the smallest history that
 * shows it, one operation a line, and the command that has it again.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Algorithm } from '../../checkers/index.ts';
import { algorithms } from '../../checkers/linearizable/search.ts';
import { SUBJECTS } from '../unit/checkers/linearizable/subjects.ts';
import type { Batch, Tally } from './compare.ts';

const BATCH = 500;

const { values: options } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000000' },
    algorithm: { type: 'string', multiple: true, default: [...algorithms] },
    subject: { type: 'string', multiple: true, default: Object.keys(SUBJECTS) },
    seed: { type: 'string', default: String(Date.now()) },
    first: { type: 'string', default: '0' },
  },
});

function chosen(): Algorithm[] {
  return options.algorithm.map((name) => {
    const algorithm = algorithms.find((known) => known === name);
    if (algorithm === undefined)
      throw new RangeError(`no algorithm "${name}"; there are ${algorithms.join(', ')}`);
    return algorithm;
  });
}

/** Subjects by turns, so that what is printed while it runs speaks for all of them. */
function* batches(): Generator<Batch> {
  const each = Math.ceil(Number(options.histories) / options.subject.length);
  const first = Number(options.first);
  for (let done = 0; done < each; done += BATCH) {
    for (const subject of options.subject) {
      const count = Math.min(BATCH, each - done);
      yield { subject, seed: options.seed, first: first + done, count, algorithms: chosen() };
    }
  }
}

/** The sums by algorithm and subject. */
const sums = new Map<string, Tally>();
let histories = 0;

function addUp(tallies: readonly Tally[]): void {
  for (const tally of tallies) {
    const name = `${tally.algorithm} ${tally.subject}`;
    const sum = sums.get(name);
    for (const disagreement of tally.disagreements) process.stdout.write(`\n${disagreement}\n`);
    if (sum === undefined) {
      sums.set(name, tally);
      continue;
    }
    sum.linearizable += tally.linearizable;
    sum.not += tally.not;
    sum.undecided += tally.undecided;
    sum.disagreements.push(...tally.disagreements);
  }
}

/** Has one thread work on batches until there are none left. */
function work(queue: Iterator<Batch>): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    let batch = queue.next();
    const give = (): void => {
      if (batch.done === true) void worker.terminate().then(() => resolve());
      else worker.postMessage(batch.value);
    };
    worker.on('error', reject).on('message', (tallies: readonly Tally[]) => {
      addUp(tallies);
      if (batch.done !== true) histories += batch.value.count;
      progress();
      batch = queue.next();
      give();
    });
    give();
  });
}

const begun = performance.now();
let told = begun;

/** One line that is written over on a terminal, and a line now and then elsewhere. */
function progress(): void {
  const now = performance.now();
  if (now - told < (process.stderr.isTTY ? 500 : 30_000)) return;
  told = now;
  const rate = Math.round(histories / ((now - begun) / 1000));
  process.stderr.write(
    `${process.stderr.isTTY ? '\r' : ''}${histories} of ${options.histories} histories, ${rate} a second`,
  );
  if (!process.stderr.isTTY) process.stderr.write('\n');
}

function row(cells: readonly (string | number)[]): string {
  return `${cells.map((cell, at) => (at === 1 ? String(cell).padEnd(32) : String(cell).padStart(14))).join('')}\n`;
}

function table(): string {
  const rows = [...sums.values()]
    .sort((a, b) => a.algorithm.localeCompare(b.algorithm) || a.subject.localeCompare(b.subject))
    .map(({ algorithm, subject, linearizable, not, undecided, disagreements }) => {
      const all = linearizable + not + undecided;
      return row([algorithm, `  ${subject}`, all, linearizable, not, undecided, disagreements.length]);
    });
  const head = row([
    'algorithm',
    '  model',
    'histories',
    'linearizable',
    'not',
    'undecided',
    'disagreements',
  ]);
  return head + rows.join('');
}

const queue = batches();
await Promise.all(Array.from({ length: availableParallelism() }, () => work(queue)));
const seconds = Math.round((performance.now() - begun) / 1000);
process.stdout.write(`\n${table()}\nseed ${options.seed}: ${histories} histories in ${seconds} s\n`);
if ([...sums.values()].some(({ disagreements }) => disagreements.length > 0)) process.exitCode = 1;
