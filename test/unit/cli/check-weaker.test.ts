/**
 * Checking a file for something weaker than linearizability: what each check says, what it is not asked, and that it ends.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WeakerConsistency } from '../../../harness/cli/check-consistency.ts';
import type { HistoryResult } from '../../../harness/cli/check-history.ts';
import { CheckProgress } from '../../../harness/cli/check-progress.ts';
import { CheckThread } from '../../../harness/cli/check-thread.ts';
import { checkWeaker, type WeakerFileResult, type WeakerOptions } from '../../../harness/cli/check-weaker.ts';
import { atLength, briefly } from '../../../harness/cli/check-words.ts';
import { formatHistory, type FormatName } from '../../../harness/history/read.ts';
import type { Json } from '../../../harness/json.ts';
import { alone, history, TICK, type Entry } from '../checkers/histories.ts';

const TIMEOUT_MS = 10_000;

/** Writes of 1, 2 and 3 one after another, and then somebody reads that. */
const thenRead = (value: Json, reader = 1): Entry[] => [
  ...[1, 2, 3].flatMap((written) => alone(0, 'write', written)),
  ...alone(reader, 'read', null, value),
];

describe('checkWeaker', () => {
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'splitbrain-weaker-'))));
  after(() => rmSync(directory, { recursive: true }));

  const file = (entries: readonly Entry[], format: FormatName = 'jsonl'): string => {
    const path = join(directory, `history.${format}`);
    writeFileSync(path, formatHistory(history(...entries), format));
    return path;
  };
  const check = (
    consistency: WeakerConsistency,
    path: string,
    more: Partial<WeakerOptions> = {},
  ): Promise<WeakerFileResult> =>
    checkWeaker(path, { timeoutMs: TIMEOUT_MS, maxStalenessNs: 0, ...more, consistency });

  it('should ask for an order that keeps the clients, whatever the times', async () => {
    const model = 'register';
    const late = await check('sequential', file(thenRead(1)), { model });
    const own = await check('sequential', file(thenRead(1, 0)), { model });
    assert.deepEqual([late.valid, own.valid], [true, false]);
    assert.match(own.summary, /^Not sequentially consistent: /);
    assert.match(atLength(own), /NOT sequentially consistent\n[^]*↻ {2}0 {8}write 3 {4}4–5 {4}before /);
    await assert.rejects(check('sequential', file(thenRead(1))), {
      name: 'UsageError',
      message: /a jsonl history does not say .*--model/,
    });
  });

  it('should tell how far it came where the time was too short', async () => {
    const writes = Array.from({ length: 12 }, (_, writer) => alone(writer, 'write', 'same')).flat();
    const unlucky = [...writes, ...alone(20, 'read', null, 'same'), ...alone(20, 'read', null, 'none')];
    const hard = file(unlucky);
    const lost = await check('sequential', hard, { model: 'register', timeoutMs: -1 });
    assert.equal(lost.valid, 'unknown');
    assert.match(atLength(lost), /undecided[^]*\nThe longest order that was found has \d+ operations\.$/);
    assert.equal((await check('sequential', hard, { model: 'register' })).valid, false);
  });

  it('should give the order where one is asked for', async () => {
    const found = await check('sequential', file(thenRead(3)), { model: 'register' });
    assert.match(atLength(found, true), /\n {2}Order, by indices of invocations: 0 2 4 6$/);
    assert.doesNotMatch(atLength(found), /Order/);
  });

  it('should judge the guarantees of sessions', async () => {
    const other = await check('sessions', file(thenRead(1)));
    const own = await check('sessions', file(thenRead(1, 0)));
    assert.deepEqual([other.valid, own.valid], [true, false]);
    const text = atLength(own);
    const initial = await check('sessions', file(thenRead(null, 0)));
    assert.match(
      text,
      /\n {2}read your writes {5}NOT together with monotonic writes\n {2}monotonic reads {6}kept\n/,
    );
    assert.match(text, /read → 1 {3}6–7 {4}so \d before 1: read your writes/);
    assert.match(atLength(initial), /NOT session-consistent\n[^]*read your writes {5}BROKEN\n/);
    assert.doesNotMatch(atLength(other), /BROKEN|NOT/);
  });

  it('should ask whether reads were late by one version at most', async () => {
    const [two, one] = [
      await check('2-atomic', file(thenRead(1))),
      await check('2-atomic', file(thenRead(2))),
    ];
    assert.deepEqual([two.valid, one.valid], [false, true]);
    assert.match(
      atLength(two),
      /NOT 2-atomic\n[^]*1 {6}write 1 \(0–1\) {2}write 1 \(0–1\) {4}read → 1 \(6–7\)/,
    );
  });

  it('should measure how stale reads were, and compare that with what is allowed', async () => {
    const path = file(thenRead(1));
    const stale = await check('staleness', path);
    const result = stale.consistency === 'staleness' ? stale.result : null;
    assert.deepEqual([stale.valid, result?.deltaNs], [false, 3 * TICK]);
    assert.match(
      atLength(stale),
      /NOT fresh enough\n {2}Reads were stale by up to 3 µs[^]*by 3 µs, as these/,
    );
    const verdicts = [3 * TICK - 1, 3 * TICK].map(
      async (maxStalenessNs) => (await check('staleness', path, { maxStalenessNs })).valid,
    );
    assert.deepEqual(await Promise.all(verdicts), [false, true]);
    assert.equal((await check('staleness', file(thenRead(3)))).valid, true);
    assert.match(briefly(stale), /^NOT fresh enough {2}.*history\.jsonl {2}\(\d+ ms\) {2}Reads were stale/);
  });

  it('should find no staleness enough for a value that nobody wrote', async () => {
    const garbage = await check('staleness', file(thenRead(9)), { maxStalenessNs: 1e9 });
    assert.equal(garbage.valid, false);
    assert.match(atLength(garbage), /No Δ is enough: [^]*✗ {2}1 {8}read → 9 {3}6–7 {4}nobody had begun/);
  });

  it('should say that it cannot tell where a value that was written twice is read', async () => {
    const twice = [...alone(0, 'write', 1), ...alone(0, 'write', 1)];
    const answers = (['sessions', '2-atomic', 'staleness'] as const).map(async (consistency) => {
      const read = await check(consistency, file([...twice, ...alone(1, 'read', null, 1)]));
      return [read.valid, /written 1 twice, at index 0 and 2/.test(read.summary)];
    });
    assert.deepEqual(await Promise.all(answers), [['unknown', true], ['unknown', true], ['unknown', true]]); // prettier-ignore
    assert.equal((await check('sessions', file(twice))).valid, true, 'and can where it is not');
  });

  it('should leave out reads that say nothing, as with linearizability', async () => {
    const path = file([...alone(0, 'write', 1), ...alone(0, 'read', null, null)], 'jepsen-json');
    const silent = await check('sessions', path, { init: 0 });
    assert.deepEqual([silent.valid, silent.notes.length], [true, 1]);
    assert.match(silent.notes.join(' '), /gave nil \(1\) were left out/);
    assert.equal((await check('sessions', path, { init: null })).valid, false);
  });

  it('should ask a history without times for nothing but an order', async () => {
    const path = join(directory, 'x.plume');
    writeFileSync(path, 'w(1,1,0,0)\nr(1,1,1,1)\n');
    assert.equal((await check('sequential', path)).valid, true);
    writeFileSync(path, 'w(1,1,0,0)\nr(1,1,1,1)\nr(1,0,1,2)\n');
    assert.equal((await check('sequential', path)).valid, false);
    await assert.rejects(check('staleness', path), {
      name: 'UsageError',
      message:
        /x\.plume: a plume history has no times, .* whether it is fresh enough; --consistency sequential/,
    });
  });

  it('should be ended from outside where it does not end by itself, and the thread go on with others', async () => {
    const stuck = fileURLToPath(new URL('../checkers/linearizable/stuck-model.ts', import.meta.url));
    const options = { consistency: 'sequential', model: stuck, timeoutMs: 300, maxStalenessNs: 0 } as const;
    const terminal = { isTTY: false, write: () => assert.fail('nobody watches') };
    const thread = new CheckThread(options, new CheckProgress(2, options.timeoutMs, terminal));
    try {
      for (const attempt of [1, 2]) {
        const result: HistoryResult = await thread.check(file(thenRead(attempt)));
        assert.deepEqual([result.valid, result.result], ['unknown', null]);
        assert.match(
          atLength(result),
          /history\.jsonl: unknown\n {2}Undecided: the time was up, and the check/,
        );
      }
      await assert.rejects(thread.check(join(directory, 'none')), {
        name: 'UsageError',
        message: /no such file/,
      });
    } finally {
      await thread.end();
    }
  });
});
