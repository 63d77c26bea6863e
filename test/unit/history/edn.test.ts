/** EDN, form by form: what each becomes in JSON, what is refused, and that writing is the inverse of reading. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EdnEntries } from '../../../harness/history/edn-entries.ts';
import { readEdn } from '../../../harness/history/edn-reader.ts';
import { writeEdn } from '../../../harness/history/edn-writer.ts';
import { HistorySource, SourceName } from '../../../harness/history/source.ts';
import type { Json } from '../../../harness/json.ts';
import { anyJson } from './histories.ts';

function read(text: string): readonly Json[] {
  return readEdn(text, (line, message) => new SyntaxError(`${line}: ${message}`));
}

const forms: readonly [edn: string, json: Json][] = [
  ['nil', null],
  ['true', true],
  ['false', false],
  ['-17', -17],
  ['+4', 4],
  ['42N', 42],
  ['9007199254740993N', '9007199254740993'],
  ['1.5', 1.5],
  ['1.50M', 1.5],
  ['-2e3', -2000],
  ['22/7', '22/7'],
  ['##Inf', 'Inf'],
  [':read', 'read'],
  [':jepsen.db/kill', 'jepsen.db/kill'],
  ['symbol', 'symbol'],
  ['-', '-'],
  ['\\a', 'a'],
  ['\\newline', '\n'],
  ['\\u0041', 'A'],
  ['\\(', '('],
  ['"a \\"b\\" \\\\ \\n\\t\\u00e4"', 'a "b" \\ \n\tä'],
  ['"\\\\"', '\\'],
  ['[1, [2] ()]', [1, [2], []]],
  ['(1 2)', [1, 2]],
  ['#{1 :a}', { $set: [1, 'a'] }],
  ['{:a 1, "b" {2 nil}}', { a: 1, b: { 2: null } }],
  ['{[1 2] true}', { '[1,2]': true }],
  ['{:__proto__ 1}', Object.fromEntries([['__proto__', 1]])],
  ['#inst "2020-01-01T00:00:00Z"', '2020-01-01T00:00:00Z'],
  ['#jepsen.history.Op{:index 0}', { index: 0 }],
  ['#:jepsen{:a 1 :b/c 2}', { 'jepsen/a': 1, 'b/c': 2 }],
  ['#"a+"', 'a+'],
  ['[1 #_2 #_ [3 4] 5 #_6]', [1, 5]],
  ['; nothing\n7 ; more', 7],
];

const refused: readonly [edn: string, mended: string, message: RegExp][] = [
  ['[1 2', '[1 2]', /^SyntaxError: 1: expected a closing \]/],
  ['\n"abc', '\n"abc"', /^SyntaxError: 2: expected a closing "/],
  ['"a\\"', '"a\\\\"', /^SyntaxError: 1: expected a closing "/],
  ['[1 2)', '(1 2)', /^SyntaxError: 1: unexpected \)/],
  [']', '[]', /^SyntaxError: 1: unexpected \]/],
  ['{:a}', '{:a 1}', /^SyntaxError: 1: a map has a key without a value/],
  ['"\\q"', '"\\r"', /^SyntaxError: 1: a string has the unknown escape \\q/],
  ['\\newlin', '\\newline', /^SyntaxError: 1: unknown character \\newlin/],
  ['1x', '1', /^SyntaxError: 1: expected a number, got 1x/],
  ['#inst', '#inst 1', /^SyntaxError: 1: the text ends where a value was expected/],
  ['# 1', '#a 1', /^SyntaxError: 1: expected a tag after #/],
  ['#:a 1', '#:a{:b 1}', /^SyntaxError: 1: expected a map after #:a/],
  [
    '['.repeat(501),
    `${'['.repeat(500)}${']'.repeat(500)}`,
    /^SyntaxError: 1: collections are nested more than 500 deep/,
  ],
];

describe('EDN', () => {
  for (const [edn, json] of forms) {
    it(`should read ${edn.replaceAll('\n', '⏎')}`, () => assert.deepEqual(read(edn), [json]));
  }

  for (const [bad, good, message] of refused) {
    it(`should refuse ${bad.slice(0, 20).replaceAll('\n', '⏎')}, and accept it mended`, () => {
      assert.throws(() => read(bad), message);
      assert.equal(read(good).length, 1);
    });
  }

  it('should tell on which lines entries begin, in a collection or without, however the text is cut', () => {
    const lines = (text: string): unknown[][] => {
      const found: unknown[][] = [];
      const parser = new EdnEntries(new SourceName('h'), (entry, line) => found.push([line, entry]));
      for (const block of new HistorySource('h', Buffer.from(text), 1).blocks()) parser.take(block);
      parser.end();
      return found;
    };
    assert.deepEqual(lines(';a\n#_[0] #tag\n\n[2 ;x\n\n[3\n4] 5] #_[\n6]'), [
      [4, 2],
      [6, [3, 4]],
      [7, 5],
    ]);
    assert.deepEqual(lines('{:a\n1}\n"x\ny" #{z}'), [
      [1, { a: 1 }],
      [3, 'x\ny'],
      [4, { $set: ['z'] }],
    ]);
    assert.throws(() => lines('\n[1\n'), /h:2: expected a closing \]: it is never closed/);
    assert.throws(() => lines('[1]\n2'), /h:2: expected nothing after the collection/);
    assert.deepEqual(lines('[1]\n;2'), [[1, 1]]);
  });

  it('should read back any JSON that it wrote', () => {
    fc.assert(
      fc.property(anyJson, (value) => assert.deepEqual(read(writeEdn(value)), [value])),
      { numRuns: 500 },
    );
  });

  it('should write names as Clojure would', () => {
    assert.equal(writeEdn({ a: 1, 'b c': 2, 3: null, $set: [] }), '{3 nil, :a 1, "b c" 2, :$set []}');
    assert.equal(writeEdn({ $set: ['x', 1] }), '#{"x" 1}');
  });
});
