/** What readers make of histories: ours when they are torn, other people's when they leave things out. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { holdsHistory, parseHistory, readHistory } from '../../../harness/history/read.ts';
import { HistorySource } from '../../../harness/history/source.ts';
import { completion, invocation, jsonl, refusal } from './samples.ts';

describe('reading histories', () => {
  it('should leave out a torn last line and say so', () => {
    const whole = jsonl(invocation, completion);
    for (let length = invocation.length + 2; length < whole.length - 2; length++) {
      const { history, notes } = parseHistory(whole.slice(0, length), 'h');
      assert.equal(history.length, 1);
      assert.match(notes.join(), /^line 2 is torn/);
    }
    assert.deepEqual(parseHistory(whole, 'h').notes, []);
    assert.equal(parseHistory(whole.trimEnd(), 'h').history.length, 2);
    assert.match(refusal(invocation.slice(0, 20)), /^h: holds no operations \(line 1 is torn/);
  });

  it('should take what Jepsen leaves out from positions and invocations', () => {
    const text =
      '[{:process 3 :type :invoke :f :cas :value [1 2]} {:process 3 :type :info :f :cas :error :timeout}]';
    const { history, notes } = parseHistory(text, 'h');
    assert.deepEqual(history, [
      { index: 0, time: 0, process: 3, type: 'invoke', f: 'cas', value: [1, 2] },
      { index: 1, time: 1, process: 3, type: 'info', f: 'cas', value: [1, 2], error: 'timeout' },
    ]);
    assert.deepEqual(notes, ['not every entry has a time: positions stand for nanoseconds']);
  });

  it('should take value and key of a tuple over from the invocation', () => {
    const text = '[{:process 3 :type :invoke :f :put :value [1 2]} {:process 3 :type :fail :f :put}]';
    const { history } = parseHistory(text, 'h', { independent: true });
    assert.deepEqual(
      history.map(({ key, value }) => [key, value]),
      [
        [1, 2],
        [1, 2],
      ],
    );
  });

  it('should not give a read the value that its invocation had', () => {
    const text = '[{:process 3 :type :invoke :f :take :value 1} {:process 3 :type :ok :f :take}]';
    assert.deepEqual(
      parseHistory(text, 'h').history.map(({ value }) => value),
      [1, null],
    );
  });

  it('should let processes of others go on after an info, and say so', () => {
    const entry = (type: string): string => `{:process 1 :time 1 :type :${type} :f :read}`;
    const text = ['invoke', 'info', 'invoke', 'ok'].map(entry).join('\n');
    assert.match(parseHistory(text, 'h').notes.join(), /go on after an info/);
    assert.deepEqual(parseHistory(text.replace('info', 'ok'), 'h').notes, []);
  });

  it('should take a history without processes as one of process 0', () => {
    const text = '[{"type":"invoke","f":"read"},{"type":"ok","f":"read","value":1}]';
    const { history, notes } = parseHistory(text, 'h');
    assert.deepEqual(
      history.map(({ process }) => process),
      [0, 0],
    );
    assert.match(notes.join(), /no entry has a process/);
    assert.match(
      refusal(text.replace('"type":"ok"', '"process":1,"type":"ok"')),
      /expected none, as in the entries before, got 1$/,
    );
  });

  it('should read tagged operations in a tagged vector with comments, at their lines', () => {
    const text =
      '; a test\n#jepsen.history.DenseHistory [\n#jepsen.history.Op{:process :nemesis, :type :info, :f :start, :time 4} #_{:x 1}\n';
    const op = '#jepsen.history.Op{:process 0, :type :TYPE, :f :read, :time 4, :value #{3 :a}}]';
    const [nemesis, read] = parseHistory(text + op.replace('TYPE', 'invoke'), 'h').history;
    assert.equal(nemesis?.process, 'nemesis');
    assert.deepEqual(read?.value, { $set: [3, 'a'] });
    assert.match(refusal(text + op.replace('TYPE', 'ok')), /^h:4: process 0 completes read/);
  });

  it('should name the line of an operation in JSON laid out over lines', () => {
    const entries = [
      { process: 0, type: 'invoke', f: 'read', value: '{"[' },
      { process: 0, type: 'none', f: 'read' },
    ];
    assert.match(refusal(JSON.stringify(entries, null, 2)), /^h:8: field "type": .*got "none"$/);
  });

  it('should keep integers apart that a number would make equal', () => {
    const json = (value: string): string => `{"process":0,"type":"invoke","f":"write","value":${value}}`;
    const edn = (value: string): string => `{:process 0 :type :invoke :f :write :value ${value}}`;
    for (const text of [json, edn]) {
      const read = (value: string): unknown => parseHistory(text(value), 'h').history[0]?.value;
      assert.notDeepEqual(read('9007199254740993'), read('9007199254740992'));
      assert.equal(read('9007199254740991'), 9007199254740991);
      assert.equal(read('100000000000000000000'), 1e20);
      assert.equal(read('0.1234567890123456'), 0.1234567890123456);
    }
  });

  it('should read the lines of the nemesis in etcd logs, and pass over other loggers', () => {
    const text = [
      'INFO  jepsen.core - Everything is set up',
      'INFO  jepsen.util - :nemesis\t:info\t:start\tCut off {:n1 #{:n2}}',
      'INFO  jepsen.util - :nemesis\t:info\t:stop\t{:healed [1 2]}',
      'INFO  jepsen.util - 7     :invoke :cas    [1 2]',
      'INFO  jepsen.util - 7     :info   :cas    :timed-out',
    ].join('\n');
    const { history, notes } = parseHistory(text, 'h');
    assert.deepEqual(
      history.map(({ value }) => value),
      ['Cut off {:n1 #{:n2}}', { healed: [1, 2] }, [1, 2], [1, 2]],
    );
    assert.deepEqual(
      history.map(({ process }) => process),
      ['nemesis', 'nemesis', 7, 7],
    );
    assert.equal(history[3]?.error, 'timed-out');
    assert.equal(notes.at(-1), 'lines of other loggers were passed over: 1');
  });

  it('should decode lines in blocks without losing or cutting one', () => {
    const text = 'ä\n\nbcd\r\nlängere Zeile\nend';
    for (let block = 1; block < 30; block++) {
      assert.deepEqual([...new HistorySource('h', Buffer.from(text), block).lines()], text.split('\n'));
      assert.deepEqual(
        [...new HistorySource('h', Buffer.from(`${text}\n`), block).lines()],
        text.split('\n'),
      );
    }
  });
});

describe('history files', () => {
  let directory = '';
  before(() => void (directory = mkdtempSync(join(tmpdir(), 'splitbrain-history-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('should read a file, gzip or not, with or without a byte order mark', async () => {
    const text = jsonl(invocation, completion);
    const contents = { plain: text, gzip: gzipSync(text), marked: `\ufeff${text}` };
    for (const [name, content] of Object.entries(contents)) {
      const path = join(directory, name);
      writeFileSync(path, content);
      assert.equal((await readHistory(path)).history.length, 2, name);
      assert.equal(parseHistory(Buffer.from(content), name).history.length, 2, name);
      assert.equal(await holdsHistory(path), true, name);
    }
  });

  it('should say what is wrong with a file that cannot be read', async () => {
    const damaged = join(directory, 'damaged.gz');
    writeFileSync(damaged, gzipSync(jsonl(invocation)).subarray(0, 30));
    await assert.rejects(readHistory(damaged), /UsageError: .*damaged\.gz: damaged gzip data/);
    await assert.rejects(
      readHistory(join(directory, 'none')),
      /UsageError: cannot read .*none: there is no such file/,
    );
    await assert.rejects(
      readHistory(directory),
      /UsageError: cannot read .*: it is a directory; name the history in it/,
    );
  });
});
