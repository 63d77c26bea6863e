/**
 * `splitbrain check`: is a recorded history linearizable? For histories of any tool, and for our own once more.
 */
import { Command, Option } from 'commander';
import type { Algorithm } from '../../checkers/index.ts';
import { algorithms } from '../../checkers/linearizable/index.ts';
import { EXIT, UsageError } from '../errors.ts';
import { worst, type Validity } from '../history/checker.ts';
import { formatNamed, formats } from '../history/read.ts';
import { parseDuration } from '../time.ts';
import { requireModel, type CheckFileOptions, type KeyPlace } from './check-file.ts';
import { runJobs, type CheckOutcome } from './check-jobs.ts';
import { jsonOrText } from './check-only-key.ts';
import { files, findJobs } from './check-paths.ts';
import { CheckProgress } from './check-progress.ts';
import { atLength, briefly, runBriefly, summaryOfAll, type Summed } from './check-words.ts';

const EXAMPLES = `
Examples:
  splitbrain check etcd.log                                   a format that says what it is needs no more
  splitbrain check history.edn --model cas-register --init 0  Jepsen's history of a register that began with 0
  splitbrain check history.json --model register --key tuple  independent registers: values are [key, value]
  splitbrain check kv.jsonl --model kv --only-key user-17     one key of many, read without holding the others
  splitbrain check store/latest                               a run of ours, by its own checkers
  splitbrain check store/latest --model kv                    its history, by this model alone
  splitbrain check queue.jsonl --model ./my-model.ts          a model of your own, the module's default export
  splitbrain check logs --timeout 10s --json                  all histories in a directory, one JSON object a line
  splitbrain check 'logs/**/*.log.gz'                         all that match, also where the shell knows no **
  zcat big.log.gz | splitbrain check -                        standard input
  splitbrain check etcd.log --witness --json                  an order that explains the history, for a program
  splitbrain check hard.log --algorithm wgl --memory 4GB      a second opinion, by another algorithm

Files are recognised by content, gzip or not. In directories and patterns, files that hold no history are passed over.

Exit codes: 0 all linearizable, 1 one is not, 2 one could not be decided, 254 bad usage or a file that cannot be
            read (the others are checked all the same), 255 the harness failed.`;

interface CheckArguments {
  readonly model?: string;
  readonly init?: string;
  readonly key: KeyPlace;
  readonly onlyKey?: string;
  readonly format?: string;
  readonly algorithm?: Algorithm;
  readonly memory?: string;
  readonly witness?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

/** The command. */
export function checkCommand(): Command {
  const names = formats.map(({ name }) => name).join(', ');
  return new Command('check')
    .description('check whether recorded histories are linearizable')
    .argument('<history...>', 'history files, directories, patterns, or - for standard input')
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
    .option('--only-key <json>', 'check the operations of this key alone')
    .option('--format <name>', `the file's format: ${names} (default: recognised by content)`)
    .addOption(new Option('--algorithm <name>', 'how to search (default: auto)').choices(algorithms))
    .option('--memory <size>', 'most that the search of one key may remember, such as 512MB (default: 1GB)')
    .option('--witness', 'also give an order of the operations that the model allows, where there is one')
    .option('--timeout <duration>', 'longest time for one file; then the answer is unknown', '60s')
    .option('--json', 'print JSON, one object a line for each file')
    .addHelpText('after', EXAMPLES)
    .action(check);
}

async function check(paths: readonly string[], given: CheckArguments): Promise<void> {
  const options = optionsOf(given);
  if (options.model !== undefined) await requireModel(options.model);
  const { jobs, skipped } = await findJobs(paths, options.model === undefined);
  if (skipped > 0) process.stderr.write(`splitbrain: ${files(skipped)} without a history passed over\n`);
  const json = given.json === true;
  const several = jobs.length > 1;
  const all: Summed[] = [];
  // Whoever has read enough, as head does, is told nothing; it must only not look as if all were well.
  process.stdout.once('error', () => process.exit(EXIT.harness));
  const progress = new CheckProgress(jobs.length, options.timeoutMs);
  const onOutcome = (outcome: CheckOutcome): void => {
    // One bad file of many must not hide what the others hold.
    if (outcome.kind === 'error' && !several) throw outcome.error;
    progress.clear();
    all.push(print(outcome, json, several));
  };
  try {
    await runJobs(jobs, { options, progress, onOutcome });
  } finally {
    progress.end();
  }
  if (several && !json) process.stdout.write(`${summaryOfAll(all)}\n`);
  process.exitCode = exitCodeOf(all);
}

/** Prints what came out, in a few words if it is one of several. */
function print(outcome: CheckOutcome, json: boolean, brief: boolean): Summed {
  const write = (value: unknown, text: () => string): void =>
    void process.stdout.write(`${json ? JSON.stringify(value) : text()}\n`);
  if (outcome.kind === 'error') {
    const { path, error } = outcome;
    process.stderr.write(`splitbrain: ${error.message}\n`);
    if (json) write({ path, error: error.message }, () => '');
    return { path, valid: undefined };
  }
  if (outcome.kind === 'run') {
    const { rechecked, text } = outcome;
    write(rechecked, () => (brief ? runBriefly(rechecked) : text));
    return { path: rechecked.directory, valid: rechecked.valid };
  }
  const { checked } = outcome;
  write(checked, () => (brief ? briefly(checked) : atLength(checked)));
  return { path: checked.path, valid: checked.result.valid };
}

/** A violation outranks all; what could not be read must not look as if all were well. */
function exitCodeOf(all: readonly Summed[]): number {
  const validity: Validity = worst(all.flatMap(({ valid }) => (valid === undefined ? [] : [valid])));
  if (validity === false) return EXIT.invalid;
  if (all.some(({ valid }) => valid === undefined)) return EXIT.usage;
  return validity === true ? EXIT.valid : EXIT.unknown;
}

function optionsOf(given: CheckArguments): CheckFileOptions & { timeoutMs: number } {
  const { model, init, key, onlyKey, format, algorithm, memory, witness, timeout } = given;
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined || timeoutMs === 0) {
    throw new UsageError(`--timeout: "${timeout}" is no duration; expected something like 500ms, 30s or 2m`);
  }
  if (onlyKey !== undefined && key === 'none') {
    throw new UsageError('--only-key: --key none says that there are no keys; leave one of the two out');
  }
  return {
    model,
    init: init === undefined ? undefined : jsonOrText(init),
    key,
    onlyKey,
    format: format === undefined ? undefined : formatNamed(format),
    algorithm,
    memoryBytes: memory === undefined ? undefined : parseMemory(memory),
    witness,
    timeoutMs,
  };
}

const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `512MB` as bytes. */
function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg])i?b?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (UNITS[(match?.[2] ?? '').toLowerCase()] ?? NaN);
  if (bytes >= 1) return Math.round(bytes);
  throw new UsageError(`--memory: "${text}" is no size; expected something like 512MB or 2GB`);
}
