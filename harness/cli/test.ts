/**
 * `splitbrain test`: runs a target under faults and says whether it kept its promises.
 */
import { Command, Option } from 'commander';
import { EXIT, HarnessError, UsageError } from '../errors.ts';
import { type Validity, worst } from '../history/checker.ts';
import { type Prepared, type TestOptions, outDirectory, prepare, wholeNumber } from './plan.ts';
import type { FinishedRun, Watch } from './suite.ts';
import { terminalObserver, terminalWidth, useColour } from './terminal.ts';

const EXAMPLES = `
Examples:
  splitbrain test raft                                          defaults: containers, partitions, kills and pauses, 30 s
  splitbrain test raft --nemesis partition:ring+leader,kill     two families; partitions of two kinds
  splitbrain test raft --nemesis partition:n1-n2/n3-n4-n5       exactly this partition
  splitbrain test raft --nemesis packets:loss@leader+corrupt    lossy links at the leader; damaged messages anywhere
  splitbrain test raft --schedule faults.json                   exactly these faults; every run leaves such a file
  splitbrain test raft --variant no-dedup --test-count 5        a broken Raft, five seeds, to see it caught
  splitbrain test ./my-target.ts --runtime process --seed 7     your own system, as processes, repeatable
  splitbrain test raft --runtime sim --verify-determinism       simulated, after a proof that its runs are repeatable
  splitbrain test raft --nemesis none --rate 100 --json         no faults, 100 operations a second, results for machines

In the simulator, a node that never gives way (a loop without end) ends the command with exit code 1; one that uses real
time, randomness, files or sockets, or whose runs are not repeatable, with 254.

Exit codes: 0 valid, 1 invalid, 2 unknown, 254 bad usage or configuration, 255 the harness failed.`;

/** The command. */
export function testCommand(): Command {
  return new Command('test')
    .description('run a target under faults, check its history, write a report')
    .argument('<target>', 'a registered target (see splitbrain list), or the path of your own')
    .option('--runtime <name>', 'docker, process or sim', 'docker')
    .option('--workload <name>', "what clients do; the target's first unless given")
    .option(
      '--nemesis <faults>',
      'fault families, each with its kinds: partition:halves+ring,kill,pause; or none',
      'partition,kill,pause',
    )
    .addOption(
      new Option(
        '--schedule <file>',
        'faults given one by one, in the place of --nemesis: [{ "family": "kill", "kind": "leader", "start": "2s", "lastsMs": 500 }, …]',
      ).conflicts(['nemesis', 'interval']),
    )
    .option('--interval <duration>', 'mean time from one fault of a family to its next', '3s')
    .option('--nodes <number>', "nodes; the target's own number unless given")
    .option(
      '--spares <number>',
      'nodes beyond these that may join later; as many as the faults want unless given',
    )
    .option('--concurrency <number>', 'clients: 10, or 2n for twice the number of nodes', '10')
    .option('--rate <number>', 'operations a second over all clients; as fast as they go unless given')
    .option('--time-limit <duration>', 'how long clients work', '30s')
    .option('--operation-timeout <duration>', 'how long a client waits for one operation', '3s')
    .option(
      '--progress-limit <duration>',
      'after the faults a majority is left alone and must make progress within this; 0 for no such thing (default: 10s in sim, else 0)',
    )
    .option('--seed <seed>', 'repeats operations and faults; drawn unless given')
    .option('--variant <name>', 'a broken version of the target')
    .option(
      '--sim <settings>',
      'network, disks and timers of --runtime sim: latency=exp:0.2+20,sync=1..20,loss=0.01',
    )
    .option('--test-count <number>', 'runs, with consecutive seeds', '1')
    .option('--fail-fast', 'stop a run at its first violation, and after the first run that is not valid')
    .option(
      '--verify-determinism',
      'simulator only: first run it twice, and exit with 254 if the runs differ, naming the first event that does',
    )
    .option('--out <directory>', 'the store in which the run directory is made', 'store')
    .option('--json', 'print one JSON line a run instead of a summary')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, options: TestOptions) => {
      process.exitCode = await runTests(target, options);
    });
}

/** A suite's exit code: a violation that was found outranks a harness that failed, and that outranks not knowing. */
export function exitCodeOf(verdicts: readonly Validity[], harnessFailed: boolean): number {
  const validity = worst(verdicts);
  if (validity === false) return EXIT.invalid;
  if (harnessFailed) return EXIT.harness;
  return validity === true ? EXIT.valid : EXIT.unknown;
}

async function runTests(reference: string, options: TestOptions): Promise<number> {
  const count = wholeNumber('--test-count', options.testCount, 1);
  const prepared = await prepare(reference, options);
  outDirectory(options.out);
  if (options.verifyDeterminism === true) requireSimulator(prepared);
  const { interruptibly, reapLeftovers, requireRuntime } = await import('./suite.ts');
  const observer = terminalObserver(options.json === true);
  const say = (line: string): void => observer.phase(line);
  await requireRuntime(prepared.runtime);
  await reapLeftovers(prepared.runtime, say);
  return interruptibly(say, (signal) => runSuite(prepared, options, count, { observer, signal }));
}

function requireSimulator({ runtime }: Prepared): void {
  if (runtime.name === 'sim') return;
  throw new UsageError(
    `--verify-determinism: no run of the ${runtime.name} runtime is ever repeated to the byte; use --runtime sim`,
  );
}

async function runSuite(
  prepared: Prepared,
  options: TestOptions,
  count: number,
  watch: Watch,
): Promise<number> {
  const { runOnce, seedsOf } = await import('./suite.ts');
  const { verifyPrepared } = await import('./verify.ts');
  const { observer, signal } = watch;
  const verdicts: Validity[] = [];
  let harnessFailed = false;
  for (const [index, seed] of seedsOf(options.seed, count).entries()) {
    if (count > 1) observer.phase(`run ${index + 1} of ${count}, seed ${seed}`);
    try {
      if (options.verifyDeterminism === true) await verifyPrepared(prepared, seed, watch);
      if (signal.aborted) break;
      const run = await runOnce(prepared, options, seed, watch);
      await printRun(run, options.json === true);
      const { valid, harnessProblems } = run.record.results;
      verdicts.push(valid);
      harnessFailed ||= harnessProblems.length > 0;
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      process.stderr.write(`splitbrain: ${error.message}\n`);
      harnessFailed = true;
    }
    const passed = verdicts.at(-1) === true && !harnessFailed;
    if (signal.aborted || harnessFailed || (options.failFast === true && !passed)) break;
  }
  if (count > 1 && options.json !== true) process.stdout.write(`${tally(verdicts, count)}\n`);
  // Interrupting a run is no failure of the harness: its verdict is not known.
  return signal.aborted ? exitCodeOf([...verdicts, 'unknown'], false) : exitCodeOf(verdicts, harnessFailed);
}

async function printRun({ directory, record }: FinishedRun, json: boolean): Promise<void> {
  if (json) {
    const { plan, results } = record;
    process.stdout.write(`${JSON.stringify({ directory, plan, results })}\n`);
    return;
  }
  const { terminalSummary } = await import('../../reports/index.ts');
  process.stdout.write(
    `${terminalSummary(record, { colour: useColour(), width: terminalWidth(), directory })}\n`,
  );
}

function tally(verdicts: readonly Validity[], count: number): string {
  const number = (validity: Validity): number => verdicts.filter((verdict) => verdict === validity).length;
  return `${verdicts.length} of ${count} runs: ${number(true)} valid, ${number(false)} invalid, ${number('unknown')} unknown`;
}
