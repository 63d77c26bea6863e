import assert from 'node:assert/strict';
import { CORRECT } from '../../mutants/row.ts';
import { tables, withTables } from '../../mutants/table.ts';
import { measured, outcome } from './sample-rows.ts';
import { cautious, store } from './sample-targets.ts';

const find = (by: readonly string[], seconds: number, runs: number): ReturnType<typeof outcome> =>
  outcome({ found: true, by, seconds, runs });

describe('tables', () => {
  it('should have a row for each variant, with medians over the tries that found it', () => {
    const sim = [find(['linearizable'], 4, 2), find(['linearizable', 'progress'], 20, 9), outcome({})];
    const rows = [
      measured('forgets', 'sim', [...sim, find(['linearizable'], 7.4, 5)]),
      measured('forgets', 'docker', [outcome({}), find(['linearizable'], 44.6, 1)]),
      measured(CORRECT, 'sim', [outcome({ runs: 50, notJudged: 2 })]),
      measured(CORRECT, 'docker', [outcome({ failed: 1 }), outcome({}), outcome({})]),
    ];
    assert.deepEqual(tables([store], rows).split('\n'), [
      '### store',
      '',
      '| variant | mistake | found by | found in simulation | seconds | runs | found in Docker |',
      '|---|---|---|---|---|---|---|',
      '| forgets | It forgets. | linearizable (also progress) | 3 of 4 | 7 | 5 | in try 2, 45 s |',
      '| dawdles | It dawdles. | progress | not measured |  |  | not measured |',
      '| (correct) | none: no run may fail |  | 0 of 50 runs failed, 2 not judged |  |  | 1 of 3 runs failed |',
      '',
      'Measured at 1.0.0 (abc) (4 rows).',
    ]);
  });

  it('should say of a variant that containers never showed in how many tries', () => {
    const rows = [measured('forgets', 'docker', [outcome({}), outcome({}), outcome({})])];
    assert.match(tables([store], rows), /\| in none of 3 \|/);
  });

  it('should have one for each target', () => {
    assert.match(tables([store, cautious], []), /### store\n[^]*### cautious\n/);
  });
});

describe('withTables', () => {
  const page = (inside: string): string =>
    `# page\n\n<!-- tables: begin, written by npm run mutants -->\n\n${inside}\n\n<!-- tables: end -->\nafter\n`;

  it('should replace what is between the marks and nothing else', () => {
    assert.equal(withTables(page('old'), 'new'), page('new'));
  });

  it('should refuse a page without marks', () => {
    assert.throws(() => withTables('# page', 'new'), /tables: begin/);
  });
});
