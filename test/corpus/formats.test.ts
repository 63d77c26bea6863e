/**
 * Every history of the corpus is recognised and read whole: the operations that a file holds, counted in
 * other ways (lines of text, the counts in expected.tsv), are the operations that come out.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isClient, pairCalls, type History } from '../../harness/history/operation.ts';
import { formatHistory, parseHistory, readHistory } from '../../harness/history/read.ts';
import { describeCorpus, expectedRows } from './corpus.ts';

function files(directory: string, ending: string): string[] {
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(ending),
  );
  assert.ok(found.length > 0, `no ${ending} files in ${directory}`);
  return found.map((name) => join(directory, name));
}

function linesWith(path: string, text: string): number {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.includes(text)).length;
}

/** As expected.tsv of knossos counts: what happened, and what may have happened and changed something. */
function knossosCounts(history: History): { ops: number; crashed: number } {
  const calls = pairCalls(history);
  const done = calls.filter(({ completion }) => completion?.type === 'ok').length;
  const open = calls.filter(({ completion }) => completion === undefined || completion.type === 'info');
  const crashed = open.filter(({ invoke }) => invoke.f !== 'read').length;
  return { ops: done + crashed, crashed };
}

describeCorpus('corpus formats', {
  'should read every etcd log of porcupine': async (directory) => {
    for (const path of files(join(directory, 'porcupine/jepsen'), '.log')) {
      const { history, format } = await readHistory(path);
      assert.equal(format, 'etcd-log', path);
      assert.equal(history.length, linesWith(path, 'jepsen.util'), path);
      const lost = history.filter(({ error }) => error === 'timed-out').length;
      assert.equal(lost, linesWith(path, ':timed-out'), path);
    }
  },
  'should read every key-value log of porcupine': async (directory) => {
    for (const path of files(join(directory, 'porcupine/kv'), '.txt')) {
      const { history, format } = await readHistory(path);
      assert.equal(format, 'porcupine-kv', path);
      assert.equal(history.length, linesWith(path, ':process'), path);
      assert.equal(pairCalls(history).length, linesWith(path, ':type :invoke'), path);
      assert.ok(
        history.every(({ key }) => typeof key === 'string'),
        path,
      );
    }
  },
  'should read every history of knossos with the recorded counts': async (directory) => {
    const rows = expectedRows('knossos');
    assert.ok(rows.length > 0);
    for (const { file = '', ops, crashed } of rows) {
      const { history, format } = await readHistory(join(directory, 'knossos', file));
      assert.equal(format, 'jepsen-json', file);
      assert.deepEqual(knossosCounts(history), { ops: Number(ops), crashed: Number(crashed) }, file);
    }
  },
  'should read every other history of Jepsen and Elle': async (directory) => {
    for (const folder of ['jepsen-checkers', 'elle', 'knossos']) {
      for (const path of files(join(directory, folder), '.json')) {
        const { history, format } = await readHistory(path);
        assert.equal(format, 'jepsen-json', path);
        assert.equal(history.length, linesWith(path, '"type":'), path);
      }
    }
  },
  'should read EDN transactions without index, time and function': async (directory) => {
    const path = join(directory, 'transactions/ellecli-list-append-gh-30.edn');
    const { history, format, notes } = await readHistory(path);
    assert.equal(format, 'jepsen-edn');
    assert.equal(history.length, linesWith(path, ':type'));
    assert.ok(history.every(({ f }) => f === 'txn'));
    assert.equal(notes.length, 3, notes.join('; '));
  },
  'should read every transaction in the text of Plume, and write it again': async (directory) => {
    for (const { file = '', format, txns } of expectedRows('transactions')) {
      if (format !== 'plume-text') continue;
      const read = await readHistory(join(directory, 'transactions', file));
      assert.equal(read.format, 'plume', file);
      assert.equal(pairCalls(read.history).length, Number(txns), file);
      const again = parseHistory(formatHistory(read.history, 'plume'), file);
      assert.deepEqual(again.history, read.history, file);
    }
  },
  'should give the same clients after writing any of them as EDN and as JSON': async (directory) => {
    for (const path of files(join(directory, 'jepsen-checkers'), '.json')) {
      const { history } = await readHistory(path);
      for (const name of ['jepsen-edn', 'jepsen-json'] as const) {
        const again = parseHistory(formatHistory(history, name), path);
        assert.equal(again.format, name, path);
        assert.deepEqual(again.history.filter(isClient), history.filter(isClient), `${name} of ${path}`);
      }
    }
  },
});
