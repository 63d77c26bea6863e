/** `clusterProperty` in a user's own mocha test, in a folder that knows nothing of splitbrain but its name. */
import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRepro } from '../../harness/explore/repro.ts';
import { splitbrain, temporaryDirectory } from './cli.ts';
import { mocha } from './mocha.ts';

/** A register on one node, one request after another; `keep` is what it does before a write takes effect. */
const target = (name: string, keep: string): string => `
import { Refusal, defineTarget } from 'splitbrain';
import { register } from 'splitbrain/workloads';

export const node = {
  async start({ clients, disk }) {
    const kept = await disk.read('values');
    let values = new Map(kept === undefined ? [] : JSON.parse(new TextDecoder().decode(kept)));
    let last = Promise.resolve();
    const inTurn = (handle) => (body) => (last = last.catch(() => undefined).then(() => handle(body)));
    const set = async (key, value) => {
      const next = new Map(values).set(key, value);
      ${keep}
      values = next;
      return null;
    };
    clients.serve({
      read: inTurn(({ key }) => values.get(key) ?? null),
      write: inTurn(({ key, value }) => set(key, value)),
      cas: inTurn(({ key, value: [expected, next] }) => {
        if (values.get(key) !== expected) throw new Refusal('it holds something else');
        return set(key, next);
      }),
    });
    return { status: () => ({ role: 'leader' }) };
  },
};

export default defineTarget({
  name: '${name}', summary: 'a register', nodeModule: import.meta.url, nodes: 1, workloads: [register],
  claims: [{ property: 'linearizable', checker: 'linearizable', under: 'any' }],
});
`;

const TEST = `
import target from './forgetful.ts';
import { clusterProperty, fc } from 'splitbrain/explore';
import { kill } from 'splitbrain/nemesis';

describe('registers', function () {
  this.timeout(60_000);
  const options = { faults: [kill], timeLimit: '3s', shrinkBudget: '5s' };
  const parameters = { seed: 1, numRuns: 10 };

  it('a careful one', async () => {
    await fc.assert(clusterProperty('./careful.ts', options), parameters);
  });

  it('a forgetful one', async () => {
    await fc.assert(clusterProperty(target, options), parameters);
  });
});
`;

describe('clusterProperty', function () {
  this.timeout(90_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  let stdout = '';

  before(async () => {
    const keep = `await disk.replace('values', new TextEncoder().encode(JSON.stringify([...next])));`;
    writeFileSync(join(scratch.path, 'careful.ts'), target('careful', keep));
    writeFileSync(join(scratch.path, 'forgetful.ts'), target('forgetful', ''));
    writeFileSync(join(scratch.path, 'registers.test.ts'), TEST);
    ({ stdout } = await mocha('registers.test.ts', scratch.path));
  });

  it('should pass for a target that keeps its promises, and fail for one that does not', () => {
    assert.match(stdout, /✔ a careful one/);
    assert.match(stdout, /1\) a forgetful one/);
    assert.match(stdout, /1 passing[\s\S]*1 failing/);
  });

  it('should print what failed, as a table that is short, and where it was written', () => {
    assert.match(stdout, /linearizable: No order of the operations explains their answers/);
    assert.match(stdout, /forgetful: workload register, 1 node, \d client/);
    assert.match(stdout, /\d s {2}nemesis {4}kill/);
    assert.match(stdout, /Written to store\/forgetful\/.*\/repro\.json, with a test beside it\./);
    const operations = stdout.match(/\d s {2}client \d/g) ?? [];
    assert.ok(operations.length >= 2 && operations.length <= 5, `${operations.length} operations`);
  });

  it('should leave a repro.json that fails in a replay, and a test that fails', async () => {
    const [file = ''] = globSync(join(scratch.path, 'store/forgetful/*/repro.json'));
    assert.equal(readRepro(file).scenario.target, join(scratch.path, 'forgetful.ts'));
    const { code } = await splitbrain(['replay', file], { cwd: scratch.path });
    assert.equal(code, 1);
    const test = await mocha(file.replace('.json', '.test.ts'), scratch.path);
    assert.match(test.stdout, /1 failing[\s\S]*linearizable: /);
  });

  it("should be repeated by fast-check's seed and path", async () => {
    const [, replay = ''] = /(\{ seed: 1, path: "[\d:]+")/.exec(stdout) ?? [];
    assert.notEqual(replay, '');
    const again = TEST.replace('{ seed: 1', replay).replace("it('a careful", "it.skip('a careful");
    writeFileSync(join(scratch.path, 'again.test.ts'), again.replace('numRuns: 10', 'endOnFailure: true'));
    const { stdout: repeated } = await mocha('again.test.ts', scratch.path);
    const tableIn = (text: string): string => /forgetful: workload[\s\S]*?\n\n/.exec(text)?.[0] ?? '';
    assert.notEqual(tableIn(repeated), '');
    assert.equal(tableIn(repeated), tableIn(stdout));
  });
});
