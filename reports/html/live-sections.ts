/**
 * The parts of the page that its script brings to life: the frames of timeline, charts and logs, with their
 * controls, legends and words for those who cannot see the pictures.
 */
import type { RunRecord } from '../../harness/run/reporter.ts';
import { formatCount, plural } from '../words.ts';
import { markup, type Markup } from './markup.ts';
import { OUTCOMES, OUTCOME_WORDS, placeCalls } from './page/calls.ts';
import { byCompletion, QUANTILES, toBuckets } from './page/stats.ts';
import { formatNanos } from './page/view.ts';
import { seconds } from './sections.ts';

/** Rows of the table that stands for the charts. */
const TABLE_ROWS = 20;

/** The operations of every client over time, with the charts on the same axis. */
export function timelineSection(record: RunRecord): Markup {
  return markup`
    <section id="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Timeline</h2>
      <p class="hint" id="timeline-help">Each row is a client, each box an operation from its beginning to its end. Drag or <kbd>←</kbd> <kbd>→</kbd> to move;
        <kbd>+</kbd> <kbd>−</kbd> or the wheel (after a click, or with Ctrl) to zoom; <kbd>0</kbd> shows the whole run, <kbd>Esc</kbd> forgets what was chosen. Click an operation, or press
        <kbd>n</kbd> <kbd>p</kbd> for the next and previous one and <kbd>↑</kbd> <kbd>↓</kbd> for another client's. On the strip, drag to choose a stretch.</p>
      <noscript><p class="alert">The pictures need scripts. The tables on this page say the same.</p></noscript>
      <p class="alert" id="script-problem" hidden>The pictures could not be drawn; a browser of 2023 or later can. The tables on this page say the same.</p>
      <div class="controls">
        <fieldset><legend class="visually-hidden">Outcomes on show</legend>
          ${OUTCOMES.map(
            (outcome) =>
              markup`<label><input type="checkbox" id="outcome-${outcome}" checked><span class="swatch ${outcome}"></span>${OUTCOME_WORDS[outcome]}</label>`,
          )}
        </fieldset>
        <span class="key"><span class="swatch fault"></span>fault in force</span>
        <span class="key"><span class="swatch problem-mark"></span>problem</span>
      </div>
      <div class="controls">
        <label>Client <select id="filter-lane"><option value="">all</option></select></label>
        <label>Key <select id="filter-key"><option value="">all</option></select></label>
        <label>Function <select id="filter-f"><option value="">all</option></select></label>
        <button type="button" id="zoom-in">Zoom in</button>
        <button type="button" id="zoom-out">Zoom out</button>
        <button type="button" id="zoom-all">Whole run</button>
      </div>
      <canvas id="overview-canvas" role="img" aria-label="The whole run: successful operations a second, with the faults and the stretch on show"></canvas>
      <div class="canvas-frame">
        <canvas id="timeline-canvas" tabindex="0" role="application" aria-label="Timeline of operations by client" aria-describedby="timeline-help"></canvas>
        <div id="tip" class="tip" hidden></div>
      </div>
      <div id="details" class="chosen" role="status" aria-live="polite" aria-label="The chosen operation"></div>
    </section>
    ${chartsSection(record)}`;
}

function chartsSection(record: RunRecord): Markup {
  return markup`
    <section id="charts" aria-labelledby="charts-title">
      <h2 id="charts-title">Latency and throughput</h2>
      <p id="readout" class="hint">Over the same time as the timeline. Point at a chart to read its values.</p>
      <div class="chart-head"><h3>Latency</h3>
        <span class="key"><i class="ok"></i>p50</span><span class="key"><i class="p95"></i>p95</span>
        <span class="key"><i class="p99"></i>p99</span><span class="key"><i class="max"></i>slowest</span>
        <span class="key">of operations that ended ok; dots are single operations in the colour of their outcome</span></div>
      <canvas id="latency-canvas" tabindex="0" role="img" aria-label="Latency over time; the table below says the same"></canvas>
      <div class="chart-head"><h3>Operations a second</h3>
        <span class="key"><i class="ok"></i>ok</span><span class="key"><i class="fail"></i>fail</span><span class="key"><i class="info"></i>info</span></div>
      <canvas id="throughput-canvas" tabindex="0" role="img" aria-label="Operations a second over time; the table below says the same"></canvas>
      <details><summary>The same as a table</summary>${chartTable(record)}</details>
    </section>`;
}

function chartTable({ history, plan }: RunRecord): Markup {
  const completed = byCompletion(placeCalls(history, plan.concurrency));
  const end = (completed.ends.at(-1) ?? 0) + 1;
  const rows = toBuckets(completed, 0, end, TABLE_ROWS).map(({ from, to, rates, latencies }) => {
    const cells = QUANTILES.map((_, place) => {
      const value = latencies?.[place];
      return markup`<td class="number">${value === undefined ? '–' : formatNanos(value)}</td>`;
    });
    const perSecond = [rates.ok, rates.fail, rates.info].map(
      (rate) => markup`<td class="number">${rate.toFixed(1)}</td>`,
    );
    return markup`<tr><th scope="row" class="number">${seconds(from)} – ${seconds(to)}</th>${perSecond}${cells}</tr>`;
  });
  const heads = ['Time', 'ok/s', 'fail/s', 'info/s', 'p50', 'p95', 'p99', 'slowest'];
  return markup`
    <div class="scroll"><table><thead><tr>${heads.map((head) => markup`<th class="number">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The nodes' logs. */
export function logsSection(lineCount: number, omitted: number): Markup {
  const left =
    omitted === 0
      ? ''
      : ` ${plural(omitted, 'line')} of debug output or of the beginning are only in nodes/*/node.log.`;
  return markup`
    <section id="logs" aria-labelledby="logs-title">
      <h2 id="logs-title">Nodes' logs</h2>
      <p class="hint">${formatCount(lineCount)} lines of all nodes by time, each node's by its own clock.${left}</p>
      <div class="controls">
        <label>Node <select id="log-node"><option value="">all</option></select></label>
        <label>Level <select id="log-level"><option value="debug">debug and above</option><option value="info" selected>info and above</option><option value="warn">warn and above</option><option value="error">error</option></select></label>
        <label>Text <input type="search" id="log-text" placeholder="event or field"></label>
        <label><input type="checkbox" id="log-follow"> only what is on the timeline now</label>
        <label>Go to <input type="number" id="log-time" min="0" step="0.1" placeholder="seconds"></label>
        <button type="button" id="log-earlier">Earlier</button>
        <button type="button" id="log-later">Later</button>
        <span id="log-count" role="status" class="hint"></span>
      </div>
      <div class="scroll tall" tabindex="0" role="region" aria-label="Log lines"><table>
        <thead><tr><th class="number">Seconds</th><th>Node</th><th>Level</th><th>Event</th><th>Fields</th></tr></thead>
        <tbody id="log-lines"></tbody>
      </table></div>
    </section>`;
}
