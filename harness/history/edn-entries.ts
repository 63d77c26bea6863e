/**
 * The entries of a history in EDN: maps one after another, or the elements of one big vector or list, tagged or not.
 * Either way only the entry that is being read is held, so that both can be streamed.
 */
import type { Json } from '../json.ts';
import { EdnReader } from './edn-reader.ts';
import type { HistoryParser } from './format.ts';
import type { SourceName, TextBlock } from './source.ts';

/** Finds entries, and hands each to `add` with the line on which it begins. */
export class EdnEntries implements HistoryParser {
  readonly #source: SourceName;
  readonly #add: (entry: Json, line: number) => void;
  /** Text that was not read yet, because it ends within an entry; and how much there must be to try again. */
  #held = '';
  #wanted = 0;
  /** Lines before the text. */
  #linesBefore = 0;
  /** What closes the collection that holds the entries; `none` if they stand for themselves. */
  #close: ']' | ')' | 'none' | 'closed' | undefined;
  #openLine = 1;

  constructor(source: SourceName, add: (entry: Json, line: number) => void) {
    this.#source = source;
    this.#add = add;
  }

  take({ text, torn }: TextBlock): void {
    this.#held += torn ? text : `${text}\n`;
    // To begin an entry anew with each block would take quadratic time where it spreads over many.
    if (this.#held.length < this.#wanted) return;
    this.#read(false);
    this.#wanted = 2 * this.#held.length;
  }

  end(): void {
    this.#read(true);
    if (this.#close !== ']' && this.#close !== ')') return;
    throw this.#source.malformed(this.#openLine, `expected a closing ${this.#close}: it is never closed`);
  }

  #read(last: boolean): void {
    const text = this.#held;
    const before = this.#linesBefore;
    const reader = new EdnReader(text, (line, message) => this.#source.malformed(before + line, message));
    const lines = new LineCounter(text);
    let [read, linesRead] = [0, 0];
    const step = (): boolean => {
      const start = reader.skip();
      if (start >= text.length) return false;
      const line = before + lines.at(start);
      if (this.#close === undefined) {
        this.#openLine = line;
        this.#close = reader.enter() ?? 'none';
      } else if (this.#close === 'closed') {
        throw this.#source.malformed(line, 'expected nothing after the collection of operations');
      } else if (this.#close !== 'none' && reader.accept(this.#close)) {
        this.#close = 'closed';
      } else this.#add(reader.form(), line);
      return true;
    };
    try {
      do {
        read = reader.position;
        linesRead = lines.at(read) - 1;
      } while (step());
    } catch (error) {
      if (last || !reader.unfinished) throw error;
    }
    this.#linesBefore += linesRead;
    this.#held = text.slice(read);
  }
}

/** Finds the lines of positions, which are asked for in ascending order. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #lineEnd: number;

  constructor(text: string) {
    this.#text = text;
    this.#lineEnd = text.indexOf('\n');
  }

  at(position: number): number {
    while (this.#lineEnd !== -1 && this.#lineEnd < position) {
      this.#line += 1;
      this.#lineEnd = this.#text.indexOf('\n', this.#lineEnd + 1);
    }
    return this.#line;
  }
}
