/** The table of faults says what families need and runtimes can do, and the README has it as it is now. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { emulated, native } from '../../../harness/cluster/unable.ts';
import {
  SECTION_MARKS,
  faultRows,
  faultsMarkdown,
  faultsText,
  replaceSection,
} from '../../../harness/cli/fault-table.ts';
import { faults, runtimes } from '../../../harness/cli/registry.ts';
import { kill, packets } from '../../../nemesis/index.ts';

describe('table of faults', () => {
  const able = [
    {
      name: 'real',
      abilities: new Map([['kill', native('SIGKILL')] as const, ['loss', emulated('a proxy')] as const]),
    },
    { name: 'poor', abilities: new Map([['kill', native('unplugged')] as const]) },
  ];

  it('should say of each kind how each runtime does it, or that it cannot', () => {
    const rows = faultRows([kill, packets], able);
    const waysOf = (family: string, kind: string): unknown =>
      rows.find((row) => row.family === family && row.kind === kind)?.ways;
    assert.deepEqual(waysOf('kill', 'all'), { real: native('SIGKILL'), poor: native('unplugged') });
    assert.deepEqual(waysOf('packets', 'loss'), { real: emulated('a proxy'), poor: null });
    const markdown = faultsMarkdown(rows, able).split('\n');
    assert.equal(markdown[0], '| fault | real | poor |');
    assert.match(
      markdown[2] ?? '',
      /^\| kill: one, minority, .* \| native: SIGKILL \| native: unplugged \|$/,
    );
    assert.ok(markdown.includes('| packets: loss | emulated: a proxy | impossible |'));
    const text = faultsText(rows, able);
    assert.match(text, /^ {2}packets: loss +emulated +impossible$/m);
    assert.match(text, /^How real does it\n {2}kill {2}native {4}SIGKILL\n {2}loss {2}emulated {2}a proxy$/m);
    for (const line of text.split('\n')) assert.ok(line.length <= 120, line);
  });

  it('should have a row for every kind that there is', () => {
    const rows = faultRows(faults, runtimes);
    for (const { name, kinds } of faults)
      for (const kind of Object.keys(kinds))
        assert.ok(rows.some((row) => row.family === name && row.kind === kind));
  });

  it('should be put between two marks, and nowhere else', () => {
    const [begin = '', end = ''] = SECTION_MARKS;
    assert.equal(replaceSection(`a\n${begin}\nold\n${end}\nb\n`, 'new'), `a\n${begin}\n\nnew\n\n${end}\nb\n`);
    assert.equal(replaceSection('nothing to replace', 'new'), undefined);
  });

  it('should be in nemesis/README.md as it is now (splitbrain faults --markdown nemesis/README.md)', () => {
    const text = readFileSync(new URL('../../../nemesis/README.md', import.meta.url), 'utf8');
    assert.equal(replaceSection(text, faultsMarkdown(faultRows(faults, runtimes), runtimes)), text);
  });
});
