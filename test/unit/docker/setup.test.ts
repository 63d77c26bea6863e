/**
 * Starting a daemon that outlives whoever started it, with a stand-in for dockerd.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerEngine } from '../../../harness/cluster/docker/engine.ts';
import { startDaemon } from '../../../harness/cluster/docker/setup.ts';

/** Answers as an engine does when asked for its version, and leaves its process id beside its socket. */
const DAEMON = `
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const socket = process.argv[2];
writeFileSync(socket + '.pid', String(process.pid));
console.log('daemon ready');
createServer((_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ Version: '1.2.3', Arch: 'amd64', KernelVersion: '6' }));
}).listen(socket);
`;

describe('docker setup', () => {
  let directory: string;
  let socket: string;
  let log: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
    socket = join(directory, 'docker.sock');
    log = join(directory, 'log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('should start a daemon in a session of its own, and resolve when it answers', async () => {
    const script = join(directory, 'daemon.mjs');
    writeFileSync(script, DAEMON);
    const engine = new DockerEngine(`unix://${socket}`, 1000);
    await startDaemon(engine, [process.execPath, script, socket], log);
    const pid = Number(readFileSync(`${socket}.pid`, 'utf8'));
    assert.deepEqual(await engine.version(), { version: '1.2.3', architecture: 'amd64', kernel: '6' });
    assert.match(readFileSync(log, 'utf8'), /daemon ready/);
    // Only a leader of its own group can be reached by its number as a group.
    process.kill(-pid, 'SIGTERM');
  });

  it('should show the last words of a daemon that ends at once', async () => {
    const engine = new DockerEngine(`unix://${socket}`, 1000);
    const dies = ['sh', '-c', 'echo no space for a graph driver >&2; exit 3'];
    await assert.rejects(startDaemon(engine, dies, log), {
      name: 'HarnessError',
      message: /sh: ended at once \(exit code 3\)[^]*no space for a graph driver/,
    });
  });

  it('should say so when there is no such program', async () => {
    const engine = new DockerEngine(`unix://${socket}`, 1000);
    await assert.rejects(startDaemon(engine, [join(directory, 'nothing')], log), {
      name: 'HarnessError',
      message: /could not be started: .*ENOENT/,
    });
  });
});
