/**
 * Jepsen's independent tuples: in its histories a client's value `[k, v]` may stand for the value v of the key k. Nothing in a file
 * says so, so it is an option of whoever reads or writes one.
 */
import type { Operation } from './operation.ts';

/** How entries are read or written, whatever the format. */
export interface FormatOptions {
  /**
   * Clients' values are Jepsen's independent tuples: reading splits each `[k, v]` into key and value,
   * writing joins them. Without it a tuple stays a value, and a key has a field of its own.
   */
  readonly independent?: boolean;
}

/** An operation's value as it is written: with the key, if independent tuples are asked for. */
export function writtenValue({ key, value }: Operation, options: FormatOptions): Operation['value'] {
  return options.independent === true && key !== undefined ? [key, value] : value;
}
