/**
 * The command line: mounts the commands and turns whatever they throw into a message and an exit code.
 */
import { Command, CommanderError } from 'commander';
import { EXIT, HarnessError, UsageError, messageOf } from '../errors.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { exploreCommand } from './explore.ts';
import { faultsCommand } from './faults.ts';
import { listCommand } from './list.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { shrinkCommand } from './shrink.ts';
import { testCommand } from './test.ts';
import { version } from '../version.ts';

const EXAMPLES = `
Examples:
  splitbrain demo                                       see what this is: a correct Raft passes, a broken one is caught
  splitbrain test raft --nemesis partition,kill,pause   five nodes in containers, thirty seconds of faults, a verdict
  splitbrain test ./my-target.ts --runtime process      your own system, without Docker
  splitbrain replay store/latest --trace                a simulated run once more, with every message in its report
  splitbrain check history.edn --model cas-register     a history that something else recorded
  splitbrain faults                                     which fault can be had on which runtime, and how
  splitbrain doctor                                     what is there, what is missing, what to do

Exit codes: 0 valid, 1 invalid, 2 unknown, 254 bad usage or configuration, 255 the harness failed.`;

function program(): Command {
  const root = new Command('splitbrain')
    .description('Tests distributed systems for correctness: real clusters, real faults, checked histories.')
    .version(version())
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(splitbrain --help shows how it is used)');
  const commands = [
    testCommand(),
    exploreCommand(),
    checkCommand(),
    replayCommand(),
    shrinkCommand(),
    reportCommand(),
    listCommand(),
    faultsCommand(),
    doctorCommand(),
    demoCommand(),
  ];
  for (const command of commands) {
    command.showHelpAfterError(`(splitbrain ${command.name()} --help shows how it is used)`);
    root.addCommand(command);
  }
  for (const command of [root, ...commands]) command.exitOverride();
  return root;
}

/** Runs the command line; sets the exit code, and never shows a stack trace for a user's mistake. */
export async function main(argv: readonly string[]): Promise<void> {
  endWell();
  try {
    await program().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/**
 * What nobody caught ends the command as a failure of the harness, and not with Node.js's exit code 1, which here says that a
 * promise was broken. A reader who has seen enough (`| head`) is no failure: the run goes on, and its exit code stands.
 */
function endWell(): void {
  process.on('uncaughtException', (error) => process.exit(report(error)));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.valid : EXIT.usage;
  if (error instanceof UsageError || error instanceof HarnessError) {
    process.stderr.write(`splitbrain: ${error.message}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.harness;
  }
  const trace = error instanceof Error ? error.stack : messageOf(error);
  process.stderr.write(`splitbrain: a bug in splitbrain itself, please report it:\n${trace ?? ''}\n`);
  return EXIT.harness;
}
