/**
 * Running programs to their end.
 */
import assert from 'node:assert/strict';
import { lastLines, runCommand } from '../../../harness/cluster/docker/command.ts';

const TIMEOUT_MS = 5000;

describe('docker command', () => {
  it('should give the exit code and all that was said', async () => {
    const result = await runCommand('sh', ['-c', 'echo "$WORD"; echo err >&2; exit 3'], {
      timeoutMs: TIMEOUT_MS,
      environment: { WORD: 'out' },
    });
    assert.equal(result.code, 3);
    assert.deepEqual(result.output.trim().split('\n').sort(), ['err', 'out']);
  });

  it('should say so when there is no such program', async () => {
    const result = await runCommand('/no/such/program', [], { timeoutMs: TIMEOUT_MS });
    assert.equal(result.code, 127);
    assert.match(result.output, /ENOENT/);
  });

  it('should end a program with its children, though the program itself waits for them', async () => {
    const stop = new AbortController();
    const start = performance.now();
    const running = runCommand('sh', ['-c', 'trap "" TERM; (trap - TERM; sleep 30); echo cleaned up'], {
      timeoutMs: TIMEOUT_MS,
      signal: stop.signal,
    });
    setTimeout(() => {
      stop.abort();
    }, 100);
    assert.match((await running).output, /cleaned up/);
    assert.ok(performance.now() - start < TIMEOUT_MS);
  });

  it('should end a program that takes too long', async () => {
    const result = await runCommand('sleep', ['30'], { timeoutMs: 100 });
    assert.equal(result.code, 124);
  });

  it('should cut a text down to its last lines', () => {
    assert.equal(lastLines('a\nb\nc\n', 2), 'b\nc');
    assert.equal(lastLines('a\n', 2), 'a');
  });
});
