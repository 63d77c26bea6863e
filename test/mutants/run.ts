/**
 * `npm run mutants`: runs every broken variant of a target, and the correct target itself, with several seeds
 * from the command line as a user would, and says how often each was found and by which checker. Writes the
 * table to README.md beside this file.
 *
 *   npm run mutants -- --runtime process --seeds 10 --time-limit 30s --only stale-vote,correct
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadTarget } from '../../harness/run/load-target.ts';
import type { RunResults } from '../../harness/run/results.ts';
import { targets } from '../../targets/index.ts';

const TABLE = fileURLToPath(new URL('./README.md', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../harness/cli/splitbrain.js', import.meta.url));
const CORRECT = 'correct';
/** Variants that are safe and stop are found by this alone. */
const PROGRESS_LIMIT = '10s';

const { values: options } = parseArgs({
  options: {
    target: { type: 'string', default: 'raft' },
    runtime: { type: 'string', default: 'process' },
    seeds: { type: 'string', default: '10' },
    first: { type: 'string', default: '1' },
    'correct-seeds': { type: 'string', default: '20' },
    'time-limit': { type: 'string', default: '30s' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string' },
    out: { type: 'string', default: 'store' },
    'no-table': { type: 'boolean', default: false },
  },
});

/** One run of one variant. */
interface MutantRun {
  readonly variant: string;
  readonly seed: number;
  readonly code: number | null;
  readonly foundBy: readonly string[];
}

function runOnce(variant: string, seed: number): Promise<MutantRun> {
  const args = [
    'test',
    options.target,
    '--runtime',
    options.runtime,
    '--time-limit',
    options['time-limit'],
    '--seed',
    String(seed),
    ...(claimsProgress ? ['--progress-limit', PROGRESS_LIMIT] : []),
  ];
  const broken = variant === CORRECT ? [] : ['--variant', variant];
  const child = spawn(process.execPath, [LAUNCHER, ...args, ...broken, '--out', options.out, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const results = stdout === '' ? undefined : (JSON.parse(stdout) as { results: RunResults }).results;
      const foundBy =
        results?.checks.filter((check) => check.valid === false).map((check) => check.checker) ?? [];
      process.stdout.write(`${variant} seed ${seed}: exit ${String(code)} ${foundBy.join(', ')}\n`);
      resolve({ variant, seed, code, foundBy });
    });
  });
}

/** Runs all jobs, so many at a time. */
async function pool<T>(jobs: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) results.push(await job());
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

const target = await loadTarget(targets[options.target] ?? '');
const claimsProgress = target.claims.some(({ checker }) => checker === 'progress');
const variants = Object.entries(target.variants ?? {});
const chosen = options.only?.split(',') ?? [...variants.map(([name]) => name), CORRECT];
const jobs = chosen.flatMap((variant) =>
  Array.from(
    { length: Number(variant === CORRECT ? options['correct-seeds'] : options.seeds) },
    (_, index) => () => runOnce(variant, Number(options.first) + index),
  ),
);
const runs = await pool(jobs, Number(options.jobs));

const rows = chosen.map((variant) => {
  const own = runs.filter((run) => run.variant === variant);
  const { mistake = 'none: it must pass', caughtBy = '' } = target.variants?.[variant] ?? {};
  const invalid = own.filter((run) => run.code === 1);
  const right =
    variant === CORRECT ? invalid.length : invalid.filter((run) => run.foundBy.includes(caughtBy)).length;
  const unknown = own.filter((run) => run.code !== 0 && run.code !== 1).length;
  const checker = caughtBy === '' ? '' : `by ${caughtBy} `;
  return `| ${variant} | ${mistake} | ${options.runtime} | ${options['time-limit']} | ${checker}${right} of ${own.length} | ${invalid.length} | ${unknown} |`;
});
const table = [
  '| variant | mistake | runtime | time limit | found | invalid | unknown |',
  '|---|---|---|---|---|---|---|',
  ...rows,
].join('\n');
process.stdout.write(`\n${table}\n`);

if (!options['no-table']) {
  const begin = '<!-- table: written by npm run mutants -->';
  const page = readFileSync(TABLE, 'utf8');
  writeFileSync(TABLE, `${page.slice(0, page.indexOf(begin) + begin.length)}\n\n${table}\n`);
}
