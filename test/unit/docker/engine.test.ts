/**
 * The engine's client: where it looks, and what it makes of answers, refusals and silence.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerEngine, EngineError, findEngine, isRefusal } from '../../../harness/cluster/docker/engine.ts';

const TIMEOUT_MS = 200;

describe('docker engine', () => {
  let directory: string;
  let server: Server;
  let host: string | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
    host = process.env['DOCKER_HOST'];
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
    if (host === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = host;
  });

  async function engineThat(answer: RequestListener): Promise<DockerEngine> {
    const path = join(directory, 'docker.sock');
    server = createServer(answer).listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    return new DockerEngine(`unix://${path}`, TIMEOUT_MS);
  }

  it('should tell its version', async () => {
    const engine = await engineThat((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"Version":"20.10.24","Arch":"arm64","KernelVersion":"6.1"}');
    });
    assert.deepEqual(await engine.version(), { version: '20.10.24', architecture: 'arm64', kernel: '6.1' });
  });

  it("should give a refusal its status and the engine's words", async () => {
    const engine = await engineThat((_, response) => {
      response.writeHead(409, { 'content-type': 'application/json' }).end('{"message":"it is paused"}');
    });
    await assert.rejects(engine.version(), (error) => {
      assert.ok(error instanceof EngineError);
      assert.deepEqual([isRefusal(error, 409), isRefusal(error, 404)], [true, false]);
      assert.equal(error.message, 'Docker refused to tell its version: it is paused');
      return true;
    });
  });

  it('should end a request that nobody answers, and one that begins and never ends', async () => {
    let requests = 0;
    const engine = await engineThat((_, response) => {
      if (++requests > 1) response.writeHead(200).write('{"Version":');
    });
    for (let attempt = 0; attempt < 2; attempt++) {
      const start = performance.now();
      await assert.rejects(engine.version(), (error) => {
        assert.ok(error instanceof EngineError && error.status === undefined);
        assert.match(error.message, /Docker engine does not answer at unix:.*asked to tell its version/);
        return true;
      });
      assert.ok(performance.now() - start < 10 * TIMEOUT_MS);
    }
    assert.equal(requests, 2);
  });

  it('should look where DOCKER_HOST says, and complain about one that cannot be read', async () => {
    await engineThat((_, response) => response.end());
    process.env['DOCKER_HOST'] = 'unix:///somewhere/docker.sock';
    assert.equal(findEngine().address, 'unix:///somewhere/docker.sock');
    process.env['DOCKER_HOST'] = 'tcp://in valid';
    assert.throws(() => findEngine(), {
      name: 'UsageError',
      message: /DOCKER_HOST is "tcp:\/\/in valid"; expected/,
    });
  });
});
