/** Errors that nobody caught reach whoever they belong to. */
import assert from 'node:assert/strict';
import { runFor } from '../../../../harness/cluster/sim/blame.ts';
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

const rejection = (): void => void Promise.reject(new Error('rejection'));
const exception = (): void =>
  queueMicrotask(() => {
    throw new Error('exception');
  });

describe('simulator: blame', () => {
  it('should give errors to the culprit whose event it is, and to nobody else', async () => {
    const crashes: string[] = [];
    const culprit = { crash: (error: unknown): void => void crashes.push(String(error)) };
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
