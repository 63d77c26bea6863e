/** Virtual time: when it goes on, when it stands still, and in which order things happen. */
import assert from 'node:assert/strict';
import { subjectOf } from '../../../../harness/cluster/sim/event-queue.ts';
import { EVENT, World } from '../../../../harness/cluster/sim/world.ts';
import { NANOS_PER_MS, sleep as realSleep } from '../../../../harness/time.ts';

const HOUR_MS = 3_600_000;

/** The order in which five events of one moment happen. */
async function orderOf(seed: string): Promise<string> {
  const world = new World(seed);
  let order = '';
  for (const name of 'abcde') world.after(1, EVENT.timer, () => void (order += name));
  await world.time.sleep(2);
  return order;
}

describe('simulator: world', () => {
  it('should jump to the next event, and never wake anybody early', async () => {
    const { time } = new World('1');
    const begun = performance.now();
    await time.sleep(HOUR_MS);
    assert.equal(time.now(), HOUR_MS * NANOS_PER_MS);
    await time.sleep(1e-7);
    assert.equal(time.now(), HOUR_MS * NANOS_PER_MS + 1);
    assert.ok(performance.now() - begun < 1000);
  });

  it('should stand still while nobody waits', async () => {
    const world = new World('1');
    let happened = false;
    world.after(1, EVENT.timer, () => (happened = true));
    await realSleep(5);
    assert.equal(happened, false);
    await world.time.sleep(1.5);
    assert.equal(happened, true);
  });

  it('should run all continuations of an event before the next', async () => {
    const world = new World('1');
    const seen: string[] = [];
    world.after(1, EVENT.timer, () => {
      const chain = async (): Promise<void> => {
        for (let turn = 0; turn < 1000; turn++) await Promise.resolve();
        seen.push(`chain at ${world.now}`);
      };
      void chain();
    });
    world.after(1 + 1 / NANOS_PER_MS, EVENT.timer, () => seen.push(`next at ${world.now}`));
    await world.time.sleep(2);
    assert.deepEqual(seen, ['chain at 1000000', 'next at 1000001']);
  });

  it('should draw the order of events of one moment from the seed', async () => {
    const orders = await Promise.all(['1', '2', '3', '1'].map(orderOf));
    assert.equal(orders[0], orders[3]);
    assert.equal(new Set(orders).size, 3);
  });

  it('should keep worlds side by side apart', async () => {
    const alone = await orderOf('7');
    const [beside] = await Promise.all([orderOf('7'), new World('8').time.sleep(1000)]);
    assert.equal(beside, alone);
  });

  it('should wake a sleeper at once when its signal aborts', async () => {
    const { time } = new World('1');
    const controller = new AbortController();
    const sleeping = time.sleep(HOUR_MS, controller.signal);
    await time.sleep(10);
    controller.abort();
    await sleeping;
    assert.equal(time.now(), 10 * NANOS_PER_MS);
    await time.sleep(HOUR_MS, controller.signal);
    assert.equal(time.now(), 10 * NANOS_PER_MS, 'aborted before it began');
  });

  it('should refuse what is no time from now', () => {
    const world = new World('1');
    for (const ms of [-1, NaN])
      assert.throws(() => world.after(ms, EVENT.timer, () => undefined), RangeError);
    assert.equal(world.after(0, EVENT.timer, () => undefined).time, 0);
  });

  it('should have a checksum of what was drawn and what happened', async () => {
    const checksumOf = async (seed: string, ms: number, draws: number): Promise<string> => {
      const world = new World(seed);
      const random = world.random('test').fork('deeper');
      for (let draw = 0; draw < draws; draw++) random.next();
      await world.time.sleep(ms);
      return world.checksum;
    };
    const checksum = await checksumOf('1', 5, 3);
    assert.equal(await checksumOf('1', 5, 3), checksum);
    assert.notEqual(await checksumOf('2', 5, 3), checksum);
    assert.notEqual(await checksumOf('1', 6, 3), checksum);
    assert.notEqual(await checksumOf('1', 5, 4), checksum);
  });

  it('should have in the checksum whom events concern', async () => {
    const checksumOf = async (name: string): Promise<string> => {
      const world = new World('1');
      world.after(1, EVENT.timer, () => undefined, subjectOf(name));
      await world.time.sleep(2);
      return world.checksum;
    };
    const checksum = await checksumOf('n1');
    assert.equal(await checksumOf('n1'), checksum);
    assert.notEqual(await checksumOf('n2'), checksum);
  });

  it('should have a journal kept of every event, with the checksum until then', async () => {
    const kept = async (draws: number): Promise<unknown[]> => {
      const world = new World('1');
      const random = world.random('test');
      const entries: unknown[] = [];
      world.journal = {
        event: ({ time, kind, subject, content }, checksum) =>
          entries.push([time, kind, subject.name, content, checksum]),
      };
      const draw = (): void => {
        for (let drawn = 0; drawn < draws; drawn++) random.next();
      };
      world.after(1, EVENT.timer, draw, subjectOf('n1'), 'something');
      await world.time.sleep(2);
      return entries;
    };
    const [first, second] = [await kept(0), await kept(1)];
    const [[...timer] = [], [...wait] = []] = first as unknown[][];
    assert.deepEqual(timer.slice(0, 4), [NANOS_PER_MS, EVENT.timer, 'n1', 'something']);
    assert.deepEqual(wait.slice(0, 4), [2 * NANOS_PER_MS, EVENT.wait, 'harness', undefined]);
    assert.deepEqual(first[0], second[0]);
    assert.notDeepEqual(first[1], second[1], 'what was drawn in an event shows in the next');
  });
});
