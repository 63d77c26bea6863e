/** Writing a history and reading it again gives the same history, in every format, within what it can express. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UsageError } from '../../../harness/errors.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import {
  formatHistory,
  formatNamed,
  formats,
  parseHistory,
  type FormatName,
} from '../../../harness/history/read.ts';
import { anyJson, histories, type Expressible } from './histories.ts';

const everything: Expressible = {
  values: anyJson,
  keys: anyJson,
  errors: anyJson,
  times: true,
  nodes: true,
  nemesis: true,
  echo: false,
};
const scalars = fc.oneof(fc.integer(), fc.constant(null), fc.tuple(fc.nat(9), fc.nat(9)), fc.string());

/** Plume's text holds transactions only: see plume.test.ts. */
const expressible: Readonly<Record<Exclude<FormatName, 'plume'>, Expressible>> = {
  jsonl: everything,
  'jepsen-edn': everything,
  'jepsen-json': everything,
  'etcd-log': {
    functions: ['read', 'write', 'cas'],
    values: scalars,
    errors: fc.constantFrom(null, 'timed-out', 'not a keyword', 17),
    times: false,
    nodes: false,
    nemesis: true,
    echo: true,
  },
  'porcupine-kv': {
    functions: ['get', 'put', 'append'],
    values: fc.oneof(fc.string(), fc.constant(null)),
    keys: fc.string(),
    errors: fc.constant(null),
    types: ['ok'],
    times: false,
    nodes: false,
    nemesis: false,
    echo: false,
  },
};

const write: Operation = { index: 0, time: 5, process: 0, type: 'invoke', f: 'write', value: 7, key: 'x' };
const written: Operation = { ...write, index: 1, time: 9, type: 'ok' };

describe('history formats', () => {
  for (const { name } of formats) {
    if (name === 'plume') continue;
    it(`should read back what it wrote as ${name}, recognised by content`, () => {
      fc.assert(
        fc.property(histories(expressible[name]), (history) => {
          const read = parseHistory(formatHistory(history, name), 'a file');
          assert.equal(read.format, name);
          assert.deepEqual(read.history, history);
        }),
        { numRuns: 200 },
      );
    });
  }

  for (const name of ['jepsen-edn', 'jepsen-json'] as const) {
    it(`should read back independent tuples as ${name}`, () => {
      const independent = { independent: true };
      fc.assert(
        fc.property(histories(everything), (history) => {
          const text = formatHistory(history, name, independent);
          assert.deepEqual(parseHistory(text, 'a file', independent).history, history);
        }),
        { numRuns: 100 },
      );
    });

    it(`should keep a tuple whole as ${name} unless told that it is independent`, () => {
      const text = formatHistory([write, written], name, { independent: true });
      const [kept] = parseHistory(text, 'a file').history;
      const [split] = parseHistory(text, 'a file', { independent: true }).history;
      assert.deepEqual([kept?.key, kept?.value], [undefined, ['x', 7]]);
      assert.deepEqual([split?.key, split?.value], ['x', 7]);
    });
  }

  it('should write transactions with the keywords that Elle expects', () => {
    const transaction: Operation = {
      ...write,
      f: 'txn',
      value: [
        ['append', 4, 'append'],
        ['r', 5, null],
      ],
    };
    assert.match(
      formatHistory([transaction], 'jepsen-edn'),
      /:value \[\[:append 4 "append"\] \[:r 5 nil\]\]/,
    );
  });

  it('should leave failed operations and the nemesis out of porcupine-kv, and open what nobody knows', () => {
    const put: Operation = { ...write, f: 'put', value: 'a' };
    const nemesis: Operation = { ...put, process: 'nemesis', type: 'info', f: 'kill' };
    const functions = (history: Operation[]): string[] =>
      parseHistory(formatHistory(history, 'porcupine-kv'), 'a file').history.map(({ type }) => type);
    assert.deepEqual(functions([put, { ...put, index: 1, type: 'ok' }, { ...nemesis, index: 2 }]), [
      'invoke',
      'ok',
    ]);
    assert.deepEqual(functions([put, { ...put, index: 1, type: 'info' }]), ['invoke']);
    const failed = [put, { ...put, index: 1, type: 'fail' as const }];
    assert.equal(formatHistory(failed, 'porcupine-kv'), '');
  });

  it('should refuse to write what a format cannot hold, and say what to write instead', () => {
    assert.throws(
      () => formatHistory([write], 'porcupine-kv'),
      /UsageError.*operation 0 is write.*jepsen-edn/s,
    );
    assert.throws(() => formatHistory([write], 'etcd-log'), /UsageError.*no keys.*operation 0/s);
    const { key: _, ...keyless } = write;
    assert.throws(
      () => formatHistory([{ ...keyless, f: 'a b' }], 'etcd-log'),
      /UsageError.*one word.*"a b"/s,
    );
    assert.match(formatHistory([keyless], 'etcd-log'), /^INFO {2}jepsen\.util - 0\t:invoke\t:write\t7\n$/);
  });

  it('should know its formats by name, and list them for a wrong one', () => {
    assert.equal(formatNamed('jepsen-edn'), 'jepsen-edn');
    assert.throws(
      () => formatNamed('edn'),
      new UsageError(
        'unknown history format "edn": expected one of jsonl, porcupine-kv, jepsen-edn, jepsen-json, etcd-log, plume',
      ),
    );
  });
});
