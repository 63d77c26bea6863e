/** Loaded before a program: writes the most memory that the process ever had, in MiB, to a file when it ends. */
import { writeFileSync } from 'node:fs';

/** The variable that names the file; without it nothing is written. */
export const PEAK_FILE = 'SPLITBRAIN_BENCH_PEAK';

const path = process.env[PEAK_FILE];
if (path !== undefined)
  process.on('exit', () => writeFileSync(path, String(process.resourceUsage().maxRSS / 1024)));
