/**
 * report.html in a real browser, from disk: it opens, it is quick, it needs no network, keys and buttons do
 * what the page says. Needs Chromium; without one the tests are skipped with a reason, unless
 * SPLITBRAIN_REQUIRE_BROWSER=1 makes that an error.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { RunRecord } from '../../harness/run/reporter.ts';
import type { TraceEntry } from '../../harness/run/trace.ts';
import { html } from '../../reports/html/report.ts';
import { junit } from '../../reports/junit.ts';
import { decisionEntries } from '../fixtures/decisions.ts';
import { sampleRecord } from '../fixtures/run-record.ts';
import { sampleTrace } from '../fixtures/trace.ts';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Limits for a machine that does other things at the same time; alone it is several times faster. */
const OPEN_MS_MAX = 5000;
const FRAME_MS_MAX = 250;

describe('report page in a browser', function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-page-'));

  before(async function () {
    if (!existsSync(CHROMIUM)) {
      const reason = `no browser at ${CHROMIUM}: install chromium, or set CHROMIUM_PATH`;
      if (process.env['SPLITBRAIN_REQUIRE_BROWSER'] === '1') throw new Error(reason);
      process.stderr.write(`    skipped: ${reason}\n`);
      this.skip();
    }
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  after(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens the record's page; whatever the browser complains of or asks the network for fails the test at `finish`. */
  async function open(record: RunRecord, colorScheme: 'light' | 'dark' = 'light') {
    assert(browser);
    const path = join(directory, 'report.html');
    writeFileSync(path, await html.render(record));
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 }, colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const address = pathToFileURL(path).href;
    const begun = performance.now();
    await page.goto(address);
    await page.waitForSelector('html[data-ready]');
    const openMs = performance.now() - begun;
    const finish = async (): Promise<void> => {
      await page.close();
      assert.deepEqual(complaints, []);
      assert.deepEqual(requests, [address], 'the page itself is the only request');
    };
    return { page, openMs, finish };
  }

  it('should open from disk and tell the verdict, without a network and without complaints', async () => {
    const record = sampleRecord({ valid: false });
    const { page, finish } = await open(record);
    const verdict = page.locator('#verdict');
    assert(await verdict.isVisible());
    assert.match(await verdict.innerText(), /FAIL/);
    assert((await verdict.innerText()).includes(record.results.summary));
    assert(await differsFromBlank(page, '#timeline-canvas'));
    assert(await differsFromBlank(page, '#latency-canvas'));
    assert(await differsFromBlank(page, '#throughput-canvas'));
    await finish();
  });

  it('should need no sideways scrolling on a telephone', async () => {
    const { page, finish } = await open(traced(1000));
    await page.setViewportSize({ width: 400, height: 800 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 400);
    await finish();
  });

  it('should zoom, move and choose operations by keys', async () => {
    const { page, finish } = await open(sampleRecord({ valid: true }));
    await page.focus('#timeline-canvas');
    const whole = await pictureOf(page);
    await press(page, '+');
    const zoomed = await pictureOf(page);
    assert.notEqual(zoomed, whole);
    await press(page, 'ArrowRight');
    assert.notEqual(await pictureOf(page), zoomed);
    await press(page, '0');
    assert.equal(await pictureOf(page), whole, '0 shows the whole run again');
    assert.match(await page.innerText('#details'), /press n/);
    await press(page, 'n');
    const first = await page.innerText('#details');
    assert.match(first, /Outcome\s+(ok|fail|info): /);
    await press(page, 'n');
    assert.notEqual(await page.innerText('#details'), first);
    await press(page, 'Escape');
    assert.match(await page.innerText('#details'), /press n/);
    await finish();
  });

  it('should show a problem on the timeline at the press of its button', async () => {
    const { page, finish } = await open(sampleRecord({ valid: false }));
    const before = await pictureOf(page);
    await page.click('button[data-operations] >> nth=0');
    await frame(page);
    assert.notEqual(await pictureOf(page), before);
    assert.equal(await page.evaluate('document.activeElement.id'), 'timeline-canvas');
    const top = await page.evaluate("document.getElementById('timeline').getBoundingClientRect().top");
    assert(Number(top) < 900, 'the timeline is on the screen');
    await finish();
  });

  it('should filter the timeline and the logs', async () => {
    const { page, finish } = await open(sampleRecord({ valid: true }));
    const all = await pictureOf(page);
    await page.selectOption('#filter-f', { label: 'write' });
    await frame(page);
    assert.notEqual(await pictureOf(page), all);
    const lines = await page.innerText('#log-count');
    await page.fill('#log-text', 'election-started');
    assert.notEqual(await page.innerText('#log-count'), lines);
    const events = await page.locator('#log-lines tr td:nth-child(4)').allInnerTexts();
    assert(events.length > 0 && events.every((event) => event === 'election-started'));
    await finish();
  });

  it('should follow the system into the dark, and the toggle back', async () => {
    const { page, finish } = await open(sampleRecord({ valid: true }), 'dark');
    const background = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    await page.click('#theme');
    const light = await background();
    assert.notEqual(light, dark);
    await page.click('#theme');
    assert.equal(await background(), dark);
    await finish();
  });

  it('should draw how commands were decided, in both colours, each bar within reach of keys', async () => {
    const record = sampleRecord({ valid: true, operations: 200 });
    const told = {
      ...record,
      logs: { ...record.logs, n1: decisionEntries(Date.parse(record.plan.started)) },
    };
    const fills: unknown[] = [];
    for (const colours of ['light', 'dark'] as const) {
      const { page, finish } = await open(told, colours);
      const bar = page.locator('#decisions .bar').first();
      const words = bar.locator('.more');
      assert.equal(await words.isVisible(), false);
      await page.focus('#decisions .scroll');
      await page.keyboard.press('Tab');
      assert.equal(await words.isVisible(), true);
      assert.match((await words.textContent()) ?? '', /80 commands took 2 message delays \(80%\)/);
      fills.push(
        await page.evaluate("getComputedStyle(document.querySelector('#decisions .bar rect')).fill"),
      );
      await page.click('#decisions summary');
      assert.equal(await page.locator('#decisions tbody tr').count(), 4);
      await page.setViewportSize({ width: 400, height: 800 });
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 400);
      await finish();
    }
    assert.equal(new Set(fills).size, 2);
    const { page, finish } = await open(record);
    assert.equal(await page.locator('#decisions').count(), 0, 'nothing where no node tells it');
    await finish();
  });

  it('should stay quick with 100,000 operations', async function () {
    const { page, openMs, finish } = await open(sampleRecord({ valid: false, operations: 100_000 }));
    await page.focus('#timeline-canvas');
    for (const key of ['+', '-', '+', '+', '0']) await press(page, key);
    const frames = await page.evaluate<number[]>(
      "performance.getEntriesByName('timeline').map((entry) => entry.duration)",
    );
    const [first = Infinity, ...later] = frames;
    const median = later.sort((a, b) => a - b)[Math.floor(later.length / 2)] ?? Infinity;
    const figures = `open ${openMs.toFixed(0)} ms, first frame ${first.toFixed(0)} ms, median of ${later.length} more ${median.toFixed(1)} ms`;
    if (this.test !== undefined) this.test.title += ` (${figures})`;
    assert(openMs < OPEN_MS_MAX, figures);
    assert(first < FRAME_MS_MAX && median < FRAME_MS_MAX / 5, figures);
    await finish();
  });

  it('should show the messages of a run that was traced, around its first problem, by keys', async () => {
    const { page, finish } = await open(traced(5000));
    const details = (): Promise<string> => page.innerText('#diagram-details');
    assert(await differsFromBlank(page, '#diagram-canvas'));
    const shown = Number.parseInt((await page.innerText('#diagram-count')).replaceAll(',', ''));
    assert(shown > 10 && shown < 1000, `${shown} of 5000 on show`);
    await page.focus('#diagram-canvas');
    const first = await pictureOf(page, '#diagram-canvas');
    assert.match(await details(), /press n/);
    await press(page, 'n');
    const chosen = await details();
    assert.match(chosen, /(Sent|When)\s+1\d\.\d{6} s/);
    await press(page, 'n');
    assert.notEqual(await details(), chosen);
    await press(page, 'ArrowDown');
    assert.match(await details(), /n4/, 'the leader n3 is above n4');
    await press(page, 'Escape');
    assert.equal(await pictureOf(page, '#diagram-canvas'), first);
    await press(page, '0');
    assert.match(await page.innerText('#diagram-count'), /on show; zoom in/);
    await page.click('#diagram-first');
    await frame(page);
    assert.equal(await pictureOf(page, '#diagram-canvas'), first);
    await finish();
  });

  it('should filter messages, list them in words, and tell the chosen one in full', async () => {
    const { page, finish } = await open(traced(5000), 'dark');
    await page.click('#trace-list > summary');
    await page.waitForSelector('#trace-lines tr');
    const rows = (): Promise<string[]> => page.locator('#trace-lines tr td:nth-child(2)').allInnerTexts();
    assert(new Set(await rows()).size > 5);
    await page.selectOption('#trace-type', { label: 'append-reply' });
    await frame(page);
    const messages = await rows();
    assert(messages.length > 0 && messages.every((row) => row.startsWith('append-reply n3 → ')), messages[0]);
    await page.selectOption('#trace-node', { label: 'n2' });
    await frame(page);
    assert((await rows()).every((row) => row === 'append-reply n3 → n2'));
    await page.uncheck('#kind-message');
    await frame(page);
    assert.deepEqual(await rows(), []);
    await page.check('#kind-message');
    await frame(page);
    await page.click('#trace-lines button >> nth=0');
    assert.match(await page.innerText('#diagram-details pre'), /"type": "append-reply",\n\s+"term": 4/);
    await finish();
  });

  it('should go with the messages to a problem, and with the timeline to the messages', async () => {
    const { page, finish } = await open(traced(5000));
    await page.focus('#diagram-canvas');
    await press(page, '0');
    const whole = await page.innerText('#diagram-count');
    await page.click('button[data-operations] >> nth=0');
    await frame(page);
    assert.notEqual(await page.innerText('#diagram-count'), whole);
    const before = await pictureOf(page);
    await page.click('#diagram-first');
    await page.click('#diagram-lead');
    await frame(page);
    assert.notEqual(await pictureOf(page), before);
    await finish();
  });

  it('should stay quick with a trace of 100,000 entries', async function () {
    const { page, openMs, finish } = await open(traced(100_000));
    await page.focus('#diagram-canvas');
    for (const key of ['0', '+', '-', 'ArrowRight', 'n', 'n']) await press(page, key);
    const frames = await page.evaluate<number[]>(
      "performance.getEntriesByName('diagram').map((entry) => entry.duration)",
    );
    const median = frames.sort((a, b) => a - b)[Math.floor(frames.length / 2)] ?? Infinity;
    const figures = `open ${openMs.toFixed(0)} ms, median of ${frames.length} frames ${median.toFixed(1)} ms`;
    if (this.test !== undefined) this.test.title += ` (${figures})`;
    assert(openMs < OPEN_MS_MAX && median < FRAME_MS_MAX, figures);
    await finish();
  });

  it('should stand values that would break the page', async () => {
    const evil = '</script><script>document.title = "broken"</script>';
    const record = sampleRecord({ valid: true, operations: 200 });
    const history = record.history.map((entry) => ({ ...entry, value: evil, key: evil }));
    const message = { type: evil, [evil]: evil };
    const trace: TraceEntry[] = [{ time: 5, what: 'send', id: 0, from: 'n1', to: 'n2', message }];
    const { page, finish } = await open({ ...record, history, trace });
    assert.match(await page.title(), /^PASS/);
    for (const [canvas, details] of [
      ['#timeline-canvas', '#details'],
      ['#diagram-canvas', '#diagram-details'],
    ] as const) {
      await page.focus(canvas);
      await press(page, 'n');
      assert((await page.innerText(details)).includes(evil), details);
    }
    await finish();
  });

  it('should find a browser that agrees that junit.xml is well-formed', async () => {
    const record = sampleRecord({ valid: false });
    const results = { ...record.results, summary: '<&"\u0001\ud800]]>' };
    const text = await junit.render({ ...record, results });
    assert(browser);
    const page = await browser.newPage();
    const errorsIn = (xml: string): Promise<unknown> =>
      page.evaluate(
        `new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml').querySelectorAll('parsererror').length`,
      );
    assert.equal(await errorsIn(text), 0);
    assert.equal(await errorsIn(text.replace('</testsuites>', '')), 1);
    await page.close();
  });
});

/** A run that failed, with a trace of so many entries. */
function traced(entries: number): RunRecord {
  const record = sampleRecord({ valid: false });
  return { ...record, trace: sampleTrace(entries, record.results.durationNs) };
}

async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await frame(page);
}

/** Waits until the page has drawn what it was asked for. */
async function frame(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

async function pictureOf(page: Page, canvas = '#timeline-canvas'): Promise<string> {
  return String(await page.evaluate(`document.querySelector('${canvas}').toDataURL()`));
}

async function differsFromBlank(page: Page, canvas: string): Promise<boolean> {
  const blank = await page.evaluate(`(() => {
    const { width, height } = document.querySelector('${canvas}');
    const empty = Object.assign(document.createElement('canvas'), { width, height });
    return empty.toDataURL();
  })()`);
  return (await pictureOf(page, canvas)) !== blank;
}
