/**
 * The contract of a history format: recognise, parse, write. One format is one file with one of these and
 * one line in the registry (read.ts).
 *
 * Parsing goes block by block, so that a history is streamed by the same code by which it is read whole.
 */
import type { HistoryBuilder } from './builder.ts';
import type { FormatOptions } from './independent.ts';
import type { History } from './operation.ts';
import type { TextBlock } from './source.ts';

/** Parses one history. Throws a UsageError that names file, line and field, and says what was expected. */
export interface HistoryParser {
  /** Takes the next block in, and gives the builder the entries that are complete. */
  take(block: TextBlock): void;
  /** There are no more blocks. */
  end(): void;
}

/** A format of history files. */
export interface HistoryFormat {
  /** What `--format` calls it. */
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** `own`: nothing is missing and nothing is bent. `foreign`: see builder.ts. */
  readonly dialect: 'own' | 'foreign';
  /** Its histories say nothing about real time, not even by the order of their entries. */
  readonly timeless?: true;
  /** Whether a file that begins like this is one. */
  detect(head: string): boolean;
  /** A parser of one history, whose entries go to the builder. */
  parser(builder: HistoryBuilder): HistoryParser;
  /** The text of a file. Throws a UsageError for what the format cannot express. */
  write(history: History, options: FormatOptions): string;
}
