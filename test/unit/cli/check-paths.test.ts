/** What `splitbrain check` finds to check in directories and by patterns, and what it passes over. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findJobs } from '../../../harness/cli/check-paths.ts';
import { formatHistory } from '../../../harness/history/read.ts';
import { alone, history } from '../checkers/histories.ts';

describe('what there is to check', () => {
  let root = '';
  const text = formatHistory(history(...alone(0, 'write', 1)), 'jsonl');
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'splitbrain-paths-'));
    for (const directory of ['deep/er', 'run', 'bare', '.hidden'])
      mkdirSync(join(root, directory), { recursive: true });
    const files: Readonly<Record<string, string | Uint8Array>> = {
      'b.jsonl': text,
      'a.gz': gzipSync(text),
      'expected.tsv': 'file\tverdict\n',
      'deep/er/c.log': 'INFO  jepsen.util - 0\t:invoke\t:read\tnil\n',
      'deep/package.json': '{"name":"x","type":"module"}',
      'run/test.json': '{}',
      'run/history.jsonl': text,
      'bare/notes.txt': 'nothing\n',
      '.hidden/history.jsonl': text,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
    symlinkSync('run', join(root, 'latest'));
    symlinkSync('b.jsonl', join(root, 'link.jsonl'));
  });
  after(() => rmSync(root, { recursive: true }));

  const found = async (paths: readonly string[], runs = true): Promise<unknown> => {
    const { jobs, skipped } = await findJobs(
      paths.map((path) => join(root, path)),
      runs,
    );
    return [jobs.map(({ path, kind }) => `${kind} ${path.slice(root.length + 1)}`), skipped];
  };

  it('should be every history in a directory, and every run, once', async () => {
    const rest = ['history b.jsonl', 'history deep/er/c.log', 'history link.jsonl'];
    assert.deepEqual(await found(['.']), [['history a.gz', ...rest, 'run run'], 3]);
    assert.deepEqual(await found(['.'], false), [['history a.gz', ...rest, 'history run'], 3]);
  });

  it('should be what is named, whatever that is', async () => {
    const named = ['expected.tsv', 'latest', 'none.jsonl', 'b.jsonl'];
    assert.deepEqual(await found(named), [
      ['history expected.tsv', 'run latest', 'history none.jsonl', 'history b.jsonl'],
      0,
    ]);
    const { jobs } = await findJobs(['-', join(root, 'b.jsonl')], true);
    assert.deepEqual(jobs.map(({ path, bytes }) => [path === '-', bytes]), [[true, 0], [false, text.length]]); // prettier-ignore
  });

  it('should be what a pattern matches', async () => {
    assert.deepEqual(await found(['*.{jsonl,tsv}', '**/*.log']), [
      ['history b.jsonl', 'history link.jsonl', 'history deep/er/c.log'],
      1,
    ]);
    assert.deepEqual(await found(['r*']), [['run run'], 0]);
  });

  it('should be something', async () => {
    await assert.rejects(found(['bare']), {
      name: 'UsageError',
      message: /bare: no history found \(1 file looked at\); expected one of jsonl, /,
    });
    await assert.rejects(found(['*.edn']), { message: /\*\.edn: no history found \(0 files looked at\)/ });
    assert.deepEqual(await found(['deep']), [['history deep/er/c.log'], 1]);
  });
});
