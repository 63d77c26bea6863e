/**
 * `splitbrain replay`: does an earlier run again. In the simulator it is repeated to the byte; in containers or
 * processes the same operations and faults come at the same times, and what is asked is how often the violation
 * shows there.
 */
import { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from './plan.ts';
import type { Replay, ReplayOptions } from './replay-runs.ts';
import { terminalObserver } from './terminal.ts';

const EXAMPLES = `
Examples:
  splitbrain replay store/latest                       the newest run once more, and whether its history is the same
  splitbrain replay repro.json --trace                 every message in trace.jsonl, and as a diagram in report.html
  splitbrain replay repro.json --times 100             how often it fails: in the simulator always, or never
  splitbrain replay repro.json --runtime docker        the same operations and faults in containers, five times

What can be repeated: a run of the simulator (a directory of "test --runtime sim" or "explore", or a repro.json), to the
byte. Of a run in containers or processes the operations of its history and the faults of its schedule are done again, in
the simulator unless --runtime says otherwise; its messages and delays are not on record. Other runtimes have none of
the simulator's settings (loss, delays, slow disks), and faults that aim at the leader are aimed anew.

Exit codes: 1 a run was invalid; 2 none was, and the verdict on one is unknown; 0 all were valid, so the violation did
            not show; 254 bad usage or configuration, 255 the harness failed.`;

/** How often it is done again on a runtime that makes something else of it each time. */
const TIMES_REAL = '5';

/** The command. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('do an earlier run again: to the byte in the simulator, or in containers')
    .argument('<run>', "a run's directory, such as store/latest, or a repro.json")
    .option('--runtime <name>', 'sim, docker or process', 'sim')
    .option(
      '--times <number>',
      `how often; once in the simulator, ${TIMES_REAL} times elsewhere unless given`,
    )
    .option(
      '--trace',
      'write every message, timer, disk write and state change; the report gets a message diagram',
    )
    .option(
      '--verify-determinism',
      'first run it twice, and exit with 254 if the runs differ, naming the first event that does',
    )
    .option('--out <directory>', 'the store in which run directories are made', 'store')
    .option('--json', 'print JSON, a line a run directory, instead of words')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: ReplayOptions) => {
      process.exitCode = await replay(path, options);
    });
}

async function replay(path: string, options: ReplayOptions): Promise<number> {
  const { findRuntime } = await import('./registry.ts');
  const runtime = findRuntime(options.runtime);
  const simulated = runtime.name === 'sim';
  const times = wholeNumber('--times', options.times ?? (simulated ? '1' : TIMES_REAL), 1);
  if (!simulated) refuseOptions(options);
  const { kitFor, readEarlier } = await import('../explore/replay.ts');
  const earlier = await readEarlier(path);
  const kit = await kitFor(earlier);
  for (const note of earlier.notes) process.stderr.write(`note: ${note}\n`);
  const { interruptibly, reapLeftovers, requireRuntime } = await import('./suite.ts');
  const { replayElsewhere, replaySimulated } = await import('./replay-runs.ts');
  const observer = terminalObserver(options.json === true);
  const say = (line: string): void => observer.phase(line);
  await requireRuntime(runtime);
  await reapLeftovers(runtime, say);
  return interruptibly(say, (signal) => {
    const all: Replay = { earlier, kit, runtime, times, options, watch: { observer, signal } };
    return simulated ? replaySimulated(all) : replayElsewhere(all);
  });
}

function refuseOptions({ runtime, trace, verifyDeterminism }: ReplayOptions): void {
  const option = trace === true ? '--trace' : verifyDeterminism === true ? '--verify-determinism' : undefined;
  if (option === undefined) return;
  throw new UsageError(`${option}: only the simulator can do that; leave out --runtime ${runtime}`);
}
