/**
 * `splitbrain check`: is a recorded history linearizable, or at least something weaker? For histories of any tool, and for
 * our own once more.
 */
import { Command, Option } from 'commander';
import { algorithms } from '../../checkers/index.ts';
import { UNHURRIED_MS } from '../../checkers/linearizable/index.ts';
import { EXIT } from '../errors.ts';
import { worst, type Validity } from '../history/checker.ts';
import { formats } from '../history/read.ts';
import { consistencies } from './check-consistency.ts';
import type { HistoryOptions } from './check-history.ts';
import { runJobs, type CheckOutcome } from './check-jobs.ts';
import { optionsOf, type CheckArguments } from './check-options.ts';
import { files, findJobs } from './check-paths.ts';
import { CheckProgress } from './check-progress.ts';
import { requireModel } from './check-source.ts';
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
  splitbrain check kv.jsonl --consistency staleness --max-staleness 50ms  how stale were reads, and was that too much?
  splitbrain check txns.plume --consistency sequential        a history that has no times

What can be asked with --consistency:
  linearizable  each operation takes effect at one moment between its invocation and its return
  sequential    there is one order of all operations that keeps each client's own; real time is ignored
  sessions      each client reads its own writes, never goes back, and writes after what it wrote and read
  2-atomic      every read gives one of the two latest values
  staleness     every read gives a value that was the latest at most --max-staleness before the read began; prints by
                how much reads were stale
The last three are about registers (read and write, get and put) whose values were written once each.

Files are recognised by content, gzip or not. In directories and patterns, files that hold no history are passed over.

Exit codes: 0 all are what was asked, 1 one is not, 2 one could not be decided, 254 bad usage or a file that cannot be
            read (the others are checked all the same), 255 the harness failed.`;

/** The command. */
export function checkCommand(): Command {
  const names = formats.map(({ name }) => name).join(', ');
  return new Command('check')
    .description('check whether recorded histories are linearizable, or at least something weaker')
    .argument('<history...>', 'history files, directories, patterns, or - for standard input')
    .option(
      '--model <name>',
      "what the operations mean: a model's name (splitbrain list), or ./module.ts[#export]",
    )
    .addOption(
      new Option('--consistency <name>', 'what to ask of the histories')
        .choices(consistencies)
        .default('linearizable'),
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
    .option('--max-staleness <duration>', 'how stale reads may be with --consistency staleness (default: 0)')
    .option('--timeout <duration>', 'longest time for one file; then the answer is unknown', '60s')
    .option('--json', 'print JSON, one object a line for each file')
    .addHelpText('after', EXAMPLES)
    .action(check);
}

async function check(paths: readonly string[], given: CheckArguments): Promise<void> {
  const options = optionsOf(given);
  if (options.model !== undefined) await requireModel(options.model);
  const { jobs, skipped } = await findJobs(paths, isForRuns(options));
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
    all.push(print(outcome, { json, brief: several, witness: given.witness === true }));
  };
  try {
    await runJobs(jobs, { options: explaining(options, { several, json }), progress, onOutcome });
  } finally {
    progress.end();
  }
  if (several && !json) process.stdout.write(`${summaryOfAll(all, options.consistency)}\n`);
  process.exitCode = exitCodeOf(all);
}

/** Of one file somebody will read why it is wrong; lines about several say only that they are. */
function explaining(
  options: HistoryOptions,
  { several, json }: Pick<Style, 'json'> & { several: boolean },
): HistoryOptions {
  if (options.consistency !== 'linearizable') return options;
  return several ? { ...options, explain: json } : { ...options, explainMs: UNHURRIED_MS };
}

/** Whether a run is to be checked as one, by its own checkers; else its history is, by what was asked. */
function isForRuns({ model, consistency }: HistoryOptions): boolean {
  return model === undefined && consistency === 'linearizable';
}

/** How to print. `brief`: in a few words, since it is one of several. `witness`: an order was asked for. */
interface Style {
  readonly json: boolean;
  readonly brief: boolean;
  readonly witness: boolean;
}

/** Prints what came out. */
function print(outcome: CheckOutcome, { json, brief, witness }: Style): Summed {
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
  write(checked, () => (brief ? briefly(checked) : atLength(checked, witness)));
  return { path: checked.path, valid: checked.valid };
}

/** A violation outranks all; what could not be read must not look as if all were well. */
function exitCodeOf(all: readonly Summed[]): number {
  const validity: Validity = worst(all.flatMap(({ valid }) => (valid === undefined ? [] : [valid])));
  if (validity === false) return EXIT.invalid;
  if (all.some(({ valid }) => valid === undefined)) return EXIT.usage;
  return validity === true ? EXIT.valid : EXIT.unknown;
}
