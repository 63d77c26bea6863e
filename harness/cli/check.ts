/**
 * `splitbrain check`: is a recorded history linearizable? For histories of any tool, and for our own once more.
 */
import { Command, Option } from 'commander';
import type { KeyResult, LinearizableResult, OperationEvidence, Progress } from '../../checkers/index.ts';
import { problemOf, summaryOf } from '../../checkers/linearizable/index.ts';
import { EXIT, UsageError } from '../errors.ts';
import { worst, type Validity } from '../history/checker.ts';
import { formatNamed, formats } from '../history/read.ts';
import type { Json } from '../json.ts';
import { formatDuration, parseDuration } from '../time.ts';
import { isRunDirectory } from '../store/directory.ts';
import {
  checkFile,
  requireModel,
  type CheckFileOptions,
  type CheckFileResult,
  type KeyPlace,
} from './check-file.ts';

const EXAMPLES = `
Examples:
  splitbrain check etcd.log                                   a format that says what it is needs no more
  splitbrain check history.edn --model cas-register --init 0  Jepsen's history of a register that began with 0
  splitbrain check history.json --model register --key tuple  independent registers: values are [key, value]
  splitbrain check store/latest                               a run of ours, by its own checkers
  splitbrain check store/latest --model kv                    its history, by this model alone
  splitbrain check queue.jsonl --model ./my-model.ts          a model of your own, the module's default export
  splitbrain check logs/*.log --timeout 10s --json            many files, one JSON object a line

Exit codes: 0 all linearizable, 1 one is not, 2 one could not be decided, 254 bad usage or a file that cannot be
            read (the others are checked all the same), 255 the harness failed.`;

const STANDARD_INPUT = '/dev/stdin';

interface CheckArguments {
  readonly model?: string;
  readonly init?: string;
  readonly key: KeyPlace;
  readonly format?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/** The command. */
export function checkCommand(): Command {
  const names = formats.map(({ name }) => name).join(', ');
  return new Command('check')
    .description('check whether recorded histories are linearizable')
    .argument('<history...>', 'history files, run directories, or - for standard input')
    .option(
      '--model <name>',
      "what the operations mean: a model's name (splitbrain list), or ./module.ts[#export]",
    )
    .option('--init <json>', "the first state (default: the format's, or the model's own)")
    .addOption(
      new Option(
        '--key <place>',
        'where the key of an independent object is: its field, [key, value], or nowhere',
      )
        .choices(['field', 'tuple', 'none'])
        .default('field'),
    )
    .option('--format <name>', `the file's format: ${names} (default: recognised by content)`)
    .option('--timeout <duration>', 'longest time for one file; then the answer is unknown', '60s')
    .option('--json', 'print JSON, one object a line for each file')
    .addHelpText('after', EXAMPLES)
    .action(check);
}

async function check(paths: readonly string[], given: CheckArguments): Promise<void> {
  const options = optionsOf(given);
  if (options.model !== undefined) await requireModel(options.model);
  const verdicts: Validity[] = [];
  let unreadable = 0;
  for (const path of paths) {
    try {
      verdicts.push(await checkOne(path === '-' ? STANDARD_INPUT : path, options, given, paths.length > 1));
    } catch (error) {
      // One bad file of many must not hide what the others hold.
      if (!(error instanceof UsageError) || paths.length === 1) throw error;
      unreadable++;
      process.stderr.write(`splitbrain: ${error.message}\n`);
      if (given.json === true) process.stdout.write(`${JSON.stringify({ path, error: error.message })}\n`);
    }
  }
  const validity = worst(verdicts);
  process.exitCode =
    unreadable > 0 && validity !== false
      ? EXIT.usage
      : { true: EXIT.valid, false: EXIT.invalid, unknown: EXIT.unknown }[`${validity}`];
}

/** Checks one history and prints what came out; in a few words when it is one of many. */
async function checkOne(
  path: string,
  options: CheckFileOptions & { timeoutMs: number },
  given: CheckArguments,
  brief: boolean,
): Promise<Validity> {
  if (options.model === undefined && isRunDirectory(path)) {
    return checkRunDirectory(path, given, options.timeoutMs);
  }
  const checked = await withProgress(path, options);
  process.stdout.write(`${given.json === true ? JSON.stringify(checked) : render(checked, brief)}\n`);
  return checked.result.valid;
}

/** A run's directory says itself what to check: its workload and target are in its plan. */
async function checkRunDirectory(
  path: string,
  { json }: CheckArguments,
  timeoutMs: number,
): Promise<Validity> {
  const { recheck, renderRechecked } = await import('./recheck.ts');
  const rechecked = await recheck(path, timeoutMs);
  process.stdout.write(`${json === true ? JSON.stringify(rechecked) : renderRechecked(rechecked)}\n`);
  return rechecked.valid;
}

function optionsOf({
  model,
  init,
  key,
  format,
  timeout,
}: CheckArguments): CheckFileOptions & { timeoutMs: number } {
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined || timeoutMs === 0) {
    throw new UsageError(`--timeout: "${timeout}" is no duration; expected something like 500ms, 30s or 2m`);
  }
  return {
    model,
    init: init === undefined ? undefined : jsonOrText(init),
    key,
    format: format === undefined ? undefined : formatNamed(format),
    timeoutMs,
  };
}

/** A word that is not JSON is text: `--init unlocked`. */
function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const PROGRESS_AFTER_MS = 2000;
const PROGRESS_EVERY_MS = 250;
const CLEAR_LINE = '\r\u001b[K';

/** Checks with a line on the terminal, once that takes long enough to make somebody wonder. */
async function withProgress(path: string, options: CheckFileOptions): Promise<CheckFileResult> {
  if (!process.stderr.isTTY) return checkFile(path, options);
  const begun = performance.now();
  let progress: Progress | undefined;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - begun;
    if (elapsedMs < PROGRESS_AFTER_MS) return;
    const decided =
      progress === undefined ? 'searching' : `${progress.decided} of ${progress.parts} keys decided`;
    const bad =
      progress === undefined || progress.invalid === 0 ? '' : `, ${progress.invalid} not linearizable`;
    const limit = options.timeoutMs === undefined ? '' : ` of at most ${formatDuration(options.timeoutMs)}`;
    process.stderr.write(`${CLEAR_LINE}${path}: ${decided}${bad}, ${formatDuration(elapsedMs)}${limit}`);
  }, PROGRESS_EVERY_MS);
  try {
    return await checkFile(path, { ...options, onProgress: (latest) => void (progress = latest) });
  } finally {
    clearInterval(timer);
    if (performance.now() - begun >= PROGRESS_AFTER_MS) process.stderr.write(CLEAR_LINE);
  }
}

const WORDS = { true: 'linearizable', false: 'NOT linearizable', unknown: 'unknown' } as const;
const WIDEST_WORD = 16;
/** Keys that are explained on the terminal; `--json` has them all. */
const KEYS_SHOWN = 3;

function render({ path, result, notes }: CheckFileResult, brief: boolean): string {
  const word = WORDS[`${result.valid}`];
  if (brief) {
    const what = `model ${result.model}, ${result.operations} operations`;
    return `${word.padEnd(WIDEST_WORD)}  ${path}  (${what}, ${measures(result)})`;
  }
  const explained = result.keys.filter(({ valid }) => valid === result.valid && valid !== true);
  const problems = result.why === null ? explained.slice(0, KEYS_SHOWN).map(explain) : [`${result.why}.`];
  const more = explained.length - KEYS_SHOWN;
  return [
    `${path}: ${word}`,
    `  ${summaryOf(result)}`,
    `  ${measures(result)}`,
    ...notes.map((note) => `  Note: ${note}`),
    ...problems.map((problem) => `\n${problem}`),
    ...(more > 0 ? [`\n… and ${more} more keys; --json has them all.`] : []),
  ].join('\n');
}

/** What it took. */
function measures({ keys, algorithm, configurations, tookMs }: LinearizableResult): string {
  const parts = keys.length === 1 ? '1 key' : `${keys.length} keys`;
  const tried = `${configurations.toLocaleString('en')} ${configurations === 1 ? 'configuration' : 'configurations'}`;
  return `${parts}, ${formatDuration(tookMs)}, ${algorithm}: ${tried}`;
}

function explain(key: KeyResult): string {
  const { title, explanation } = problemOf(key);
  return [`${title}. ${explanation}`, '', ...table(key)].join('\n');
}

function table({ explained, last, stuck, state }: KeyResult): string[] {
  const rows = [
    ['', 'process', 'operation', 'index'],
    ...(explained > last.length ? [['', '…', `${explained - last.length} more before`, '']] : []),
    ...last.map((operation) => row('✓', operation)),
    ...(last.length === 0 && stuck.length === 0 ? [] : [['', '', `= ${state}`, '']]),
    ...stuck.map((operation) => row('✗', operation)),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

function row(mark: string, { process, text, invoked, returned }: OperationEvidence): string[] {
  return [mark, String(process), text, returned === null ? `${invoked} (crashed)` : `${invoked}–${returned}`];
}
