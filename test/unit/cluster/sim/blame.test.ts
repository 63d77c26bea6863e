/** Errors that nobody caught reach whoever they belong to. */
import assert from 'node:assert/strict';
import {
  culpritNow,
  pulse,
  runFor,
  runForNobody,
  type Culprit,
} from '../../../../harness/cluster/sim/blame.ts';
import { EVENT, World } from '../../../../harness/cluster/sim/world.ts';

const NAMES = ['unhandledRejection', 'uncaughtException'] as const;

/** Runs in place of all other listeners of the process; answers what reached them. */
async function overheard(run: () => Promise<void>): Promise<string[]> {
  const heard: string[] = [];
  const others = NAMES.map((name) => ({ name, listeners: process.rawListeners(name as 'exit') }));
  for (const name of NAMES)
    process.removeAllListeners(name).on(name, (error: unknown) => heard.push(String(error)));
  try {
    await run();
  } finally {
    for (const { name, listeners } of others) {
      process.removeAllListeners(name);
      for (const listener of listeners) process.on(name, listener as () => void);
    }
  }
  return heard;
}

const culpritOf = (fail: (error: unknown) => void): Culprit => ({
  id: 'n1',
  now: 0,
  crash: fail,
  refuse: fail,
});

const rejection = (): void => void Promise.reject(new Error('rejection'));
const exception = (): void =>
  queueMicrotask(() => {
    throw new Error('exception');
  });

describe('simulator: blame', () => {
  it('should give errors to the culprit whose event it is, and to nobody else', async () => {
    const crashes: string[] = [];
    const culprit = culpritOf((error) => crashes.push(String(error)));
    const heard = await overheard(async () => {
      const world = new World('1');
      for (const fail of [rejection, exception]) world.after(1, EVENT.timer, () => runFor(culprit, fail));
      await world.time.sleep(2);
    });
    assert.deepEqual(crashes.sort(), ['Error: exception', 'Error: rejection']);
    assert.deepEqual(heard, []);
  });

  it('should pass on what belongs to nobody', async () => {
    const heard = await overheard(async () => {
      const world = new World('1');
      for (const fail of [rejection, exception]) world.after(1, EVENT.timer, fail);
      await world.time.sleep(2);
    });
    assert.deepEqual(heard.sort(), ['Error: exception', 'Error: rejection']);
  });

  it('should know whose code runs, until the next event, but for what is run for nobody', async () => {
    const world = new World('1');
    const culprit = culpritOf(() => assert.fail('nothing fails'));
    const seen: unknown[] = [];
    const look = (): void => void seen.push(culpritNow()?.id);
    world.after(1, EVENT.timer, () => {
      runFor(culprit, () => {
        look();
        runForNobody(look);
        look();
        queueMicrotask(look);
      });
    });
    world.after(1.5, EVENT.timer, look);
    await world.time.sleep(2);
    assert.deepEqual(seen, ['n1', undefined, 'n1', 'n1', undefined]);
  });

  it('should have a pulse that is odd while code of somebody runs, and another for each event', async () => {
    const world = new World('1');
    const culprit = culpritOf(() => assert.fail('nothing fails'));
    const beats: number[] = [];
    const look = (): void => void beats.push(pulse[0] ?? 0);
    for (const ms of [1, 2]) world.after(ms, EVENT.timer, () => runFor(culprit, look));
    world.after(3, EVENT.timer, look);
    await world.time.sleep(4);
    assert.deepEqual(
      beats.map((beat) => Math.abs(beat % 2)),
      [1, 1, 0],
    );
    assert.equal(new Set(beats).size, 3);
  });

  it('should leave the listeners of the process as they were', async () => {
    const before = NAMES.map((name) => process.listeners(name as 'exit'));
    await Promise.all([new World('1').time.sleep(5), new World('2').time.sleep(5)]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(
      NAMES.map((name) => process.listeners(name as 'exit')),
      before,
    );
  });
});
