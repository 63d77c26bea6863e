/** Malformed histories, one of each kind: refused with file, line, field and what was expected; accepted mended. */
import assert from 'node:assert/strict';
import type { ReadOptions } from '../../../harness/history/read.ts';
import { completion, invocation, jsonl, refusal } from './samples.ts';

/** A malformed text, the same text mended, and what is said of the former. */
const malformed: readonly [title: string, bad: string, good: string, message: RegExp, ReadOptions?][] = [
  [
    'an unknown type',
    jsonl(invocation, completion.replace('"ok"', '"okay"')),
    jsonl(invocation, completion),
    /^h:2: field "type": expected one of invoke, ok, fail, info, got "okay"$/,
  ],
  [
    'an index out of order',
    jsonl(invocation, completion.replace(':1', ':2')),
    jsonl(invocation, completion),
    /^h:2: field "index": expected 1, the next in order, got 2$/,
  ],
  [
    'no time',
    jsonl(invocation.replace('"time":5,', '')),
    jsonl(invocation),
    /^h:1: field "time": expected whole nanoseconds .*, got nothing$/,
  ],
  [
    'a fraction of a nanosecond',
    jsonl(invocation.replace(':5', ':5.5')),
    jsonl(invocation),
    /^h:1: field "time": .* got 5.5$/,
  ],
  [
    'no value',
    jsonl(invocation.replace(',"value":7', '')),
    jsonl(invocation),
    /^h:1: field "value": .*, got nothing$/,
  ],
  [
    'no function',
    jsonl(invocation.replace('"write"', 'null')),
    jsonl(invocation),
    /^h:1: field "f": .*, got null$/,
  ],
  [
    'a process by name',
    jsonl(invocation.replace('"process":0', '"process":"p"')),
    jsonl(invocation),
    /^h:1: field "process": expected a whole number from 0, or nemesis, got "p"$/,
  ],
  [
    'a node that is no name',
    jsonl(invocation.replace('7}', '7,"node":3}')),
    jsonl(invocation.replace('7}', '7,"node":"n3"}')),
    /^h:1: field "node": expected a node's name, got 3$/,
  ],
  [
    'broken JSON before the end',
    jsonl('{"index":0,', completion),
    jsonl(invocation, completion),
    /^h:1: expected one operation as JSON: /,
  ],
  [
    'broken JSON in a last line that has its end',
    jsonl(invocation, '{"index":1,'),
    jsonl(invocation, completion),
    /^h:2: expected one operation as JSON: /,
  ],
  [
    'an array for an operation',
    jsonl(invocation, '[1]'),
    jsonl(invocation, completion),
    /^h:2: expected an operation as a map, got \[1\]$/,
  ],
  [
    'a completion without invocation',
    jsonl(completion.replace(':1', ':0')),
    jsonl(invocation, completion),
    /^h:1: process 0 completes write, but has no operation open: expected an invocation first$/,
  ],
  [
    'two invocations at once',
    jsonl(invocation, invocation.replace(':0', ':1')),
    jsonl(invocation, completion),
    /^h:2: process 0 invokes write, but its write of line 1 is not completed/,
  ],
  [
    'a completion of something else',
    jsonl(invocation, completion.replace('"write"', '"read"')),
    jsonl(invocation, completion),
    /^h:2: process 0 completes read, but invoked write at line 1: expected a completion of that$/,
  ],
  [
    'a process after its info',
    jsonl(invocation, completion.replace('ok', 'info'), invocation.replace(':0', ':2')),
    jsonl(
      invocation,
      completion.replace('ok', 'info'),
      invocation.replace(':0', ':2').replace('"process":0', '"process":1'),
    ),
    /^h:3: process 0 invokes write, but ended in info at line 2: expected a new process number$/,
  ],
  ['nothing but blanks', ' \n', jsonl(invocation), /^h: the file is empty; expected a history \(jsonl, /],
  [
    'an empty array',
    '[]',
    '[{"process":0,"type":"invoke","f":"read"}]',
    /^h: holds no operations; expected at least one$/,
  ],
  [
    'something else',
    'a,b,c\n',
    jsonl(invocation),
    /^h:1: not recognised as a history; expected one of jsonl, /,
  ],
  [
    'a missing comma and more in JSON',
    '[\n{"process":0,"type":"invoke","f":"read"}\nx]',
    '[\n{"process":0,"type":"invoke","f":"read"}\n]',
    /^h:3: expected an operation as a JSON object, got x$/,
  ],
  [
    'an open brace in JSON',
    '[\n{"process":0,"type":"invoke","f":"read"',
    '[\n{"process":0,"type":"invoke","f":"read"}]',
    /^h:2: expected a closing }: this operation is never closed$/,
  ],
  [
    'a brace too many in JSON',
    '[{"process":0,"type":"invoke","f":"read"}}]',
    '[{"process":0,"type":"invoke","f":"read"}]',
    /^h:1: expected an operation as a JSON object, got }$/,
  ],
  [
    'no process in EDN',
    '{:process 0 :type :invoke :f :read}\n{:type :ok :f :read}',
    '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :read}',
    /^h:2: field "process": expected a whole number from 0, or nemesis, got nothing$/,
  ],
  [
    'nil for a process in EDN',
    '{:process nil :type :invoke :f :read}',
    '{:process 0 :type :invoke :f :read}',
    /^h:1: field "process": .*, got null$/,
  ],
  [
    'an open map in EDN',
    '{:process 0 :type :invoke\n:f :read',
    '{:process 0 :type :invoke\n:f :read}',
    /^h:1: expected a closing }: it is never closed$/,
  ],
  [
    'a key without value in EDN',
    '\n{:process 0 :type :invoke :f}',
    '\n{:process 0 :type :invoke :f :read}',
    /^h:2: a map has a key without a value$/,
  ],
  [
    'no tuple where independent ones are expected',
    '{:process 0 :type :invoke :f :read :value nil}',
    '{:process 0 :type :invoke :f :read :value [1 nil]}',
    /^h:1: field "value": expected an independent tuple \[key value\], got null$/,
    { independent: true },
  ],
  [
    'an etcd line of too few columns',
    'INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok',
    'INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\t1',
    /^h:2: expected "jepsen.util - process :type :function value", got INFO/,
  ],
  [
    'an etcd value that is no EDN',
    'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2',
    'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]',
    /^h:1: field "value": expected a closing \]/,
  ],
  [
    'an etcd line with words after the value',
    'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2] a b',
    'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]',
    /^h:1: expected a value and perhaps an error/,
  ],
  [
    'another function in a porcupine log',
    '{:process 0, :type :invoke, :f :get, :key "0", :value nil}\n{:process 0, :type :ok, :f :delete, :key "0", :value nil}',
    '{:process 0, :type :invoke, :f :get, :key "0", :value nil}\n{:process 0, :type :ok, :f :get, :key "0", :value nil}',
    /^h:2: field "f": expected one of get, put, append, got "delete"$/,
  ],
  [
    'no key in a porcupine log',
    '{:process 0, :type :invoke, :f :get, :value nil}',
    '{:process 0, :type :invoke, :f :get, :key "0", :value nil}',
    /^h:1: field "key": expected a string, got nothing$/,
    { format: 'porcupine-kv' },
  ],
];

describe('malformed histories', () => {
  for (const [title, bad, good, message, options] of malformed) {
    it(`should refuse ${title}, and accept it mended`, () => {
      assert.match(refusal(bad, options), message);
      assert.equal(refusal(good, options), 'accepted');
    });
  }
});
