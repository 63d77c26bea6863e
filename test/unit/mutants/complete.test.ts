/**
 * The table is complete: whoever adds a variant measures it, and whoever renames one has the table written anew.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadTarget } from '../../../harness/run/load-target.ts';
import type { Target } from '../../../harness/run/target.ts';
import { targets as registry } from '../../../targets/index.ts';
import { missingRows, readResults } from '../../mutants/results.ts';
import { chooseRows, isSameRow, nameOf, type RowName } from '../../mutants/row.ts';
import { PAGE, tables, withTables } from '../../mutants/table.ts';

function namesOf(rows: readonly RowName[]): string {
  return rows.map(({ target, variant }) => `${target} ${variant}`).join(', ');
}

describe('test/mutants/results.json', () => {
  let targets: Target[];
  before(async () => (targets = await Promise.all(Object.values(registry).map(loadTarget))));

  it('should have a row for every variant of every target, measured in the simulator', () => {
    const missing = missingRows(readResults(), chooseRows(targets, { runtimes: ['sim'] })).map(nameOf);
    assert.equal(namesOf(missing), '', 'run "npm run mutants -- --runtime sim --missing"');
  });

  it('should have no row of a variant that is gone', () => {
    const known = chooseRows(targets, {}).map(nameOf);
    const gone = readResults().filter((row) => !known.some((name) => isSameRow(name, row)));
    assert.equal(namesOf(gone), '');
  });

  it('should be what README.md shows', () => {
    const page = readFileSync(PAGE, 'utf8');
    const expected = withTables(page, tables(targets, readResults()));
    assert.equal(page, expected, 'run "npm run mutants -- --tables"');
  });
});
