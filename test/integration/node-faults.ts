/**
 * Faults in nodes that are real processes, each with the probe that a nemesis confirms it by, while it is in force and
 * when it is over. Every runtime of such nodes must pass these; each test leaves the nodes healthy.
 */
import assert from 'node:assert/strict';
import type { Abilities, Cluster, ClusterPlan, DiskTrouble } from '../../harness/cluster/cluster.ts';
import {
  probeByte,
  probeClock,
  probeDescriptors,
  probeDisk,
  probeHealth,
  probeLinks,
  probePoints,
  probeProcessor,
} from '../../harness/cluster/probe.ts';
import type { Json, JsonObject } from '../../harness/json.ts';
import { moduleBeside } from '../../harness/module-url.ts';

export const ANSWER_MS = 5000;
const FILE = 'values.log';

/** The nodes that the tests need: two, of which the second keeps well, and a spare. */
export const FAULTS_PLAN = {
  nodes: ['n1', 'n2'],
  spares: ['n3'],
  nodeModule: moduleBeside(import.meta.url, '../fixtures/echo-node'),
  versions: { next: moduleBeside(import.meta.url, '../fixtures/next-echo-node') },
} satisfies Partial<ClusterPlan>;

/** A started cluster of these nodes. */
export interface Stage {
  readonly cluster: Cluster;
  readonly abilities: Abilities;
  /** What a file on the node's disk holds, whether the node runs or not. */
  fileOf(node: string, name: string): Promise<string>;
  /** What the node has logged. */
  logOf(node: string): Promise<string>;
}

/** Short forms of what tests do all the time. */
class Script {
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  async answer(node: string, path: string, body: JsonObject = {}): Promise<Json> {
    const reply = await this.stage.cluster.call(node, path, body, ANSWER_MS);
    if (reply.kind !== 'answer') assert.fail(`${node}/${path}: ${reply.kind}: ${reply.error}`);
    return reply.body;
  }

  write(node: string, value: Json): Promise<Json> {
    return this.answer(node, 'write', { value });
  }

  onDisk(node: string): Promise<string> {
    return this.stage.fileOf(node, FILE);
  }

  /** A node that ends itself may be gone some time before its runtime knows. */
  async assertDown(node: string): Promise<void> {
    const { cluster } = this.stage;
    const deadline = performance.now() + ANSWER_MS;
    while ((await cluster.state(node)) !== 'down') {
      assert.ok(performance.now() < deadline, `${node} is ${await cluster.state(node)}`);
      await cluster.time.sleep(10);
    }
  }

  async renew(node: string): Promise<void> {
    await this.stage.cluster.kill(node);
    await this.stage.cluster.restart(node);
  }

  /** Has it start from an empty disk. */
  async renewEmpty(node: string): Promise<void> {
    const { cluster } = this.stage;
    await cluster.kill(node);
    await cluster.wipe(node);
    await cluster.restart(node);
    assert.equal(await this.answer(node, 'read'), null);
  }

  /** Takes back whatever was done to it. */
  async mend(node: string): Promise<void> {
    const { cluster } = this.stage;
    await cluster.kill(node);
    await cluster.armCrash(node, undefined);
    await cluster.breakDisk(node, {});
    await cluster.skew(node, {});
    await cluster.slow(node, 0);
    await cluster.throttle(node, 1);
    if (this.stage.abilities.has('descriptors')) await cluster.limitDescriptors(node, false);
    await cluster.wipe(node);
    await cluster.restart(node);
  }

  /** Milliseconds that the node's wall clock is ahead. */
  async ahead(node: string): Promise<number> {
    return (await probeClock(this.stage.cluster, node, ANSWER_MS)) ?? NaN;
  }

  /** Milliseconds that the fastest of some answers takes. */
  async answerMs(node: string): Promise<number> {
    let fastest = Infinity;
    for (let look = 0; look < 3; look++) {
      const asked = performance.now();
      assert.ok(await probeHealth(this.stage.cluster, node, ANSWER_MS));
      fastest = Math.min(fastest, performance.now() - asked);
    }
    return fastest;
  }
}

/** Declares the tests, which share the cluster of `stage`. */
export function testNodeFaults(stage: () => Stage): void {
  let script: Script;
  let cluster: Cluster;
  before(() => {
    script = new Script(stage());
    ({ cluster } = stage());
  });
  // One that fails does not make the others fail.
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await script.mend('n1');
  });
  const there = (): { script: Script; cluster: Cluster } => ({ script, cluster });
  testDeaths(there);
  testClocks(there);
  testTroubles(there);
  testResources(there);
  testDisks(there);
  testMembers(there);
}

type There = () => { readonly script: Script; readonly cluster: Cluster };

function testDeaths(there: There): void {
  it('should cut the power, with what was synced on the disk and no more than a part of what was not', async () => {
    const { script, cluster } = there();
    await assert.rejects(cluster.wipe('n1'), /n1 is running: only/);
    await script.write('n1', 'synced');
    await script.answer('n1', 'write-unsynced', { value: 'x'.repeat(5000) });
    await cluster.cutPower('n1');
    await script.assertDown('n1');
    const text = await script.onDisk('n1');
    assert.ok(text.startsWith('"synced"\n'));
    assert.match(text.slice('"synced"\n'.length), /^("x*("\n?)?)?\0*$/);
    await script.renewEmpty('n1');
  });

  it('should only kill a paused node whose power is cut', async () => {
    const { script, cluster } = there();
    await script.write('n1', 'synced');
    await script.answer('n1', 'write-unsynced', { value: 'not synced' });
    await cluster.pause('n1');
    await cluster.cutPower('n1');
    await script.assertDown('n1');
    assert.equal(await script.onDisk('n1'), '"synced"\n');
    await cluster.restart('n1');
  });

  it('should die at the point that is armed, once', async () => {
    const { script, cluster } = there();
    await cluster.armCrash('n1', { name: 'after-append', passes: 2 });
    await script.write('n1', 'first');
    const reply = await cluster.call('n1', 'write', { value: 'second' }, ANSWER_MS);
    assert.equal(reply.kind, 'lost');
    await script.assertDown('n1');
    const log = (await script.stage.logOf('n1')).trim().split('\n');
    assert.match(log.at(-1) ?? '', /"event":"died-at-fail-point".*"point":"after-append"/);
    await cluster.restart('n1');
    assert.equal(await script.answer('n1', 'read'), 'first');
    assert.deepEqual(await probePoints(cluster, 'n1', ANSWER_MS), {});
    for (let times = 0; times < 3; times++) await script.write('n1', 'third');
    assert.deepEqual(await probePoints(cluster, 'n1', ANSWER_MS), { 'after-append': 3, 'after-sync': 3 });
  });

  it('should arm a node that is down for the life to come, and disarm', async () => {
    const { script, cluster } = there();
    await cluster.kill('n1');
    await cluster.armCrash('n1', { name: 'after-sync', passes: 1 });
    await cluster.restart('n1');
    assert.equal((await cluster.call('n1', 'write', { value: 'last' }, ANSWER_MS)).kind, 'lost');
    await script.assertDown('n1');
    await cluster.armCrash('n1', { name: 'after-sync', passes: 1 });
    await cluster.restart('n1');
    assert.equal(await script.answer('n1', 'read'), 'last');
    await cluster.armCrash('n1', undefined);
    await script.write('n1', 'on');
    assert.equal(await cluster.state('n1'), 'running');
  });

  it('should use up its memory and die', async () => {
    const { script, cluster } = there();
    await cluster.exhaustMemory('n1');
    await script.assertDown('n1');
    await cluster.restart('n1');
    assert.ok(await probeHealth(cluster, 'n1', ANSWER_MS));
  });
}

function testClocks(there: There): void {
  it('should set the wall clock wrong over lives, and right again', async () => {
    const { script, cluster } = there();
    await cluster.skew('n1', { offsetMs: 60_000 });
    assert.ok(Math.abs((await script.ahead('n1')) - 60_000) < 1000);
    assert.ok(Math.abs(await script.ahead('n2')) < 1000);
    await script.renew('n1');
    assert.ok(Math.abs((await script.ahead('n1')) - 60_000) < 1000);
    await cluster.skew('n1', {});
    assert.ok(Math.abs(await script.ahead('n1')) < 1000);
  });

  it('should have a clock that gains and one that jumps to and fro, and stop that', async () => {
    const { script, cluster } = there();
    // A hundred times as fast, so that it shows at once.
    await cluster.skew('n1', { offsetMs: -60_000, driftMs: 100_000 });
    const before = await script.ahead('n1');
    await cluster.time.sleep(50);
    assert.ok((await script.ahead('n1')) - before >= 5000);
    await cluster.skew('n1', { offsetMs: -60_000, strobe: { offsetMs: 30_000, everyMs: 100 } });
    const seen = new Set<number>();
    for (let look = 0; look < 50 && seen.size < 2; look++) {
      seen.add(Math.round((await script.ahead('n1')) / 10_000));
      await cluster.time.sleep(30);
    }
    assert.deepEqual([...seen].sort(), [-3, -6]);
    await cluster.skew('n1', {});
    assert.ok(Math.abs(await script.ahead('n1')) < 1000);
  });
}

function testTroubles(there: There): void {
  const broken: readonly (readonly [string, DiskTrouble, RegExp])[] = [
    ['full', { full: true }, /ENOSPC/],
    ['failing', { failing: 1 }, /EIO.*write/],
    ['failing to read', { failing: 1, failingOn: ['read'] }, /EIO.*read/],
    ['failing to sync', { failing: 1, failingOn: ['sync'] }, /EIO.*sync/],
  ];
  for (const [how, trouble, error] of broken) {
    it(`should have a disk that is ${how}, and a whole one again`, async () => {
      const { cluster } = there();
      await cluster.breakDisk('n1', trouble);
      assert.match((await probeDisk(cluster, 'n1', ANSWER_MS))?.error ?? '', error);
      assert.equal((await probeDisk(cluster, 'n2', ANSWER_MS))?.written, true);
      await cluster.breakDisk('n1', {});
      assert.equal((await probeDisk(cluster, 'n1', ANSWER_MS))?.written, true);
    });
  }

  it('should have a slow disk, and one as fast as before again', async () => {
    const { cluster } = there();
    await cluster.breakDisk('n1', { slowMs: 200 });
    assert.ok(((await probeDisk(cluster, 'n1', ANSWER_MS))?.ms ?? 0) >= 600);
    await cluster.breakDisk('n1', {});
    assert.ok(((await probeDisk(cluster, 'n1', ANSWER_MS))?.ms ?? 600) < 600);
  });

  it('should take its time over everything, and be quick again however much waits', async () => {
    const { script, cluster } = there();
    await cluster.slow('n1', 40);
    assert.ok((await script.answerMs('n1')) >= 40);
    for (let batch = 0; batch < 3; batch++) await script.answer('n2', 'say', { to: 'n1', times: 1000 });
    const told = performance.now();
    await cluster.slow('n1', 0);
    assert.ok(performance.now() - told < 5000, 'it would take two minutes to get to all of them');
    assert.ok((await script.answerMs('n1')) < 40);
  });

  it('should hear when it goes on of what changed while it was paused', async () => {
    const { script, cluster } = there();
    await cluster.pause('n1');
    await cluster.slow('n1', 30);
    await cluster.skew('n1', { offsetMs: 5000 });
    assert.equal(await cluster.state('n1'), 'paused');
    await cluster.resume('n1');
    assert.ok((await script.answerMs('n1')) >= 30);
    assert.ok((await script.ahead('n1')) > 4000);
    await cluster.slow('n1', 0);
    await cluster.skew('n1', {});
  });
}

function testResources(there: There): void {
  it('should have no more than its share of a processor, and never be called paused for that', async () => {
    const { script, cluster } = there();
    const share = async (): Promise<number> => {
      const { cpuMs = NaN, ms = NaN } = (await probeProcessor(cluster, 'n1', 40, ANSWER_MS)) ?? {};
      return cpuMs / ms;
    };
    await cluster.throttle('n1', 0.1);
    const states = new Set<string>();
    const looking = setInterval(() => void cluster.state('n1').then((state) => states.add(state)), 3);
    const had = await share();
    clearInterval(looking);
    assert.ok(had < 0.2, `it had ${had}`);
    assert.deepEqual([...states], ['running']);
    await script.renew('n1');
    assert.ok((await share()) < 0.2);
    await cluster.pause('n1');
    assert.equal(await cluster.state('n1'), 'paused');
    assert.equal(await probeHealth(cluster, 'n1', 150), false);
    await cluster.resume('n1');
    assert.ok((await share()) < 0.2);
    await cluster.throttle('n1', 1);
    // The machine may be busy with other things for a while.
    const deadline = performance.now() + 10_000;
    while ((await share()) < 0.2) assert.ok(performance.now() < deadline);
  });

  it('should open nothing more, in this life and the next, and do again', async function () {
    const { script, cluster } = there();
    if (!script.stage.abilities.has('descriptors')) this.skip();
    assert.equal(await probeDescriptors(cluster, 'n1', ANSWER_MS), true);
    await cluster.limitDescriptors('n1', true);
    assert.equal(await probeDescriptors(cluster, 'n1', ANSWER_MS), false);
    assert.match((await probeDisk(cluster, 'n1', ANSWER_MS))?.error ?? '', /EMFILE/);
    await script.renew('n1');
    assert.equal(await probeDescriptors(cluster, 'n1', ANSWER_MS), false);
    await cluster.limitDescriptors('n1', false);
    assert.equal(await probeDescriptors(cluster, 'n1', ANSWER_MS), true);
    assert.equal((await probeDisk(cluster, 'n1', ANSWER_MS))?.written, true);
  });

  it('should have its clock wrong although it can open nothing', async function () {
    const { script, cluster } = there();
    if (!script.stage.abilities.has('descriptors')) this.skip();
    await cluster.skew('n1', { offsetMs: -60_000 });
    await cluster.pause('n1');
    await cluster.limitDescriptors('n1', true);
    await cluster.resume('n1');
    assert.equal(await probeDescriptors(cluster, 'n1', ANSWER_MS), false);
    assert.ok(Math.abs((await script.ahead('n1')) + 60_000) < 1000);
    await cluster.limitDescriptors('n1', false);
    assert.ok(Math.abs((await script.ahead('n1')) + 60_000) < 1000);
    await cluster.skew('n1', {});
    assert.ok(Math.abs(await script.ahead('n1')) < 1000);
  });
}

function testDisks(there: There): void {
  it('should flip bits beneath a node that runs, and flip back those that are still there', async () => {
    const { script, cluster } = there();
    await script.renewEmpty('n1');
    await script.write('n1', 'some text');
    const bits = await cluster.flip('n1', [0.1, 0.6]);
    const read = (): Promise<(number | undefined)[]> =>
      Promise.all(bits.map(({ file, offset }) => probeByte(cluster, 'n1', file, offset)));
    const flipped = await read();
    assert.equal(flipped.length, 2);
    assert.deepEqual(
      flipped,
      bits.map(({ is }) => is),
    );
    assert.equal(await cluster.state('n1'), 'running');
    await cluster.unflip('n1', bits);
    assert.equal(await script.onDisk('n1'), '"some text"\n');
    await cluster.unflip('n1', bits);
    assert.equal(await script.onDisk('n1'), '"some text"\n');
  });

  it('should leave alone what was written anew since a bit was flipped', async () => {
    const { script, cluster } = there();
    const bits = await cluster.flip('n1', [0.3]);
    await script.renewEmpty('n1');
    await script.write('n1', 'some text');
    const [bit] = bits;
    const text = Buffer.from(await script.onDisk('n1'));
    assert.ok(bit !== undefined);
    // As the flip left it, but another file.
    assert.notEqual(text[bit.offset], bit.is);
    await cluster.unflip('n1', [{ ...bit }]);
    await cluster.unflip('n1', bits);
    assert.equal(await script.onDisk('n1'), '"some text"\n');
  });

  it('should truncate files and exchange their blocks', async () => {
    const { script, cluster } = there();
    await cluster.kill('n1');
    const text = await script.onDisk('n1');
    const [swapped] = await cluster.swap('n1', [[0, 0.99]]);
    assert.equal(swapped?.bytes, 1);
    const mixed = await script.onDisk('n1');
    assert.deepEqual(Buffer.from(mixed).sort(), Buffer.from(text).sort());
    assert.notEqual(mixed, text);
    assert.deepEqual(await cluster.truncate('n1', [0.5]), [{ file: FILE, was: text.length, is: 6 }]);
    assert.equal((await script.onDisk('n1')).length, 6);
    await script.renewEmpty('n1');
  });

  it('should copy a disk and put it back as it was', async () => {
    const { script, cluster } = there();
    await script.write('n1', 'old');
    const saved = await cluster.saveDisk('n1');
    await script.write('n1', 'new');
    await assert.rejects(cluster.loadDisk(saved), /n1 is running: only/);
    await cluster.kill('n1');
    await cluster.loadDisk(saved);
    await cluster.restart('n1');
    assert.equal(await script.answer('n1', 'read'), 'old');
    await script.renewEmpty('n1');
  });
}

function testMembers(there: There): void {
  it('should run another version from now on', async () => {
    const { script, cluster } = there();
    const status = (): Promise<Json> => script.answer('n2', '_/status');
    assert.deepEqual(await status(), { role: 'follower', epoch: 1 });
    await cluster.kill('n2');
    await assert.rejects(cluster.restart('n2', 'last'), { name: 'UsageError', message: /last/ });
    await cluster.restart('n2', 'next');
    assert.deepEqual(await status(), { role: 'follower', epoch: 1, version: 'next' });
    await script.renew('n2');
    assert.deepEqual(await status(), { role: 'follower', epoch: 1, version: 'next' });
  });

  it('should start a spare when it is told to, and have everybody know it', async () => {
    const { script, cluster } = there();
    assert.deepEqual([cluster.nodes, cluster.spares], [['n1', 'n2'], ['n3']]);
    await script.assertDown('n3');
    const links = [
      { from: 'n1', to: 'n3' },
      { from: 'n3', to: 'n2' },
    ];
    assert.deepEqual(await probeLinks(cluster, [{ from: 'n1', to: 'n3' }], 50), ['unasked']);
    await cluster.restart('n3');
    assert.deepEqual(await probeLinks(cluster, links, ANSWER_MS), ['heard', 'heard']);
    await script.renewEmpty('n3');
  });
}
