/** What simulated nodes must not touch: refused by name and line, for them alone, and only while they run. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SimCluster } from '../../../../harness/cluster/sim/cluster.ts';
import { forbidden } from '../../../../harness/cluster/sim/forbidden.ts';
import { UsageError } from '../../../../harness/errors.ts';
import type { JsonObject } from '../../../../harness/json.ts';
import { moduleBeside } from '../../../../harness/module-url.ts';
import { sleep as realSleep } from '../../../../harness/time.ts';

const FIXTURE = moduleBeside(import.meta.url, '../../../fixtures/forbidden-node');
const SOURCE = readFileSync(fileURLToPath(FIXTURE), 'utf8').split('\n');

function clusterOf(nodeModule: string): SimCluster {
  const nodes = ['n1', 'n2'];
  return new SimCluster({
    runId: 'test',
    nodes,
    nodeModule,
    options: {},
    seed: '1',
    directory: '',
    progress: () => undefined,
  });
}

/** What the cluster ends with after these requests. */
async function endOf(requests: readonly (readonly [string, string, JsonObject])[]): Promise<string> {
  const cluster = clusterOf(FIXTURE);
  await cluster.start();
  for (const [node, path, body] of requests) await cluster.call(node, path, body, 1000);
  // Real time, for what is not simulated.
  await realSleep(20);
  await cluster.time.sleep(10);
  return cluster.stop().then(
    () => 'fine',
    (error: unknown) => {
      assert.ok(error instanceof UsageError);
      return error.message;
    },
  );
}

/** The calls of the fixture, each with its line. */
const calls = SOURCE.flatMap((text, index) => {
  const name = /^ {2}'(.+\(\))': \(\) =>/.exec(text)?.[1];
  return name === undefined ? [] : [{ name, line: index + 1 }];
});

describe('simulator: guard', () => {
  it('should find the calls in the fixture', () => {
    assert.ok(calls.length >= 15);
  });

  for (const { name, line } of calls) {
    it(`should refuse ${name} to a node, with its line, also if the node swallows it`, async () => {
      for (const path of ['call', 'swallow']) {
        const message = await endOf([['n2', path, { value: name }]]);
        assert.ok(
          message.startsWith(`${fileURLToPath(FIXTURE)}:${line}: n2 calls ${name}, which is `),
          message,
        );
      }
    });
  }

  it('should say what there is instead', async () => {
    assert.match(await endOf([['n1', 'call', { value: 'Date.now()' }]]), /real time.*use context\.clock\.$/);
    assert.match(await endOf([['n1', 'call', { value: 'setTimeout()' }]]), /timer.*use context\.timers\.$/);
    assert.match(await endOf([['n1', 'call', { value: 'Math.random()' }]]), /use context\.random\.$/);
    assert.match(await endOf([['n1', 'call', { value: 'fs.existsSync()' }]]), /use context\.disk\.$/);
    assert.match(await endOf([['n1', 'call', { value: 'fetch()' }]]), /use context\.network/);
  });

  it('should allow microtasks, ticks, and dates that are given', async () => {
    const cluster = clusterOf(FIXTURE);
    await cluster.start();
    const reply = await cluster.call('n1', 'allowed', {}, 1000);
    assert.deepEqual(reply, { kind: 'answer', body: ['1970-01-01T00:00:00.000Z', 2, 0] });
    await cluster.stop();
  });

  it('should refuse what goes on when something real has woken it', async () => {
    const message = await endOf([['n1', 'wait-for-thread', {}]]);
    assert.match(message, /forbidden-node\.ts:\d+: n1 went on when no event of it ran/);
  });

  it('should refuse what goes on in an event of another node', async () => {
    const message = await endOf([
      ['n1', 'wait-for-peer', { wake: false }],
      ['n2', 'wait-for-peer', { wake: true }],
    ]);
    assert.match(message, /forbidden-node\.ts:\d+: n1 went on in an event of n2: they share/);
    const alone = await endOf([
      ['n1', 'wait-for-peer', { wake: false }],
      ['n1', 'wait-for-peer', { wake: true }],
    ]);
    assert.equal(alone, 'fine');
  });

  it('should leave the harness alone, in the same thread and at the same time', async () => {
    const cluster = clusterOf(FIXTURE);
    await cluster.start();
    await cluster.time.sleep(1);
    assert.ok(Date.now() > 0);
    assert.ok(readFileSync(fileURLToPath(FIXTURE)).length > 0);
    await cluster.stop();
  });

  it('should put everything back when the last simulation ends', async () => {
    const now = (): unknown[] =>
      forbidden().map(({ holder, name }) => Object.getOwnPropertyDescriptor(holder, name));
    await realSleep(1);
    const before = now();
    const cluster = clusterOf(FIXTURE);
    const starting = cluster.start();
    await new Promise((resolve) => setImmediate(resolve));
    assert.notDeepEqual(now(), before);
    await starting;
    await Promise.all([cluster.time.sleep(5), cluster.time.sleep(7)]);
    await realSleep(1);
    assert.deepEqual(now(), before);
  });
});

describe('simulator: guard, while a program is loaded', () => {
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-guard-'));
  after(() => rmSync(directory, { recursive: true }));

  async function startWith(name: string, ...lines: string[]): Promise<string> {
    const file = join(directory, name);
    writeFileSync(
      file,
      `${lines.join('\n')}\nexport const node = { start: () => ({ status: () => ({}) }) };\n`,
    );
    const cluster = clusterOf(pathToFileURL(file).href);
    return cluster.start().then(
      () => 'started',
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        return error.message;
      },
    );
  }

  it('should refuse what its top level calls, also if that is swallowed', async () => {
    const thrown = await startWith('thrown.js', '', 'export const born = Date.now();');
    assert.match(
      thrown,
      /thrown\.js cannot be loaded: .*thrown\.js:2: the program, as it is loaded, calls Date\.now\(\)/,
    );
    const swallowed = await startWith('swallowed.js', 'try { Math.random() } catch {}');
    assert.match(swallowed, /swallowed\.js:1: .* calls Math\.random\(\)/);
  });

  it('should load what calls nothing, requires a module, or has a package that does', async () => {
    assert.equal(await startWith('plain.js', 'export const epoch = new Date(0);'), 'started');
    writeFileSync(join(directory, 'beside.cjs'), 'module.exports = 1;\n');
    const required =
      "import { createRequire } from 'node:module'; createRequire(import.meta.url)('./beside.cjs');";
    assert.equal(await startWith('requires.js', required), 'started');
    const installed = join(directory, 'node_modules/clock');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'index.mjs'), 'export const loaded = Date.now();\n');
    const imported = "import { loaded } from './node_modules/clock/index.mjs'; export { loaded };";
    assert.equal(await startWith('imports.js', imported), 'started');
  });

  it('should catch later what was got hold of at the top level', async () => {
    const file = join(directory, 'kept.js');
    writeFileSync(
      file,
      'const now = Date.now;\nexport const node = { start: () => { now(); return { status: () => ({}) }; } };\n',
    );
    const cluster = clusterOf(pathToFileURL(file).href);
    await assert.rejects(cluster.start(), /kept\.js:2: n\d calls Date\.now\(\)/);
  });
});
