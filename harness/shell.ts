/**
 * Commands that are printed to be pasted into a shell.
 */
import { relative } from 'node:path';

/** The text as one word of a POSIX shell's command. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path as it is typed in the working directory. */
export function fromHere(path: string): string {
  const short = relative('', path);
  return short === '' || short.startsWith('..') ? path : short;
}
