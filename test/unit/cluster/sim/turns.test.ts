/** When simulated nodes get to what comes up. Pauses are tested with whole nodes in test/integration/sim. */
import assert from 'node:assert/strict';
import { subjectOf } from '../../../../harness/cluster/sim/event-queue.ts';
import { Turns } from '../../../../harness/cluster/sim/turns.ts';
import { World } from '../../../../harness/cluster/sim/world.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';

/** Turns whose code writes down when it ran. */
class Node {
  readonly world = new World('1');
  readonly turns = new Turns({
    world: this.world,
    random: this.world.place('node'),
    subject: subjectOf('node'),
    run: (code) => code(),
  });
  readonly ran: string[] = [];

  take(what: string, cause: 'timer' | 'io' = 'io'): void {
    this.turns.take(cause, () => this.ran.push(`${what}@${Math.round(this.world.now / NANOS_PER_MS)}`));
  }

  /** What ran by then. */
  async by(ms: number): Promise<string[]> {
    await this.world.time.sleep(ms - this.world.now / NANOS_PER_MS);
    return this.ran;
  }
}

describe('simulator: turns', () => {
  it('should get to everything at once unless it is slow', async () => {
    const node = new Node();
    node.take('a');
    node.take('b');
    assert.deepEqual(await node.by(1), ['a@0', 'b@0']);
  });

  it('should work at one thing after another when it is slow, each for as long', async () => {
    const node = new Node();
    node.turns.slow(10);
    for (const what of ['a', 'b', 'c']) node.take(what);
    assert.deepEqual(await node.by(25), ['a@10', 'b@20']);
    await node.by(50);
    node.take('d');
    assert.deepEqual(await node.by(100), ['a@10', 'b@20', 'c@30', 'd@60']);
  });

  it('should catch up when it is no longer slow', async () => {
    const node = new Node();
    node.turns.slow(10);
    for (const what of ['a', 'b', 'c', 'd']) node.take(what);
    await node.by(15);
    node.turns.slow(0);
    assert.deepEqual(await node.by(50), ['a@10', 'b@15', 'c@15', 'd@15']);
  });

  it('should stop in the middle of its work when it is paused, and begin that anew', async () => {
    const node = new Node();
    node.turns.slow(10);
    node.take('a');
    node.take('b');
    await node.by(15);
    node.turns.pause();
    assert.deepEqual(await node.by(100), ['a@10']);
    node.turns.resume();
    assert.deepEqual(await node.by(200), ['a@10', 'b@110']);
  });

  it('should get to timers and to what arrives alike when it has too much to do', async () => {
    const node = new Node();
    node.turns.slow(1);
    for (let count = 0; count < 50; count++) {
      node.take('t', 'timer');
      node.take('i', 'io');
    }
    const early = (await node.by(40)).map((entry) => entry[0]);
    assert.ok(early.filter((what) => what === 't').length > 10);
    assert.ok(early.filter((what) => what === 'i').length > 10);
  });

  it('should never get to what a dead life left, also not to what it was working at', async () => {
    const node = new Node();
    node.turns.slow(10);
    node.take('a');
    node.take('b');
    await node.by(5);
    node.turns.forget();
    node.take('c');
    assert.deepEqual(await node.by(100), ['c@15'], 'it is as slow in its next life');
  });
});
