/**
 * Runs mocha as a user does, in a folder where splitbrain is not installed. Without colours, also where the
 * environment asks for them, since tests read what it prints.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { colourless, ROOT, type CliResult } from './cli.ts';

/** Runs the tests of this file, in this directory. */
export function mocha(file: string, cwd: string): Promise<CliResult> {
  const args = [
    join(ROOT, 'node_modules/mocha/bin/mocha.js'),
    '--require',
    join(ROOT, 'harness/register.ts'),
    file,
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: colourless() }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
