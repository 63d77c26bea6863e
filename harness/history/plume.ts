/**
 * Plume's text for transactions, which PolySI, AWDIT and others read and write too: `w(key,value,session,txn)` and
 * `r(key,value,session,txn)`, one a line. Lines of one session with the same number, one after another, are a transaction;
 * -1 stands for aborted ones. Value 0 is what a key holds before it is written, so it is nil here.
 *
 * There are no times: sessions are sequential, and nothing is said of what one did before another. The order in which
 * entries are read is therefore only some order that agrees with the sessions. Transactions whose outcome nobody knows
 * cannot be written, nor the nemesis; aborted ones of a session that follow each other are read as one.
 */
import { UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { HistoryBuilder } from './builder.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import { pairCalls, type Call, type History } from './operation.ts';
import type { TextBlock } from './source.ts';

const LINE = /^\s*([rw])\((-?\d+),\s*(-?\d+),\s*(\d+),\s*(-1|\d+)\)\s*$/;
const ABORTED = '-1';
const INITIAL = '0';

type MicroOperation = readonly [f: 'r' | 'w', key: Json, value: Json];

interface Transaction {
  readonly session: number;
  readonly txn: string;
  readonly line: number;
  readonly operations: MicroOperation[];
}

class PlumeParser implements HistoryParser {
  readonly #builder: HistoryBuilder;
  /** The transaction that may still go on. */
  #open: Transaction | undefined;
  /** On which lines transactions began. */
  readonly #lines = new Map<string, number>();
  #line = 0;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
  }

  take({ text }: TextBlock): void {
    for (const line of text.split('\n')) {
      this.#line += 1;
      if (line.trim() !== '') this.#parse(line);
    }
  }

  end(): void {
    if (this.#open !== undefined) this.#add(this.#open);
  }

  #parse(line: string): void {
    const match = LINE.exec(line);
    if (match === null) {
      const got = line.slice(0, 60);
      throw this.#malformed(`expected r(key,value,session,txn) or w(key,value,session,txn), got ${got}`);
    }
    const [, f, key = '', value = '', session = '', txn = ''] = match;
    const { operations } = this.#transaction(Number(session), txn);
    operations.push([f === 'r' ? 'r' : 'w', exact(key), value === INITIAL ? null : exact(value)]);
  }

  #transaction(session: number, txn: string): Transaction {
    const open = this.#open;
    if (open?.session === session && open.txn === txn) return open;
    if (open !== undefined) this.#add(open);
    const earlier = this.#lines.get(txn);
    if (earlier !== undefined) {
      throw this.#malformed(
        `transaction ${txn} began on line ${earlier}: expected its lines one after another, in one session`,
      );
    }
    if (txn !== ABORTED) this.#lines.set(txn, this.#line);
    this.#open = { session, txn, line: this.#line, operations: [] };
    return this.#open;
  }

  #add({ session, txn, line, operations }: Transaction): void {
    const asked = operations.map(([f, key, value]) => [f, key, f === 'r' ? null : value]);
    this.#builder.add({ process: session, type: 'invoke', f: 'txn', value: asked }, line);
    const type = txn === ABORTED ? 'fail' : 'ok';
    this.#builder.add({ process: session, type, f: 'txn', value: operations }, line);
  }

  #malformed(message: string): UsageError {
    return this.#builder.source.malformed(this.#line, message);
  }
}

/** The integer, or its text where a number would round it and so make two of them equal. */
function exact(digits: string): Json {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

function write(history: History): string {
  let committed = 0;
  const lines = pairCalls(history).flatMap((call) => {
    const aborted = call.completion?.type === 'fail';
    return linesOf(call, aborted ? ABORTED : String(committed++));
  });
  return lines.map((line) => `${line}\n`).join('');
}

function linesOf({ invoke, completion }: Call, txn: string): string[] {
  const { index, process, f } = invoke;
  if (completion?.type !== 'ok' && completion?.type !== 'fail') {
    throw refused(`nobody knows how operation ${index} ended`);
  }
  const { value } = completion;
  if (f !== 'txn' || !Array.isArray(value)) throw refused(`operation ${index} is ${f}`);
  return (value as readonly Json[]).map((item) => {
    const [kind, key = null, held = null] = Array.isArray(item) ? (item as readonly Json[]) : [];
    const letter = kind === 'r' || kind === 'read' ? 'r' : kind === 'w' || kind === 'write' ? 'w' : undefined;
    if (letter === undefined || !isInteger(key) || !(held === null || (isInteger(held) && held !== 0))) {
      throw refused(`operation ${index} does ${JSON.stringify(item)}`);
    }
    return `${letter}(${key},${held ?? INITIAL},${process},${txn})`;
  });
}

function isInteger(value: Json): value is number | string {
  return typeof value === 'string' ? /^-?\d{16,}$/.test(value) : Number.isSafeInteger(value);
}

function refused(what: string): UsageError {
  return new UsageError(
    `plume holds transactions that committed or aborted, of reads and writes of integers other than 0 under integer keys; ${what}: write jepsen-edn instead`,
  );
}

/** Plume's text. */
export const plume = {
  name: 'plume',
  summary: 'transactions as Plume writes them: `r|w(key,value,session,txn)`, one a line',
  dialect: 'foreign',
  timeless: true,
  detect: (head) => /^\s*[rw]\(-?\d+,\s*-?\d+,\s*\d+,\s*(-1|\d+)\)\s*(\n|$)/.test(head),
  parser: (builder): HistoryParser => new PlumeParser(builder),
  write,
} as const satisfies HistoryFormat;
