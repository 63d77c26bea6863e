/** Streaming gives what reading whole gives, in bounded pieces, however the text is cut and packed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { HistoryBuilder } from '../../../harness/history/builder.ts';
import type { HistoryFormat } from '../../../harness/history/format.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import {
  formatHistory,
  formats,
  holdsHistory,
  openHistory,
  parseHistory,
  readHistory,
} from '../../../harness/history/read.ts';
import { HistorySource } from '../../../harness/history/source.ts';
import { alone, history } from '../checkers/histories.ts';
import { anyJson, histories } from './histories.ts';
import { completion, invocation, jsonl } from './samples.ts';

/** Parses a text line by line, as if each were a block. */
function byLine(format: HistoryFormat, text: string): Operation[] {
  const source = new HistorySource('h', Buffer.from(text), 1);
  const builder = new HistoryBuilder(source, format.dialect, {});
  const parser = format.parser(builder);
  for (const block of source.blocks()) parser.take(block);
  parser.end();
  return builder.take();
}

/** A register's history of so many operations. */
function long(operations: number): Operation[] {
  return history(
    ...Array.from({ length: operations }, (_, count) => alone(count % 7, 'write', count)).flat(),
  );
}

describe('streaming histories', () => {
  let directory = '';
  before(() => void (directory = mkdtempSync(join(tmpdir(), 'splitbrain-stream-'))));
  after(() => rmSync(directory, { recursive: true }));

  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  const everything = { values: anyJson, keys: anyJson, errors: anyJson, times: true, nodes: true };
  const any = histories({ ...everything, nemesis: true, echo: false });
  for (const format of formats.filter(({ name }) => /^j/.test(name))) {
    it(`should parse ${format.name} however it is cut`, () => {
      fc.assert(
        fc.property(any, (made) => {
          assert.deepEqual(byLine(format, formatHistory(made, format.name)), made);
        }),
      );
      const spread = JSON.stringify(long(3), null, 2);
      if (format.name === 'jepsen-json') assert.deepEqual(byLine(format, spread), long(3));
    });
  }

  for (const { name } of formats) {
    if (name === 'porcupine-kv' || name === 'plume') continue;
    it(`should give the operations of ${name} in order and some thousand at a time`, async () => {
      const made = long(10_000);
      const path = file('long', formatHistory(made, name));
      const stream = await openHistory(path);
      assert.equal(stream.format, name);
      const sizes: number[] = [];
      const all: Operation[] = [];
      for await (const batch of stream.operations) {
        sizes.push(batch.length);
        all.push(...batch);
      }
      assert.deepEqual(all, parseHistory(formatHistory(made, name), 'h').history);
      assert.ok(Math.max(...sizes) < 15_000, String(sizes));
    });
  }

  it('should stream gzip, of several members too', async () => {
    const lines = formatHistory(long(10_000), 'jsonl');
    const middle = lines.indexOf('\n', 500_000) + 1;
    const members = [lines.slice(0, middle), lines.slice(middle)].map((part) => gzipSync(part));
    assert.equal((await readHistory(file('two.gz', Buffer.concat(members)))).history.length, 20_000);
    const damaged = gzipSync(lines).subarray(0, -1000);
    await assert.rejects(readHistory(file('damaged.gz', damaged)), /damaged\.gz: damaged gzip data/);
  });

  it('should say what is wrong where it comes to it, and have the notes at the end', async () => {
    const lines = formatHistory(long(10_000), 'jsonl');
    const stream = await openHistory(file('torn', lines.slice(0, -5)));
    let count = 0;
    for await (const batch of stream.operations) count += batch.length;
    assert.equal(count, 19_999);
    assert.match(stream.notes.join(), /^line 20000 is torn/);
    let before = 0;
    const bad = await openHistory(file('bad', lines.replace('"index":15000', '"index":15001')));
    await assert.rejects(async () => {
      for await (const batch of bad.operations) before += batch.length;
    }, /bad:15001: field "index": expected 15000, the next in order, got 15001$/);
    assert.ok(before > 0 && before <= 15_000, 'what came before was read');
  });

  it('should give entries without a time that of the one before, where there is one', () => {
    const entry = (type: string, time: string): string => `{"process":1,${time}"type":"${type}","f":"read"}`;
    const { history, notes } = parseHistory(`${entry('invoke', '"time":7,')}\n${entry('ok', '')}`, 'h');
    assert.deepEqual(history.map(({ time }) => time), [7, 7]); // prettier-ignore
    assert.match(notes.join(), /some entries have no time/);
    const timed = parseHistory(`${entry('invoke', '"time":7,')}\n${entry('ok', '"time":9,')}`, 'h');
    assert.deepEqual([timed.history.map(({ time }) => time), timed.notes], [[7, 9], []]); // prettier-ignore
  });

  it('should know histories from other files by content', async () => {
    const json = '{"process":0,"type":"invoke","f":"read"}';
    const found: readonly [content: string, holds: boolean][] = [
      [jsonl(invocation, completion), true],
      [jsonl(invocation.replace('write', '')), true],
      [`[${json}]`, true],
      [json.replaceAll(/"(\w+)":/g, ':$1 ').replace(/"invoke"/, ':invoke'), true],
      ['INFO  jepsen.util - 0\t:invoke\t:read\tnil\n', true],
      ['w(1,1,0,0)\n', true],
      [`{"name":"splitbrain","history":[${json}]}`, false],
      ['{:name "x"}', false],
      ['/**\n * INFO  jepsen.util - 0\t:invoke\t:read\tnil\n', false],
      ['', false],
    ];
    for (const [content, holds] of found) {
      assert.equal(await holdsHistory(file('some', content)), holds, content);
      assert.equal(await holdsHistory(file('some.gz', gzipSync(content))), holds, `${content}, packed`);
    }
  });
});

describe('lines of history.jsonl', () => {
  const line =
    '{"index":0,"time":50,"process":0,"type":"invoke","f":"wrä","value":["a",-1,[null]],"key":"k","node":"n"}';

  it('should be read as JSON.parse reads them, whatever one changes', () => {
    const inserted = ['', ' ', '"', '\\', '0', '-', '.', 'e', ',', '[', ']', '{', '}', '\u0001', 'ß', 'null'];
    for (let at = 0; at <= line.length; at++) {
      for (const text of inserted) {
        for (const skipped of [0, 1]) {
          const changed = line.slice(0, at) + text + line.slice(at + skipped);
          assert.deepEqual(readLine(changed), expected(changed), changed);
        }
      }
    }
  });

  function readLine(changed: string): unknown {
    try {
      return parseHistory(`${changed}\n`, 'h', { format: 'jsonl' }).history[0];
    } catch (error) {
      return String(error).includes('as JSON: ') ? 'no JSON' : 'malformed';
    }
  }

  /** By JSON.parse, with the fields that operations have. */
  function expected(changed: string): unknown {
    let entry: Partial<Record<string, unknown>>;
    try {
      entry = JSON.parse(changed) as typeof entry;
    } catch {
      return 'no JSON';
    }
    const { index, time, process, type, f, value, key, error, node } = entry;
    const whole = index === 0 && Number.isSafeInteger(time) && process === 0 && type === 'invoke';
    if (!whole || typeof f !== 'string' || f === '' || value === undefined) return 'malformed';
    if (node !== undefined && node !== null && typeof node !== 'string') return 'malformed';
    return {
      ...{ index: 0, time, process, type, f, value },
      ...(key !== undefined && { key }),
      ...(error !== undefined && error !== null && { error }),
      ...(node !== undefined && node !== null && { node }),
    };
  }
});
