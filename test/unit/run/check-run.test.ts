/** The thread in which checkers run: whatever they do, there is an answer for each, and none of them passes by it. */
import assert from 'node:assert/strict';
import { moduleBeside } from '../../../harness/module-url.ts';
import { checkRun } from '../../../harness/run/check-run.ts';

const MODULE = moduleBeside(import.meta.url, '../../fixtures/checked-target');

async function check(workload: string, timeoutMs = 5000, signal?: AbortSignal): Promise<string[]> {
  const request = {
    targetModule: MODULE,
    standardModule: MODULE,
    history: [],
    logs: {},
    workload,
    timeoutMs,
  };
  const results = await checkRun(request, signal);
  return results.map(({ checker, valid, summary }) => `${checker} ${valid}: ${summary}`);
}

describe('checkRun', () => {
  it('should answer what the checkers answer', async () => {
    assert.deepEqual(await check('fine'), ['fine true: fine']);
  });

  it('should call unknown what a checker that throws was asked', async () => {
    assert.deepEqual(await check('fine+throwing'), [
      'fine true: fine',
      'throwing unknown: the checker failed: lost my way',
    ]);
  });

  it('should not take for a verdict what is none', async () => {
    const [, silent] = await check('fine+silent');
    assert.match(
      silent ?? '',
      /^silent unknown: the checker failed: expected \{ valid, summary, problems \}/,
    );
  });

  it('should keep what is known when a checker ends the thread, and call the others unknown', async () => {
    assert.deepEqual(await check('fine+leaving+timed', 60_000), [
      'fine true: fine',
      'leaving unknown: the check ended early',
      'timed unknown: the check ended early',
    ]);
  });

  it('should not wait for what never comes', async () => {
    const [fine, waiting] = await check('fine+waiting', 60_000);
    assert.equal(fine, 'fine true: fine');
    assert.match(waiting ?? '', /^waiting unknown: the check ended early/);
  });

  it('should end a checker at the deadline, and keep what is known', async () => {
    assert.deepEqual(await check('fine+busy', 2000), [
      'fine true: fine',
      'busy unknown: no verdict within 2 s',
    ]);
  });

  it('should tell a checker the time that is left, less than there is in all', async () => {
    const [timed] = await check('timed', 5000);
    const left = Number(/timed true: (.*)/.exec(timed ?? '')?.[1]);
    assert.ok(left > 0 && left < 4500, timed);
  });

  it('should end early when it is interrupted', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    const results = await check('fine+busy', 60_000, stop.signal);
    assert.match(
      results.at(-1) ?? '',
      /^\w+ unknown: interrupted before it was done; `splitbrain check` can/,
    );
  });
});
