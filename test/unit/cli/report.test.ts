/** `splitbrain report`: what it writes, what it prints, what it refuses. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportCommand } from '../../../harness/cli/report.ts';
import { UsageError } from '../../../harness/errors.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

describe('splitbrain report', () => {
  let directory = '';

  beforeEach(() => {
    const { plan, results, history } = sampleRecord({ valid: true, operations: 100 });
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-report-'));
    writeFileSync(join(directory, 'test.json'), JSON.stringify(plan));
    writeFileSync(join(directory, 'results.json'), JSON.stringify(results));
    writeFileSync(
      join(directory, 'history.jsonl'),
      history.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
    );
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const run = (...args: string[]): Promise<unknown> => reportCommand().parseAsync(args, { from: 'user' });
  const written = (): string[] =>
    ['report.html', 'junit.xml'].filter((file) => existsSync(join(directory, file)));

  it('should write all reports', async () => {
    await quietly(() => run(directory));
    assert.deepEqual(written(), ['report.html', 'junit.xml']);
  });

  it('should write only those that are asked for, and print their paths', async () => {
    const printed = await quietly(() => run(directory, '--format', 'junit'));
    assert.deepEqual(written(), ['junit.xml']);
    assert.equal(printed, `${join(directory, 'junit.xml')}\n`);
  });

  it('should say where the page is when nothing here can open it', async () => {
    const { PATH } = process.env;
    const write = process.stderr.write.bind(process.stderr);
    let said = '';
    process.env['PATH'] = directory;
    process.stderr.write = (text: string | Uint8Array): boolean => {
      said += String(text);
      return true;
    };
    try {
      await quietly(() => run(directory, '--open'));
    } finally {
      process.stderr.write = write;
      process.env['PATH'] = PATH;
    }
    assert.match(said, /note: \S+ cannot open the page here; open \S+report\.html yourself/);
  });

  it('should refuse an unknown report, a directory that is no run, and --open without a page', async () => {
    const cases: [args: string[], expected: RegExp][] = [
      [[directory, '--format', 'pdf'], /--format: there is no report "pdf"; there are html, junit/],
      [[join(directory, 'nowhere')], /not the directory of a run/],
      [[directory, '--format', 'junit', '--open'], /--open: only a page can be opened/],
    ];
    for (const [args, expected] of cases) {
      await assert.rejects(
        run(...args),
        (error) => error instanceof UsageError && expected.test(error.message),
      );
    }
    assert.deepEqual(written(), []);
  });
});

/** What the action prints to standard output, instead of printing it. */
async function quietly(action: () => Promise<unknown>): Promise<string> {
  const write = process.stdout.write.bind(process.stdout);
  let printed = '';
  process.stdout.write = (text: string | Uint8Array): boolean => {
    printed += String(text);
    return true;
  };
  try {
    await action();
  } finally {
    process.stdout.write = write;
  }
  return printed;
}
