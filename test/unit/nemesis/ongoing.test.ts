/** Activities that go on while a fault is in force. */
import assert from 'node:assert/strict';
import { World } from '../../../harness/cluster/sim/world.ts';
import { Ongoing } from '../../../nemesis/ongoing.ts';

describe('ongoing activities', () => {
  it('should take one step after another, and end with the one that is under way', async () => {
    const { time } = new World('1');
    let steps = 0;
    const ongoing = new Ongoing(time, async ({ pause }) => {
      steps++;
      await pause(10);
    });
    ongoing.start();
    ongoing.start();
    await time.sleep(35);
    assert.equal(steps, 4);
    await ongoing.stop();
    await ongoing.stop();
    await time.sleep(100);
    assert.equal(steps, 4);
  });

  it('should stand still while somebody looks', async () => {
    const { time } = new World('1');
    let inStep = false;
    const ongoing = new Ongoing(time, async ({ pause }) => {
      inStep = true;
      await pause(10);
      inStep = false;
    });
    ongoing.start();
    await time.sleep(25);
    await ongoing.between(async () => {
      assert.equal(inStep, false);
      await time.sleep(50);
      assert.equal(inStep, false);
    });
    await time.sleep(5);
    assert.equal(inStep, true);
    await ongoing.stop();
  });

  it('should let time go on though a step finds nothing to do', async () => {
    const { time } = new World('1');
    let steps = 0;
    const ongoing = new Ongoing(time, () => {
      steps++;
      return Promise.resolve();
    });
    ongoing.start();
    await time.sleep(50);
    await ongoing.stop();
    assert.ok(steps > 10 && steps < 100, `${steps}`);
  });

  it('should end with a step that fails, and say why', async () => {
    const { time } = new World('1');
    let steps = 0;
    const ongoing = new Ongoing(time, async ({ pause }) => {
      await pause(10);
      if (++steps === 3) throw new Error('no more');
    });
    ongoing.start();
    await time.sleep(100);
    assert.deepEqual([steps, ongoing.failure], [3, 'no more']);
    await ongoing.stop();
  });
});
