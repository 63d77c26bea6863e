/** What a real node brings about in itself, but for its deaths, which test/integration/process has. */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../../harness/json.ts';
import { openDisk, type OpenDisk } from '../../../harness/node/disk.ts';
import { NodeFaults } from '../../../harness/node/faults.ts';

describe('faults of a node', () => {
  let directory: string;
  let troubleFile: string;
  let faults: NodeFaults;
  let disk: OpenDisk;

  const write = (trouble: JsonObject): void => {
    writeFileSync(`${troubleFile}.new`, JSON.stringify(trouble));
    renameSync(`${troubleFile}.new`, troubleFile);
  };
  const ask = async (path: string, body: JsonObject = {}): Promise<Json> =>
    (await faults.handlers(disk)[path]?.(body)) ?? null;
  const turnMs = (): number => {
    const begun = performance.now();
    faults.turn();
    return performance.now() - begun;
  };
  const aheadMs = (): number => Math.round((faults.clock.wall() - Date.now()) / 1000) * 1000;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-faults-'));
    troubleFile = join(directory, 'trouble.json');
    faults = new NodeFaults({ seed: '1', troubleFile }, () => undefined);
    disk = await openDisk(join(directory, 'data'), faults.gate);
  });

  afterEach(async () => {
    await disk.close();
    rmSync(directory, { recursive: true });
  });

  it('should be in the trouble that it is told of, and in none without', async () => {
    assert.equal(aheadMs(), 0);
    assert.deepEqual(
      await ask('_/trouble', { revision: 1, clock: { since: 0, offsetMs: 9000 }, disk: { full: true } }),
      { revision: 1 },
    );
    assert.equal(aheadMs(), 9000);
    await assert.rejects(disk.replace('x', new Uint8Array(1)), /ENOSPC/);
    await ask('_/trouble', { revision: 2 });
    assert.equal(aheadMs(), 0);
    await disk.replace('y', new Uint8Array(1));
  });

  it('should go by the highest revision', async () => {
    await ask('_/trouble', { revision: 5, clock: { since: 0, offsetMs: 9000 } });
    assert.deepEqual(await ask('_/trouble', { revision: 4 }), { revision: 5 });
    assert.equal(aheadMs(), 9000);
  });

  it('should refuse what it does not understand, and stay as it was', async () => {
    await ask('_/trouble', { revision: 1, clock: { since: 0, offsetMs: 9000 } });
    await assert.rejects(ask('_/trouble', { revision: 2, clok: {} }), {
      name: 'Refusal',
      message: /^clok: expected one of/,
    });
    assert.equal(aheadMs(), 9000);
  });

  it('should begin its life with what the file says, and say which file it does not understand', () => {
    write({ revision: 3, clock: { since: 0, offsetMs: 5000 } });
    faults = new NodeFaults({ seed: '1', troubleFile }, () => undefined);
    assert.equal(aheadMs(), 5000);
    write({ revision: -1 });
    assert.throws(
      () => new NodeFaults({ seed: '1', troubleFile }, () => undefined),
      /trouble\.json: revision: expected a number from 0, found -1/,
    );
  });

  it('should stand still for each turn, until the file says otherwise', async () => {
    assert.ok(turnMs() < 30);
    await ask('_/trouble', { revision: 1, busyMs: 30 });
    assert.ok(turnMs() >= 30);
    writeFileSync(troubleFile, '{"revision":');
    assert.ok(turnMs() >= 30, 'half a file changes nothing');
    write({ revision: 2 });
    assert.ok(turnMs() >= 30);
    assert.ok(turnMs() < 30);
  });

  it('should count the points of its program, for which nothing happens', async () => {
    for (const name of ['a', 'b', 'a']) faults.failPoint(name);
    assert.deepEqual(await ask('_/points'), { a: 2, b: 1 });
  });

  it('should arm a crash once over all lives', async () => {
    const died: string[] = [];
    writeFileSync(`${troubleFile}.fired`, '2');
    faults = new NodeFaults({ seed: '1', troubleFile }, (point) => died.push(point));
    await ask('_/trouble', { revision: 1, crash: { id: 2, name: 'a', passes: 1 } });
    faults.failPoint('a');
    assert.deepEqual(died, []);
  });

  it('should open something, and use the processor for as long as it is asked to', async () => {
    assert.deepEqual(await ask('_/descriptors'), { opened: true });
    const before = (await ask('_/usage')) as { cpuMs: number };
    const { cpuMs, ms } = (await ask('_/processor', { cpuMs: 20 })) as { cpuMs: number; ms: number };
    const after = (await ask('_/usage')) as { cpuMs: number };
    assert.ok(after.cpuMs - before.cpuMs >= cpuMs, `${before.cpuMs} to ${after.cpuMs} ms`);
    assert.ok(cpuMs >= 20 && cpuMs < 40, `${cpuMs} ms`);
    assert.ok(ms >= cpuMs * 0.9);
    await assert.rejects(ask('_/processor', { cpuMs: 5000 }), /up to 1000/);
    assert.throws(() => faults.handlers(disk)['_/eat']?.({}), /expected a number limitMiB above 0/);
  });
});
