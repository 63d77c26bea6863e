/** What becomes of the connections of simulated links. */
import assert from 'node:assert/strict';
import { SimConnection } from '../../../../harness/cluster/sim/connection.ts';
import { PATIENCE_MS } from '../../../../harness/node/peer-connection.ts';

function opened(): SimConnection {
  const connection = new SimConnection();
  connection.dial(0, true);
  return connection;
}

describe('simulator: connections', () => {
  it('should count what was dialled, and what became of it, at both ends', () => {
    const connection = opened();
    assert.deepEqual([connection.out(0).open, connection.in(0).open], [true, 1]);
    connection.break(10);
    assert.deepEqual([connection.out(10).open, connection.in(10).open], [false, 0]);
    connection.dial(20, true);
    assert.equal(connection.isOpen(20), false, 'too soon');
    connection.dial(60, true);
    const { dialled, opened: made, ended } = connection.out(60);
    assert.deepEqual([dialled, made, ended.broken, connection.in(60).opened], [2, 2, 1, 2]);
    connection.break(70, true);
    assert.equal(connection.in(70).damaged, 1);
  });

  it('should let a sender that was forgotten go on until its patience is over, from its next word on', () => {
    const connection = opened();
    connection.orphan(10);
    assert.deepEqual([connection.out(5000).open, connection.in(5000).open], [true, 0]);
    assert.equal(connection.carries(5000, false), false);
    assert.equal(connection.isOpen(5000 + PATIENCE_MS.min - 1), true);
    assert.equal(connection.isOpen(5000 + PATIENCE_MS.min), false);
    assert.equal(connection.out(6000).ended.silent, 1);
  });

  it('should have a sender lose patience with a cut, and not with one that healed in time', () => {
    for (const healedMs of [PATIENCE_MS.min - 1, PATIENCE_MS.min + 1]) {
      const connection = opened();
      assert.equal(connection.carries(0, true), false);
      const isOpen = connection.isOpen(healedMs);
      assert.equal(isOpen, healedMs < PATIENCE_MS.min);
      if (isOpen) assert.equal(connection.carries(healedMs, false), true);
      assert.equal(connection.isOpen(10_000), isOpen);
    }
  });

  it('should tell the other end late of a close that takes its time', () => {
    const connection = opened();
    assert.equal(connection.hangUp(100, 1000), true);
    assert.equal(connection.hangUp(100, 1000), false, 'there is none');
    connection.dial(200, true);
    assert.deepEqual(
      [connection.in(200).open, connection.in(1099).open, connection.in(1100).open],
      [2, 2, 1],
    );
    connection.orphan(2000, 500);
    assert.deepEqual([connection.out(2499).open, connection.out(2500).open], [true, false]);
    assert.equal(connection.out(2500).ended.broken, 1);
  });

  it('should not be made while the name is not found', () => {
    const connection = new SimConnection();
    connection.dial(0, false);
    assert.equal(connection.isOpen(0), false);
    assert.equal(connection.out(0).ended.unresolved, 1);
    connection.dial(100, true);
    assert.equal(connection.isOpen(100), true);
  });
});
