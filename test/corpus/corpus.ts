/**
 * The corpus: histories that others recorded, with verdicts. It stands beside the project and is not part
 * of it, so where it is missing its tests are skipped, counted and named - never silently passed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

/** Where the corpus is; undefined when this machine has none. */
export function corpusDirectory(): string | undefined {
  return existsSync(PLACE) ? PLACE : undefined;
}

/** The rows of a folder's expected.tsv, by column; none without a corpus. */
export function expectedRows(folder: string): Record<string, string>[] {
  const path = join(PLACE, folder, 'expected.tsv');
  if (!existsSync(path)) return [];
  const [names = [], ...rows] = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  return rows.map((cells) => Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ''])));
}

/** A suite over the corpus; without one its tests are pending and a line says why. */
export function describeCorpus(
  title: string,
  tests: Readonly<Record<string, (directory: string) => void | Promise<void>>>,
): void {
  const directory = corpusDirectory();
  const names = Object.keys(tests);
  describe(title, () => {
    if (directory === undefined) {
      before(
        () => void process.stdout.write(`    corpus not found at ${PLACE}: ${names.length} tests skipped\n`),
      );
    }
    for (const [name, test] of Object.entries(tests)) {
      if (directory === undefined) it.skip(name);
      else it(name, () => test(directory));
    }
  });
}
