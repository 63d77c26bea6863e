/**
 * `splitbrain faults`: which fault can be had on which runtime - by the real thing, by something of ours that acts as if, or
 * not at all.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { messageOf, UsageError } from '../errors.ts';

const EXAMPLES = `
Examples:
  splitbrain faults                                 a table for people
  splitbrain faults --json                          each kind of fault with what it needs, and how each runtime does it
  splitbrain faults --markdown                      the table as Markdown
  splitbrain faults --markdown nemesis/README.md    writes it into this file, between two marks

  native      by what would do it in production, or in the simulator's own world
  emulated    something of splitbrain's acts as if
  impossible  a test that asks for it is refused before anything starts`;

interface FaultsOptions {
  readonly json?: boolean;
  /** A file, or true for standard output. */
  readonly markdown?: string | true;
}

async function show({ json, markdown }: FaultsOptions): Promise<void> {
  const { faults, runtimes } = await import('./registry.ts');
  const { faultRows, faultsMarkdown, faultsText } = await import('./fault-table.ts');
  const rows = faultRows(faults, runtimes);
  if (typeof markdown === 'string') await writeSection(markdown, faultsMarkdown(rows, runtimes));
  else if (markdown === true) process.stdout.write(`${faultsMarkdown(rows, runtimes)}\n`);
  else if (json === true) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else process.stdout.write(`${faultsText(rows, runtimes)}\n`);
}

async function writeSection(file: string, section: string): Promise<void> {
  const { replaceSection, SECTION_MARKS } = await import('./fault-table.ts');
  let text: string | undefined;
  try {
    text = replaceSection(readFileSync(file, 'utf8'), section);
  } catch (error) {
    throw new UsageError(`--markdown: cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  if (text === undefined)
    throw new UsageError(`--markdown: ${file} has no lines ${SECTION_MARKS.join(' and ')} to write between`);
  writeFileSync(file, text);
}

/** The command. */
export function faultsCommand(): Command {
  return new Command('faults')
    .description('show which fault can be had on which runtime, and how')
    .option('--json', 'print JSON')
    .option('--markdown [file]', 'print Markdown, or write it into this file')
    .addHelpText('after', EXAMPLES)
    .action(show);
}
