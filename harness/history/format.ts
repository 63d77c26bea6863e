/**
 * The contract of a history format: recognise, parse, write. One format is one file with one of these and
 * one line in the registry (read.ts).
 */
import type { Operation, History } from './operation.ts';
import type { HistorySource } from './source.ts';

/** How entries are read or written, whatever the format. */
export interface FormatOptions {
  /**
   * Clients' values are Jepsen's independent tuples: reading splits each `[k, v]` into key and value,
   * writing joins them. Without it a tuple stays a value, and a key has a field of its own.
   */
  readonly independent?: boolean;
}

/** What came out of parsing. */
export interface ParsedHistory {
  readonly history: Operation[];
  /** What a reader should know: a torn last line, times that were made up, … One sentence each. */
  readonly notes: string[];
}

/** A format of history files. */
export interface HistoryFormat {
  /** What `--format` calls it. */
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Whether a file that begins like this is one. */
  detect(head: string): boolean;
  /** Reads it whole. Throws a UsageError that names file, line and field, and says what was expected. */
  parse(source: HistorySource, options: FormatOptions): ParsedHistory;
  /** The text of a file. Throws a UsageError for what the format cannot express. */
  write(history: History, options: FormatOptions): string;
}

/** An operation's value as it is written: with the key, if independent tuples are asked for. */
export function writtenValue({ key, value }: Operation, options: FormatOptions): Operation['value'] {
  return options.independent === true && key !== undefined ? [key, value] : value;
}
