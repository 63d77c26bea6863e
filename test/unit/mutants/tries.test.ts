import assert from 'node:assert/strict';
import { FULL, QUICK } from '../../mutants/effort.ts';
import { chooseRows } from '../../mutants/row.ts';
import { triesOf } from '../../mutants/tries.ts';
import { store } from './sample-targets.ts';

function commands(variant: string, runtime: string, effort = FULL, target = store): string[] {
  const [row] = chooseRows([target], { only: [variant], runtimes: [runtime] });
  assert.ok(row !== undefined);
  return triesOf(row, effort, (nth) => ['kill', `other${nth}`]).map(({ args }) => args.join(' '));
}

const workloadOf = (test: string): string | undefined => /--workload (\w+)/.exec(test)?.[1];

describe('triesOf', () => {
  it('should search the simulator ten times, each time from other seeds', () => {
    const oneKind = { ...store, workloads: store.workloads.filter(({ name }) => name !== 'locks') };
    const searches = commands('forgets', 'sim', FULL, oneKind);
    assert.equal(searches.length, 10);
    assert.equal(
      searches[0],
      'explore store --variant forgets --seeds 100000..199999 --budget 60s --jobs 2 --no-shrink',
    );
    assert.match(searches[9] ?? '', /--seeds 1000000\.\.1099999 /);
    assert.equal(commands('forgets', 'sim', QUICK).length, 1);
  });

  it('should search with the workloads that the right checker judges, where there are others', () => {
    const searches = commands('forgets', 'sim');
    assert.deepEqual(searches.slice(0, 3).map(workloadOf), ['registers', 'lists', 'registers']);
  });

  it('should count all failures of a correct target in one search', () => {
    assert.deepEqual(commands('correct', 'sim'), [
      'explore store --seeds 50 --time-limit 60s --jobs 2 --no-shrink --keep-going',
    ]);
  });

  it('should test in containers under other faults and seeds each time, with the workloads that the right checker judges', () => {
    const tests = commands('forgets', 'docker');
    assert.equal(tests.length, 5);
    assert.equal(
      tests[0],
      'test store --variant forgets --runtime docker --workload registers --nemesis kill,other1 --time-limit 60s --seed 1 --fail-fast',
    );
    assert.match(tests[1] ?? '', /--workload lists --nemesis kill,other2 .*--seed 2 /);
    assert.match(tests[2] ?? '', /--workload registers /);
  });

  it('should ask for progress where only that finds it, and then not stop at what another checker finds', () => {
    const tests = commands('dawdles', 'docker');
    assert.deepEqual(tests.map(workloadOf), ['registers', 'locks', 'registers', 'locks', 'registers']);
    for (const test of tests) assert.match(test, /--progress-limit 10s$/);
  });

  it('should test a correct target for half a minute with all its workloads, and ask for all that it claims', () => {
    const tests = commands('correct', 'docker');
    assert.deepEqual(tests.map(workloadOf), ['registers', 'locks', 'lists']);
    assert.match(tests[0] ?? '', /--time-limit 30s --seed 1 --progress-limit 10s$/);
    assert.match(tests[2] ?? '', /--time-limit 30s --seed 3$/, 'progress cannot be asked of lists');
  });
});
