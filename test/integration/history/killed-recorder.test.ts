/**
 * A harness that is killed in the middle of recording: a real process records and acknowledges every
 * invocation on its standard output, as the client loop would by sending the request, until SIGKILL.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '../../../harness/history/read.ts';

const RECORDER = new URL('../../../harness/history/recorder.ts', import.meta.url).href;
const CHILD = `
  import { writeSync } from 'node:fs';
  import { openRecorder } from ${JSON.stringify(RECORDER)};
  const recorder = openRecorder(process.argv[1]);
  for (let time = 0; ; time++) {
    const entry = { time, process: time % 10, f: 'write', value: 'x'.repeat(time % 500) };
    const { index } = recorder.record({ ...entry, type: 'invoke' });
    writeSync(1, index + '\\n');
    recorder.record({ ...entry, type: 'ok' });
  }
`;

describe('recorder in a process that is killed', () => {
  let directory = '';
  before(() => void (directory = mkdtempSync(join(tmpdir(), 'splitbrain-killed-'))));
  after(() => rmSync(directory, { recursive: true }));

  for (const bytes of [1, 20_000, 60_000]) {
    it(`should leave a readable file with every acknowledged invocation, killed after ${bytes} bytes of them`, async () => {
      const path = join(directory, `${bytes}.jsonl`);
      const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let acknowledged = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        acknowledged += text;
        if (acknowledged.length >= bytes) child.kill('SIGKILL');
      });
      const [, signal] = (await once(child, 'close')) as [number | null, string | null];
      assert.equal(signal, 'SIGKILL');

      const { history } = await readHistory(path);
      const last = Number(acknowledged.slice(0, acknowledged.lastIndexOf('\n')).split('\n').at(-1));
      assert.ok(history.length > last, `acknowledged ${last}, but the file ends at ${history.length - 1}`);
      assert.equal(history[last]?.type, 'invoke');
    });
  }
});
