import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { check, resolveConfig } from 'prettier';
import { FULL } from '../../mutants/effort.ts';
import {
  isGood,
  missingRows,
  readResults,
  RESULTS,
  shortcomings,
  withRow,
  writeResults,
  type MeasuredRow,
} from '../../mutants/results.ts';
import { chooseRows, CORRECT, nameOf, type RowRuntime } from '../../mutants/row.ts';
import { measured, outcome } from './sample-rows.ts';
import { cautious, store } from './sample-targets.ts';

const known = chooseRows([store, cautious], {}).map(nameOf);
const forgets = (runtime: RowRuntime, finds: number, misses: number): MeasuredRow =>
  measured('forgets', runtime, [
    ...Array.from({ length: finds }, () => outcome({ found: true, by: ['linearizable'] })),
    ...Array.from({ length: misses }, () => outcome({ found: false })),
  ]);

describe('withRow', () => {
  it('should replace the row of that name and no other, and keep the order of what there is', () => {
    const before = [forgets('docker', 0, 5), forgets('sim', 0, 10)];
    const after = withRow(before, forgets('sim', 10, 0), known);
    assert.deepEqual(
      after.map(({ runtime, tries }) => [runtime, tries[0]?.found]),
      [
        ['sim', true],
        ['docker', false],
      ],
    );
  });

  it('should add a row, and leave out those of variants that are gone, but not those of targets that are not known', () => {
    const gone = measured('renamed', 'sim', []);
    const foreign = { ...gone, target: 'new' };
    const after = withRow([foreign, gone], forgets('sim', 10, 0), known);
    assert.deepEqual(
      after.map(({ target, variant }) => `${target} ${variant}`),
      ['store forgets', 'new renamed'],
    );
  });
});

describe('readResults', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'mutants-test-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('should read what was written, in the format of the project', async () => {
    const file = pathToFileURL(join(directory, 'results.json'));
    const rows = [forgets('sim', 9, 1), measured(CORRECT, 'docker', [outcome({})])];
    await writeResults(rows, file);
    assert.deepEqual(readResults(file), rows);
    const config = await resolveConfig(fileURLToPath(RESULTS));
    assert.ok(await check(readFileSync(file, 'utf8'), { ...config, parser: 'json' }));
  });

  it('should say where the file is wrong', () => {
    const path = join(directory, 'results.json');
    writeFileSync(path, JSON.stringify([{ ...forgets('sim', 1, 0), runtime: 'moon' }]));
    assert.throws(() => readResults(pathToFileURL(path)), /results\.json: 0\.runtime: /);
  });
});

describe('isGood', () => {
  it('should ask for eight finds of ten in the simulator, and for one in containers', () => {
    assert.equal(isGood(forgets('sim', 8, 2), FULL), true);
    assert.equal(isGood(forgets('sim', 7, 3), FULL), false);
    assert.equal(isGood(forgets('docker', 1, 4), FULL), true);
    assert.equal(isGood(forgets('docker', 0, 5), FULL), false);
  });

  it('should ask of a correct target that no run failed and half of them were judged', () => {
    const correct = (failed: number, notJudged: number): MeasuredRow =>
      measured(CORRECT, 'sim', [outcome({ runs: 50, failed, notJudged })]);
    assert.equal(isGood(correct(0, 25), FULL), true);
    assert.equal(isGood(correct(1, 0), FULL), false);
    assert.equal(isGood(correct(0, 26), FULL), false);
  });
});

describe('shortcomings', () => {
  it('should name each row that is not as it should be', () => {
    const failing = measured(CORRECT, 'sim', [outcome({ runs: 50, failed: 2, notJudged: 3 })]);
    assert.deepEqual(shortcomings([forgets('sim', 7, 3), failing], FULL), [
      'store forgets, sim: found in 7 of 10 tries',
      'store correct, sim: 2 of 50 runs failed, 3 were not judged',
    ]);
    assert.deepEqual(shortcomings([forgets('sim', 8, 2)], FULL), []);
  });

  it('should let half of the variants pass unseen in containers, and no more', () => {
    const seen = forgets('docker', 1, 0);
    const unseen = forgets('docker', 0, 5);
    assert.deepEqual(shortcomings([seen, unseen], FULL), []);
    assert.deepEqual(shortcomings([seen, unseen, unseen], FULL), ['in Docker 1 of 3 variants were found']);
  });
});

describe('missingRows', () => {
  it('should leave out what was measured', () => {
    const wanted = chooseRows([store], { runtimes: ['sim'] });
    const missing = missingRows([forgets('sim', 1, 0), measured('dawdles', 'docker', [])], wanted);
    assert.deepEqual(
      missing.map((row) => nameOf(row).variant),
      ['dawdles', 'correct'],
    );
  });
});
