/**
 * The version, read from package.json, so that it is written in one place.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** splitbrain's version. */
export function version(): string {
  // One level up from the sources, two from the build in dist/.
  const candidates = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) return 'unknown';
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
