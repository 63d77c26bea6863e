/**
 * `splitbrain explore`: many simulated runs over all cores, each unlike the others, until one fails; then the smallest
 * run that fails in the same way.
 */
import { Command } from 'commander';
import { EXIT } from '../errors.ts';
import type { Evaluator } from '../explore/evaluate.ts';
import type { Exploration, Found } from '../explore/explore.ts';
import type { Validity } from '../history/checker.ts';
import type { ExploreOptions, PreparedExploration } from './explore-plan.ts';
import type { Watch } from './suite.ts';
import { terminalObserver, terminalWidth, useColour } from './terminal.ts';

const EXAMPLES = `
Examples:
  splitbrain explore raft                             a minute on all cores
  splitbrain explore raft --seeds 2000                the seeds 1 to 2000, however long they take
  splitbrain explore raft --seeds 100..199            these hundred
  splitbrain explore raft --budget 8h --keep-going    a night; counts failures by kind, and shrinks the first of each
  splitbrain explore raft --variant stale-vote        a broken Raft, to see it caught and shrunk
  splitbrain explore ./my-target.ts --nemesis kill    your own system, with kills alone

What is not given is drawn for each run from its seed: families and kinds of faults, how dense and how long they are,
the workload, the number of nodes (the target's, or 3) and of clients, the rate, the network and the disks. Families
under which the target makes only some of its claims take part seldom, and those under which it makes none only if
--nemesis names them.

Of a failure there is a run directory as "test" leaves one, and in it repro.json, the smallest run that was found to
fail in the same way, for "replay", and repro.test.ts, a test for mocha that fails until the bug is mended.

Exit codes: 0 nothing found, 1 a failure, 2 nothing found, but the verdict on some runs is unknown or the search was
            interrupted, 254 bad usage or configuration, 255 the harness failed.`;

/** The command. */
export function exploreCommand(): Command {
  return new Command('explore')
    .description('simulate a target many times, each time otherwise, until something breaks')
    .argument('<target>', 'a registered target (see splitbrain list), or the path of your own')
    .option('--seeds <range>', 'how many runs, with the seeds from 1, or the first and last seed: 100..199')
    .option('--budget <duration>', 'how long to search, in real time; 60s if there is no --seeds')
    .option('--time-limit <duration>', 'how long clients work in each run, in simulated time', '20s')
    .option('--keep-going', 'go on after a failure, and count')
    .option('--variant <name>', 'a broken version of the target')
    .option('--workload <name>', "what clients do; any of the target's unless given")
    .option(
      '--nemesis <faults>',
      'fault families to draw from, each with its kinds: partition:halves+ring,kill',
    )
    .option('--nodes <number>', 'nodes')
    .option('--concurrency <number>', 'clients, or 2n for twice the number of nodes')
    .option('--rate <number>', 'operations a simulated second over all clients')
    .option('--operation-timeout <duration>', 'how long a client waits for one operation', '3s')
    .option(
      '--sim <settings>',
      'network, disks and timers, not drawn but these: latency=exp:0.2+20,loss=0.01',
    )
    .option('--jobs <number>', 'processes; one a core unless given')
    .option('--no-shrink', 'leave failures as they were found')
    .option('--shrink-budget <duration>', 'how long to shrink a failure, in real time', '60s')
    .option('--out <directory>', 'the store in which run directories are made', 'store')
    .option('--json', 'print one JSON object instead of a summary')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, options: ExploreOptions) => {
      process.exitCode = await explore(target, options);
    });
}

/** The verdict on a whole search: a failure outranks not knowing, and a search of which less than half could be judged proves nothing. */
export function verdictOf({ found, unknown, interrupted, runs, thin }: Exploration): Validity {
  if (found.length > 0) return false;
  return unknown.size > 0 || interrupted || runs === 0 || 2 * thin > runs ? 'unknown' : true;
}

const EXIT_OF = (valid: Validity): number =>
  valid === true ? EXIT.valid : valid === false ? EXIT.invalid : EXIT.unknown;

async function explore(target: string, options: ExploreOptions): Promise<number> {
  const { prepareExploration } = await import('./explore-plan.ts');
  const { poolEvaluator } = await import('../explore/pool.ts');
  const { interruptibly } = await import('./suite.ts');
  const prepared = await prepareExploration(target, options);
  const observer = terminalObserver(options.json === true);
  const evaluator = poolEvaluator(prepared.kit.addresses, { jobs: prepared.jobs });
  try {
    return await interruptibly(
      () => observer.phase('interrupted: stopping (once more to stop at once)'),
      (signal) => {
        // What is under way would keep the user waiting.
        signal.addEventListener('abort', () => void evaluator.close(), { once: true });
        return searchAndTell(prepared, options, evaluator, { observer, signal });
      },
    );
  } finally {
    observer.end();
    await evaluator.close();
  }
}

async function searchAndTell(
  prepared: PreparedExploration,
  options: ExploreOptions,
  evaluator: Evaluator,
  watch: Watch,
): Promise<number> {
  const { keepFailures } = await import('./explore-failures.ts');
  const { explorationSummary } = await import('../../reports/index.ts');
  const { reportOf } = await import('./explore-words.ts');
  const exploration = await search(prepared, options, evaluator, watch);
  const kept = await keepFailures(exploration.found, { prepared, options, evaluator, watch });
  const report = reportOf(exploration, verdictOf(exploration), prepared, kept);
  if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else
    process.stdout.write(`${explorationSummary(report, { colour: useColour(), width: terminalWidth() })}\n`);
  return EXIT_OF(report.valid);
}

/** Searches, with a line that says how far it has come. */
async function search(
  prepared: PreparedExploration,
  options: ExploreOptions,
  evaluator: Evaluator,
  { observer, signal }: Watch,
): Promise<Exploration> {
  const { explorationLine } = await import('../../reports/index.ts');
  const { Explorer } = await import('../explore/explore.ts');
  const { drawScenario } = await import('../explore/swarm.ts');
  const { stateOf } = await import('./explore-words.ts');
  const { runs, budgetMs, firstSeed, space, jobs } = prepared;
  const explorer = new Explorer({
    draw: (seed) => drawScenario(space, seed),
    evaluator,
    firstSeed,
    ...(runs === undefined ? {} : { runs }),
    ...(budgetMs === undefined ? {} : { budgetMs }),
    keepGoing: options.keepGoing === true,
    signal,
  });
  observer.phase(`exploring from seed ${firstSeed} on, ${jobs} at a time`);
  observer.watch((columns) => {
    const state = stateOf(explorer.state);
    return explorationLine(state, budgetMs === undefined ? undefined : budgetMs - state.elapsedMs, columns);
  });
  const exploration = await explorer.run();
  observer.end();
  for (const found of exploration.found) observer.phase(foundWords(found));
  return exploration;
}

function foundWords({ failure, scenario, after }: Found): string {
  return `found by ${failure.kind} in run ${after}, seed ${scenario.seed}: ${failure.summary}`;
}
