/**
 * The command line of `npm run mutants`.
 */
import { Command } from 'commander';
import type { Choice } from './row.ts';

const HELP = `
Every variant of every registered target is tried as a user would try it: in the simulator ten searches of a minute
("splitbrain explore", two cores), of which eight must find it by the checker that should; in containers up to five tests of a
minute ("splitbrain test --runtime docker"), until one finds it. Correct targets must not fail: in 50 simulated runs of a
minute, and in three tests in containers of half a minute.

What is measured replaces its own rows in test/mutants/results.json as soon as it is there, and the tables in
test/mutants/README.md are made from that file. Whatever puts an end to the command, "--missing" goes on.

Examples:
  npm run mutants                                              everything: hours
  npm run mutants -- --runtime sim                             in the simulator alone: some minutes a target
  npm run mutants -- --target raft --only stale-vote,correct   these rows, on both runtimes
  npm run mutants -- --missing                                 what has no row yet
  npm run mutants -- --runtime sim --quick                     one search a variant, to look; nothing is written
  npm run mutants -- --tables                                  the tables anew, after a variant was renamed or described otherwise

Exit codes: 0 all that was measured is as it should be; 1 a variant was found too seldom (in containers: less than half of them
            were), or a correct target failed or was mostly not judged; 254 bad usage; 255 something could not be measured.`;

/** What was asked for. */
export interface MutantsOptions extends Choice {
  readonly missing?: boolean;
  readonly quick?: boolean;
  readonly tables?: boolean;
  readonly out: string;
}

const names = (text: string): string[] => text.split(',');

/** Reads the arguments, without the program's name. Throws CommanderError on what it does not know, and when help was asked for. */
export function parseOptions(argv: readonly string[]): MutantsOptions {
  const command = new Command('npm run mutants --')
    .description('measure how often each broken variant of the targets is found')
    .option('--target <names>', 'registered targets; all unless given', names)
    .option('--only <names>', 'variants, and "correct" for the target itself; all unless given', names)
    .option('--runtime <names>', 'sim, docker; both unless given', names)
    .option('--missing', 'leave out what has a row')
    .option('--quick', 'one try each; write nothing')
    .option('--tables', 'measure nothing, write the tables')
    .option('--out <directory>', 'the store for runs of correct targets', 'store')
    .allowExcessArguments(false)
    .addHelpText('after', HELP)
    .exitOverride();
  command.parse(argv, { from: 'user' });
  const { target, runtime, ...rest } = command.opts<
    MutantsOptions & { readonly target?: string[]; readonly runtime?: string[] }
  >();
  return {
    ...rest,
    ...(target === undefined ? {} : { targets: target }),
    ...(runtime === undefined ? {} : { runtimes: runtime }),
  };
}
