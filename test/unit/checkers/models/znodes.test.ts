/**
 * What the nodes under a parent allow and forbid, one operation after another. Beside each step that is refused stands the one that is not.
 */
import assert from 'node:assert/strict';
import { models } from '../../../../checkers/models/index.ts';
import { describeOperation } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { after, allows, op } from './steps.ts';

const model = models.znodes;
const allowed = (...operations: readonly ModelOperation[]): boolean =>
  allows(model, undefined, ...operations);

const create = (name: string, zxid: number, data: Json = null): ModelOperation =>
  op('create', { name, data, sequential: false }, { name, zxid });
const numbered = (number: number, zxid: number): ModelOperation =>
  op(
    'create',
    { name: 's-', data: null, sequential: true },
    { name: `s-${String(number).padStart(10, '0')}`, zxid },
  );
const set = (
  name: string,
  version: number | null,
  made: number,
  zxid: number,
  data: Json = null,
): ModelOperation => op('set', { name, data, version }, { version: made, zxid });
const get = (name: string, result: Json): ModelOperation => op('get', { name }, result);
const remove = (name: string, version: number | null, zxid: number): ModelOperation =>
  op('delete', { name, version }, { zxid });
const children = (...names: readonly string[]): ModelOperation => op('children', null, names);

describe('znodes', () => {
  it('should make a node once, until it is deleted', () => {
    assert.ok(allowed(create('a', 1), create('b', 2)));
    assert.ok(!allowed(create('a', 1), create('a', 2)));
    assert.ok(allowed(create('a', 1), remove('a', null, 2), create('a', 3)));
    assert.ok(!allowed(remove('a', null, 2)));
  });

  it('should number nodes from 0 on, and never go back', () => {
    assert.ok(allowed(numbered(0, 1), numbered(1, 2)));
    assert.ok(!allowed(numbered(0, 1), numbered(2, 2)));
    assert.ok(allowed(numbered(0, 1), remove('s-0000000000', null, 2), numbered(1, 3)));
    assert.ok(!allowed(numbered(0, 1), remove('s-0000000000', null, 2), numbered(0, 3)));
  });

  it('should count changes of data, and begin anew with each node', () => {
    assert.ok(allowed(create('a', 1), set('a', null, 1, 2), set('a', null, 2, 3)));
    assert.ok(!allowed(create('a', 1), set('a', null, 1, 2), set('a', null, 1, 3)));
    const anew = [create('a', 1), set('a', null, 1, 2), remove('a', null, 3), create('a', 4)];
    assert.ok(allowed(...anew, set('a', null, 1, 5)));
    assert.ok(!allowed(...anew, set('a', null, 2, 5)));
  });

  it('should change and delete on condition of a version', () => {
    assert.ok(allowed(create('a', 1), set('a', 0, 1, 2), remove('a', 1, 3)));
    assert.ok(!allowed(create('a', 1), set('a', 1, 1, 2)));
    assert.ok(!allowed(create('a', 1), set('a', 0, 1, 2), remove('a', 0, 3)));
  });

  it('should give what was written last, and by which change', () => {
    const changes = [create('a', 1, 'x'), set('a', null, 1, 2, 'y')];
    assert.ok(allowed(...changes, get('a', { data: 'y', version: 1, zxid: 2 }), get('b', null)));
    assert.ok(!allowed(...changes, get('a', { data: 'x', version: 1, zxid: 2 })));
    assert.ok(!allowed(...changes, get('a', { data: 'y', version: 0, zxid: 2 })));
    assert.ok(!allowed(...changes, get('a', { data: 'y', version: 1, zxid: 1 })));
    assert.ok(!allowed(...changes, get('a', null)));
    assert.ok(!allowed(get('a', { data: 'y', version: 1, zxid: 2 })));
  });

  it('should list the names in order', () => {
    assert.ok(allowed(create('b', 1), numbered(0, 2), create('a', 3), children('a', 'b', 's-0000000000')));
    assert.ok(!allowed(create('b', 1), create('a', 3), children('b', 'a')));
    assert.ok(!allowed(create('b', 1), create('a', 3), children('a')));
  });

  it('should have changes in the order of their zxids', () => {
    assert.ok(allowed(create('a', 1), create('b', 5), set('a', null, 1, 6)));
    assert.ok(!allowed(create('a', 5), create('b', 4)));
    assert.ok(!allowed(create('a', 5), set('a', null, 1, 5)));
  });

  it('should take any zxid for that of a change of which nobody was told', () => {
    const crashed = op('create', { name: 'a', data: 'x', sequential: false });
    assert.ok(
      allowed(create('b', 5), crashed, get('a', { data: 'x', version: 0, zxid: 7 }), set('b', null, 1, 6)),
    );
    assert.ok(!allowed(crashed, get('a', { data: 'y', version: 0, zxid: 7 })));
    const conditional = op('set', { name: 'b', data: 'x', version: 1 });
    assert.ok(!allowed(create('b', 5), conditional));
    assert.ok(allowed(create('b', 5), set('b', null, 1, 6), conditional));
  });

  it('should start without nodes, and refuse what it does not understand', () => {
    assert.throws(() => model.init({ a: 1 }), /starts without nodes/);
    assert.throws(() => allowed(op('get', 'a', null)), /get takes/);
    assert.throws(() => allowed(op('create', { name: 'a' }, 'a')), /create gives an object/);
  });

  it('should say what it is about', () => {
    assert.equal(
      after(model, undefined, create('a', 1, 'x'), numbered(0, 2)),
      'a = "x" (version 0, zxid 1), s-0000000000 = nil (version 0, zxid 2); 1 were numbered',
    );
    assert.equal(
      describeOperation(model, set('a', 3, 4, 9, 'y')),
      'set a = "y" if version 3 → {"version":4,"zxid":9}',
    );
    assert.equal(
      describeOperation(model, numbered(0, 2)),
      'create s-# = nil → {"name":"s-0000000000","zxid":2}',
    );
  });
});
