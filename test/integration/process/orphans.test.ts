/** What a killed harness leaves behind: nodes that end by themselves, and a paused one that the next start ends. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../../harness/cluster/owner.ts';
import { processRuntime } from '../../../harness/cluster/process/runtime.ts';
import { sleep } from '../../../harness/time.ts';

const HARNESS = fileURLToPath(new URL('../../fixtures/harness-to-kill.ts', import.meta.url));

describe('orphans of a killed harness', () => {
  let directory: string;
  let harness: ChildProcess;
  let marks: Record<string, string>;

  /** Starts a harness with nodes n1 (running) and n2 (paused), in a process of its own. */
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-orphans-'));
    harness = spawn(process.execPath, [HARNESS, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(harness.stdout);
    const [line] = (await once(harness.stdout, 'data')) as [Buffer];
    marks = (JSON.parse(line.toString()) as { nodes: Record<string, string> }).nodes;
  });

  afterEach(async () => {
    if (harness.exitCode === null && harness.signalCode === null) {
      harness.kill('SIGKILL');
      await once(harness, 'exit');
    }
    await processRuntime.reap();
    rmSync(directory, { recursive: true });
  });

  const alive = (): Record<string, boolean> =>
    Object.fromEntries(Object.entries(marks).map(([node, mark]) => [node, isAlive(mark)]));

  /** Waits until the nodes are as expected, or a deadline is over. */
  async function settled(expected: Record<string, boolean>): Promise<Record<string, boolean>> {
    const deadline = Date.now() + 3000;
    while (JSON.stringify(alive()) !== JSON.stringify(expected) && Date.now() < deadline) await sleep(10);
    return alive();
  }

  it('should leave alone what belongs to a harness that lives', async () => {
    const lines = await processRuntime.reap();
    assert.deepEqual(
      lines.filter((line) => line.includes(`orphans-${harness.pid}`)),
      [],
    );
    assert.deepEqual(alive(), { n1: true, n2: true });
  });

  it('should end running nodes with the harness, and a paused one at the next start', async () => {
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    assert.deepEqual(await settled({ n1: false, n2: true }), { n1: false, n2: true });
    const lines = await processRuntime.reap();
    assert.ok(lines.some((line) => line.includes(String(marks['n2']))));
    assert.deepEqual(await settled({ n1: false, n2: false }), { n1: false, n2: false });
    const record = join(tmpdir(), `splitbrain-${process.getuid?.()}`, `orphans-${harness.pid}.json`);
    assert.equal(existsSync(record), false);
  });
});
