/**
 * Text logs of Jepsen's etcd test, as Porcupine and others take them: `INFO  jepsen.util - 0	:invoke	:read	nil`
 * - process, type, function, value and perhaps error, divided by blanks. Where an operation failed or nobody
 * knows, a keyword such as `:timed-out` stands in the place of the value: that is the error, and the value is
 * the invocation's. Lines of other loggers are passed over, and counted.
 *
 * The format has no times, nodes and keys, and no errors of the nemesis.
 */
import { UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { HistoryBuilder } from './builder.ts';
import { readEdn } from './edn-reader.ts';
import { writeEdn, writeKeyword } from './edn-writer.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import { writtenValue, type FormatOptions } from './independent.ts';
import type { Operation } from './operation.ts';
import type { SourceName, TextBlock } from './source.ts';

const OPERATION = /\bjepsen\.util\s*[-:]\s*(\S+)\s+:(\S+)\s+:(\S+)\s+(.*\S)/;
const LOGGED = /\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/;
const KEYWORD = /^:[^\s"]+$/;

type Fields = Readonly<Record<string, Json>>;

function parseLine(line: string, number: number, source: SourceName): Fields {
  const match = OPERATION.exec(line);
  if (match === null) {
    throw source.malformed(
      number,
      `expected "jepsen.util - process :type :function value", got ${line.slice(0, 80)}`,
    );
  }
  const [, process = '', type = '', f = '', rest = ''] = match;
  if (!/^\d+$/.test(process)) {
    return { process: process.replace(/^:/, ''), type, f, value: parseNemesisValue(rest) };
  }
  const fields = { process: Number(process), type, f };
  if ((type === 'fail' || type === 'info') && KEYWORD.test(rest)) return { ...fields, error: rest.slice(1) };
  const forms = readEdn(rest, (_, message) => source.malformed(number, `field "value": ${message}`));
  if (forms.length > 2) throw source.malformed(number, `expected a value and perhaps an error, got ${rest}`);
  return { ...fields, value: forms[0] ?? null, error: forms[1] ?? null };
}

/** One value, or else a sentence: the nemesis logs both. */
function parseNemesisValue(rest: string): Json {
  try {
    const forms = readEdn(rest, (_, message) => new SyntaxError(message));
    return forms.length === 1 ? (forms[0] ?? null) : rest;
  } catch {
    // Not EDN at all, so it is a sentence.
    return rest;
  }
}

class EtcdLogParser implements HistoryParser {
  readonly #builder: HistoryBuilder;
  #line = 0;
  #others = 0;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
  }

  take({ text }: TextBlock): void {
    for (const line of text.split('\n')) {
      this.#line += 1;
      if (line.trim() === '') continue;
      if (LOGGED.test(line) && !/\bjepsen\.util\b/.test(line)) this.#others += 1;
      else this.#builder.add(parseLine(line, this.#line, this.#builder.source), this.#line);
    }
  }

  end(): void {
    if (this.#others > 0) this.#builder.note(`lines of other loggers were passed over: ${this.#others}`);
  }
}

function writeLine(operation: Operation, options: FormatOptions): string {
  const { index, process, type, f, key, error } = operation;
  if (key !== undefined && options.independent !== true) {
    throw new UsageError(
      `etcd-log has no keys, but operation ${index} has one: write independent tuples or jepsen-edn`,
    );
  }
  if (!KEYWORD.test(writeKeyword(f))) {
    throw new UsageError(
      `etcd-log needs functions of one word, but operation ${index} is "${f}": write jepsen-edn`,
    );
  }
  const value = writeEdn(writtenValue(operation, options));
  const keyword =
    typeof error === 'string' && (type === 'fail' || type === 'info') ? writeKeyword(error) : '';
  const columns = [process === 'nemesis' ? ':nemesis' : process, `:${type}`, writeKeyword(f)];
  if (error === undefined || process === 'nemesis') columns.push(value);
  else if (keyword.startsWith(':')) columns.push(keyword);
  else columns.push(value, writeEdn(error));
  return `INFO  jepsen.util - ${columns.join('\t')}\n`;
}

/** Logs of Jepsen's etcd test. */
export const etcdLog = {
  name: 'etcd-log',
  summary: "text logs of Jepsen's etcd test: `jepsen.util - process :type :function value`",
  dialect: 'foreign',
  detect: (head) => /\bjepsen\.util\s*[-:]\s*\S+\s+:(invoke|ok|fail|info)\s/.test(head),
  parser: (builder): HistoryParser => new EtcdLogParser(builder),
  write: (history, options) => history.map((operation) => writeLine(operation, options)).join(''),
} as const satisfies HistoryFormat;
