/**
 * What goes wrong around containers, and what a person is told.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerEngine, findEngine } from '../../../harness/cluster/docker/engine.ts';
import { freePort } from '../../../harness/cluster/docker/ports.ts';
import { dockerRuntime } from '../../../harness/cluster/docker/runtime.ts';
import { messageOf } from '../../../harness/errors.ts';
import { requireDocker } from './engine.ts';
import { notebooks, remainsOf } from './fixture.ts';

/** Stands between a cluster and its engine, and can stop answering or go away. */
class EngineProxy implements AsyncDisposable {
  readonly address: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer({ pauseOnConnect: true }, (socket) => {
    this.#accept(socket);
  });
  readonly #target: string;
  #silent = false;

  constructor(target: DockerEngine) {
    this.#target = target.address.replace('unix://', '');
    const path = join(this.#directory, 'docker.sock');
    this.address = `unix://${path}`;
    this.#server.listen(path);
  }

  /** Goes on accepting, and never answers; or answers again. */
  silence(silent: boolean): void {
    this.#silent = silent;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    this.#keep(socket);
    if (this.#silent) return;
    const onward = this.#keep(connect(this.#target));
    socket.pipe(onward).pipe(socket);
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

describe('docker failures', () => {
  before(requireDocker);

  it('should say which node ended, how and with what last words', async () => {
    await using fixture = notebooks(['n1'], { mode: 'fails' });
    const start = performance.now();
    await assert.rejects(fixture.cluster.start(), (error) => {
      assert.match(messageOf(error), /Node n1: its program ended with exit code [1-9]\d*/);
      assert.match(messageOf(error), /the notebook is lost/);
      return true;
    });
    assert.ok(performance.now() - start < 15_000, 'seen from the container, not from a deadline');
  });

  it('should choose another port when the chosen one is taken meanwhile', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const taken = (blocker.address() as AddressInfo).port;
    const ports = [taken];
    const pickPort = (): Promise<number> => Promise.resolve(ports.shift()).then((port) => port ?? freePort());
    await using fixture = notebooks(['n1'], {}, { pickPort });
    await fixture.cluster.start();
    assert.deepEqual(ports, [], 'the taken port was tried');
    assert.notEqual(fixture.cluster.endpoint('n1'), `http://127.0.0.1:${taken}`);
    assert.equal((await fixture.cluster.call('n1', 'read', {}, 2000)).kind, 'answer');
    blocker.close();
  });

  it('should give up with the ports it tried when every one is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const taken = (blocker.address() as AddressInfo).port;
    await using fixture = notebooks(['n1'], {}, { pickPort: () => Promise.resolve(taken) });
    await assert.rejects(fixture.cluster.start(), {
      name: 'HarnessError',
      message: new RegExp(`Node n1: ports ${taken}, .* were all taken`),
    });
    blocker.close();
  });

  it('should turn the silence of an engine into an error, say what stays, and clean up when it is back', async () => {
    const engine = findEngine();
    await using proxy = new EngineProxy(engine);
    await using fixture = notebooks(['n1'], {}, { engine: new DockerEngine(proxy.address, 2000) });
    const { cluster, plan } = fixture;
    await cluster.start();
    assert.equal(await cluster.state('n1'), 'running');
    proxy.silence(true);
    const stopped = {
      name: 'HarnessError',
      message: /Docker engine stopped answering at unix:.*asked to kill node n1/,
    };
    await assert.rejects(cluster.kill('n1'), stopped);
    await assert.rejects(cluster.stop(), {
      name: 'HarnessError',
      message: /Could not remove everything of run .*the next start does/,
    });
    assert.equal((await remainsOf(engine, plan.runId)).length, 3);
    proxy.silence(false);
    await cluster.stop();
    assert.deepEqual(await remainsOf(engine, plan.runId), []);
  });

  it('should say what to do when no engine answers', async () => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
    try {
      const availability = await dockerRuntime.probe();
      assert.equal(availability.available, false);
      assert.match(availability.detail, /ENOENT \/nowhere\/docker.sock/);
      assert.match(availability.remedy, /start the engine that DOCKER_HOST names .* or unset it/);
      await using fixture = notebooks(['n1']);
      await assert.rejects(fixture.cluster.start(), {
        name: 'HarnessError',
        message: /Docker engine does not answer at unix:\/\/\/nowhere/,
      });
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
    assert.equal((await dockerRuntime.probe()).available, true);
  });
});
