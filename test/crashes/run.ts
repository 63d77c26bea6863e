/**
 * Kills harnesses at random moments, under all faults that there are, and looks whether the next start leaves the machine as it was.
 *
 *   npm run crashes -- [--moments 50] [--runtime process]… [--seed n]
 *
 * Prints a line for each moment, and ends with 1 if anything was left behind.
 */
import { parseArgs } from 'node:util';
import { createRandom } from '../../harness/random.ts';
import { killAfter } from './moment.ts';

/** Most moments fall within the faults, some within the start. */
const WITHIN_START = 0.15;
/** A start takes so long at most, and faults are watched for so long. */
const UP_TO_MS: Readonly<Record<string, { readonly start: number; readonly faults: number }>> = {
  process: { start: 1500, faults: 5000 },
  docker: { start: 4000, faults: 8000 },
};

const { values: options } = parseArgs({
  options: {
    moments: { type: 'string', default: '50' },
    runtime: { type: 'string', multiple: true, default: Object.keys(UP_TO_MS) },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

let failures = 0;
say(`seed ${options.seed}`);
for (const runtime of options.runtime) {
  const random = createRandom(`${options.seed}/${runtime}`);
  const { start, faults } = UP_TO_MS[runtime] ?? { start: 1500, faults: 5000 };
  let under = 0;
  let left = 0;
  for (let moment = 1; moment <= Number(options.moments); moment++) {
    const within = random.chance(WITHIN_START);
    const afterMs = Math.round(random.between(0, within ? start : faults));
    const from = within ? 'its cluster starting' : 'its cluster up';
    const seen = await killAfter(runtime, from, afterMs, `${options.seed}-${moment}`);
    if (seen.during.includes('in force,')) under++;
    if (seen.left.length > 0) left++;
    const words = seen.left.length === 0 ? 'nothing left' : `LEFT: ${seen.left.join('; ')}`;
    const when = `${afterMs} ms after ${from}`;
    say(
      [runtime.padEnd(7), String(moment).padStart(3), when.padEnd(26), seen.during.padEnd(44), words].join(
        '  ',
      ),
    );
  }
  failures += left;
  say(
    `${runtime}: killed at ${options.moments} moments, ${under} of them under faults; something was left after ${left}`,
  );
}
process.exitCode = failures === 0 ? 0 : 1;
