/** report.html as text: complete, self-contained, and deaf to whatever a target wrote. The browser test is test/e2e/report-page.test.ts. */
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Validity } from '../../../../harness/history/checker.ts';
import type { Operation, OperationType } from '../../../../harness/history/operation.ts';
import type { RunRecord } from '../../../../harness/run/reporter.ts';
import { html } from '../../../../reports/html/report.ts';
import { markup } from '../../../../reports/html/markup.ts';
import { unpackHistory } from '../../../../reports/html/page/columns.ts';
import type { PageData } from '../../../../reports/html/page/data.ts';
import { LOG_LINES_MAX, logLines } from '../../../../reports/html/payload.ts';
import { decisionEntries } from '../../../fixtures/decisions.ts';
import { sampleRecord } from '../../../fixtures/run-record.ts';

function payloadOf(page: string): PageData {
  const text =
    /<script type="application\/octet-stream" id="payload">([^<]*)<\/script>/.exec(page)?.[1] ?? '';
  return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()) as PageData;
}

describe('report.html', () => {
  const verdicts: readonly [Validity, string, number][] = [
    [true, 'PASS', 0],
    [false, 'FAIL', 1],
    ['unknown', 'UNKNOWN', 2],
  ];
  for (const [valid, word, code] of verdicts) {
    it(`should say ${word} and why for a run that is ${valid}`, async () => {
      const record = sampleRecord({ valid });
      const page = await html.render(record);
      assert(page.includes(`<span class="word">${word}</span>`));
      assert(page.includes(`Exit code ${code}.`));
      assert(page.includes(record.results.summary));
      assert(page.includes(record.plan.command));
    });
  }

  it('should say how its faults were chosen', async () => {
    const record = sampleRecord({ valid: true });
    const facts = async (plan: Partial<RunRecord['plan']>): Promise<string> =>
      (await html.render({ ...record, plan: { ...record.plan, ...plan } })).match(
        /<dt>Faults asked for<\/dt><dd>([^<]*)/,
      )?.[1] ?? '';
    assert.equal(await facts({}), 'partition,kill,pause, every 5.0 s or so');
    assert.equal(await facts({ intervalMs: 0 }), 'partition,kill,pause, given one by one');
    assert.equal(await facts({ nemesis: 'none' }), 'none');
  });

  it('should say that a run was stopped early and why, and of what it was not followed', async () => {
    const record = sampleRecord({ valid: false });
    const stopped = { checker: 'linearizable', operation: 412, time: 3.2e9, why: 'key 7 is wrong' };
    const results = { ...record.results, stopped, notes: ['One did not.'] };
    const page = await html.render({ ...record, results });
    assert.match(page, /<dt>Stopped early<\/dt><dd>at 3\.2 s: key 7 is wrong<\/dd>/);
    assert.match(page, /<dt>Note<\/dt><dd>One did not\.<\/dd>/);
    assert.doesNotMatch(await html.render(record), /<dt>(Stopped early|Note)<\/dt>/);
  });

  it('should say how commands were decided, where the nodes tell it, and by which clock', async () => {
    const record = sampleRecord({ valid: true });
    const told = { ...record, logs: { ...record.logs, n1: decisionEntries() } };
    const page = await html.render(told);
    assert.match(page, /<section id="decisions"/);
    assert.match(page, /<a href="#decisions">/);
    assert.match(page, /Votes collided in 2 of 200 slots \(1\.0%\)/);
    assert.match(page, /100 commands, median 2, 95% 3/);
    assert.match(page, /by the nodes&#39; monotonic clocks/);
    const simulated = await html.render({ ...told, plan: { ...record.plan, runtime: 'sim' } });
    assert.match(simulated, /in simulated time/);
    assert.doesNotMatch(await html.render(record), /id="decisions"|#decisions/);
  });

  it('should carry the whole history', async () => {
    const record = sampleRecord({ valid: false, operations: 1000 });
    const data = payloadOf(await html.render(record));
    assert.deepEqual(unpackHistory(data.history), record.history);
  });

  it('should show problems with a button only where there is something to show', async () => {
    const page = await html.render(sampleRecord({ valid: false }));
    assert.match(page, /1\. Stale read of key/);
    assert.match(page, /3\. Unavailable for 1\.4 s/);
    assert.equal(page.split('data-operations=').length - 1 - scriptMentions(page), 2);
    const passed = await html.render({
      ...sampleRecord({ valid: true }),
      results: { ...sampleRecord({ valid: true }).results, checks: [] },
    });
    assert.match(passed, /No check found a problem/);
  });

  it('should mark on the timeline the problems that have a place there, by their numbers on the page', async () => {
    const record = sampleRecord({ valid: false });
    const [first] = record.results.checks;
    assert(first);
    const nowhere = { title: 'Nowhere', explanation: 'It has neither a window nor operations.' };
    const results = { ...record.results, checks: [{ ...first, problems: [nowhere, ...first.problems] }] };
    const { problems } = payloadOf(await html.render({ ...record, results }));
    assert.deepEqual(
      problems.map(({ number }) => number),
      [2, 3],
    );
    assert.deepEqual([problems[0]?.from, problems[0]?.to], first.problems[0]?.window);
  });

  it('should show of many operations the last ones, where it shows, and all when they are unfolded', async () => {
    const pageWith = async (reads: number): Promise<string> => {
      const record = sampleRecord({ valid: false });
      const [check] = record.results.checks;
      assert(check);
      const read = (place: number, type: OperationType): Operation => ({
        index: 2 * place + (type === 'ok' ? 1 : 0),
        time: 1000 * place + (type === 'ok' ? 500 : 0),
        process: 1,
        type,
        f: `read-${place}`,
        key: 7,
        value: type === 'ok' ? [1, place, place === reads - 1 ? 1 : 2] : null,
      });
      const history = Array.from({ length: reads }, (_, place) => [
        read(place, 'invoke'),
        read(place, 'ok'),
      ]).flat();
      const problem = { title: 'Odd', explanation: '', operations: history.map(({ index }) => index) };
      const checks = [{ ...check, problems: [problem] }];
      const page = await html.render({ ...record, history, results: { ...record.results, checks } });
      return page.slice(page.indexOf('<section id="problems"'), page.indexOf('<section id="checks"'));
    };
    const many = await pageWith(30);
    const [shown = '', unfolded = ''] = many.split('<details>');
    assert.match(shown, /The last 12 of the 30 operations to look at/);
    assert.deepEqual(
      [shown.includes('read-17<'), shown.includes('read-18<'), shown.includes('read-29<')],
      [false, true, true],
    );
    assert.match(unfolded, /All 30 operations<[^]*read-0</);
    assert.deepEqual(shown.match(/more than once: [^<]*/g), ['more than once: 1'], 'of the last read alone');
    const few = await pageWith(5);
    assert.match(few, /The operations to look at, by the time[^]*read-0<[^]*read-4</);
    assert.doesNotMatch(few, /<details>/);
  });

  it('should show beside a problem what failed on its key meanwhile, and nothing else that failed', async () => {
    const record = sampleRecord({ valid: false });
    const [check] = record.results.checks;
    assert(check);
    const entry = (
      index: number,
      process: number,
      type: OperationType,
      f: string,
      key: number,
    ): Operation => ({
      index,
      time: index * 1000,
      process,
      type,
      f,
      key,
      value: null,
    });
    const history = [
      entry(0, 0, 'invoke', 'too-early', 7),
      entry(1, 0, 'fail', 'too-early', 7),
      entry(2, 1, 'invoke', 'read', 7),
      entry(3, 0, 'invoke', 'meanwhile', 7),
      entry(4, 2, 'invoke', 'elsewhere', 8),
      entry(5, 1, 'ok', 'read', 7),
      entry(6, 0, 'fail', 'meanwhile', 7),
      entry(7, 2, 'fail', 'elsewhere', 8),
      entry(8, 0, 'invoke', 'too-late', 7),
      entry(9, 0, 'fail', 'too-late', 7),
    ];
    const problem = { title: 'Odd', explanation: '', operations: [2, 5], window: [2000, 5000] as const };
    const checks = [{ ...check, problems: [problem] }];
    const page = await html.render({ ...record, history, results: { ...record.results, checks } });
    const problems = page.slice(page.indexOf('<section id="problems"'), page.indexOf('<section id="checks"'));
    const shown = ['too-early', 'read', 'meanwhile', 'elsewhere', 'too-late'].filter((f) =>
      problems.includes(`<td>${f}</td>`),
    );
    assert.deepEqual(shown, ['read', 'meanwhile']);
    assert.equal(
      problems.split('<code>nil</code>').length,
      2,
      'what the read gave is told, and nothing of what failed',
    );
  });

  it('should let nothing that a target wrote become HTML', async () => {
    const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&';
    const page = await html.render(poisoned(evil));
    const innocent = await html.render(poisoned('innocent'));
    assert.equal(page.split('<script').length, innocent.split('<script').length);
    assert.equal(page.split('<img').length, 1);
    assert(page.includes('&lt;/script&gt;&lt;script&gt;alert(1)'), 'the text itself is shown');
    assert.equal(unpackHistory(payloadOf(page).history)[0]?.value, evil);
  });

  it('should need no network: no address in it, and a policy that forbids connections', async () => {
    const page = await html.render(sampleRecord({ valid: true }));
    assert(
      page.includes('Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-'),
    );
    assert.equal(/(?:src|href)="(?!#)/.exec(page), null);
    assert.equal(/@import|url\(/.exec(page), null);
  });

  it('should have one main heading and label every section', async () => {
    const page = await html.render(sampleRecord({ valid: true }));
    assert.equal(page.split('<h1').length, 2);
    const sections = [...page.matchAll(/<section[^>]*>/g)].map(([tag]) => tag);
    assert(sections.length > 8);
    assert(sections.every((tag) => /aria-label/.test(tag)));
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length, 'ids are unique');
    for (const [, id] of page.matchAll(/(?:aria-labelledby|aria-describedby|data-copy)="([^"]+)"/g))
      assert(ids.includes(id), id);
  });

  it('should keep 100,000 operations under 5 MB', async () => {
    const record = sampleRecord({ valid: true, operations: 100_000 });
    assert(record.history.length > 180_000);
    assert((await html.render(record)).length < 5e6);
  });

  it('should leave out debug lines first when there are too many, and say how many', () => {
    const record = sampleRecord({ valid: true, operations: 10 });
    const line = (level: 'debug' | 'warn') => ({ time: 0, level, event: 'e' });
    const many = Array.from({ length: LOG_LINES_MAX }, () => line('debug'));
    assert.equal(logLines({ ...record, logs: { n1: many } }).omitted, 0);
    const { lines, omitted } = logLines({ ...record, logs: { n1: [...many, line('warn')] } });
    assert.deepEqual([lines.length, omitted], [1, LOG_LINES_MAX]);
  });
});

describe('markup', () => {
  it('should escape text and keep markup', () => {
    assert.equal(
      markup`<p title="${'"<'}">${markup`<b>${'&'}</b>`}${[1, "'"]}${undefined}</p>`.html,
      '<p title="&quot;&lt;"><b>&amp;</b>1&#39;</p>',
    );
  });
});

/** The page's own script speaks of the attribute as well, in its way. */
function scriptMentions(page: string): number {
  return page.slice(page.lastIndexOf('<script>')).split('data-operations=').length - 1;
}

/** A record with this text wherever a target, a node or a user can write. */
function poisoned(text: string): RunRecord {
  const record = sampleRecord({ valid: false, operations: 50, seed: 3 });
  const history = record.history.map((entry) => ({
    ...entry,
    f: text,
    value: text,
    key: text,
    error: text,
    node: text,
  }));
  const check = { checker: text, valid: false, summary: text, tookMs: 1, details: { [text]: text } } as const;
  const problem = { title: text, explanation: text, operations: [0, 1] };
  return {
    plan: {
      ...record.plan,
      targetName: text,
      variant: text,
      mistake: text,
      nemesis: text,
      seed: text,
      command: text,
      runId: text,
    },
    history,
    results: {
      ...record.results,
      summary: text,
      claims: [{ property: text, checker: text, valid: false, claimed: 'yes' }],
      checks: [{ ...check, problems: [problem] }],
      faults: record.results.faults.map((fault) => ({
        ...fault,
        family: text,
        kind: text,
        description: text,
        evidence: text,
      })),
    },
    logs: { [text]: [{ time: 0, level: 'info', event: text, text }] },
  };
}
