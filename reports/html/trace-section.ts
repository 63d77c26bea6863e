/**
 * The frame of the message diagram: its controls, its legend, and the list that says the same in words.
 */
import { formatCount, plural } from '../words.ts';
import { markup, type Markup } from './markup.ts';
import { TRACE_KINDS } from './page/trace-items.ts';
import type { TracePart } from './trace.ts';

/** The messages between the nodes, for a run that was traced. */
export function traceSection({ items, omitted }: TracePart): Markup {
  const left =
    omitted === 0
      ? ''
      : ` ${plural(omitted, 'more thing')} happened too far from the first problem for this page; trace.jsonl has all.`;
  return markup`
    <section id="messages" aria-labelledby="messages-title">
      <h2 id="messages-title">Messages between the nodes</h2>
      <p class="hint" id="diagram-help">${formatCount(items.length)} things that happened between and inside the nodes.${left} Each row is a node, each arrow a message from its sending to its
        arrival. Drag or <kbd>←</kbd> <kbd>→</kbd> to move; <kbd>+</kbd> <kbd>−</kbd> or the wheel (after a click, or with Ctrl) to zoom; <kbd>0</kbd> shows all, <kbd>Esc</kbd> forgets what was
        chosen. Click an arrow, or press <kbd>n</kbd> <kbd>p</kbd> for the next and previous thing and <kbd>↑</kbd> <kbd>↓</kbd> for another node's, to read it in full.</p>
      ${legend()}
      ${controls()}
      <p id="diagram-count" class="hint" role="status"></p>
      <div class="canvas-frame">
        <canvas id="diagram-canvas" tabindex="0" role="application" aria-label="Messages between the nodes over time; the list below says the same" aria-describedby="diagram-help"></canvas>
        <div id="diagram-tip" class="tip" hidden></div>
      </div>
      <div id="diagram-details" class="chosen" role="status" aria-live="polite" aria-label="The chosen message"></div>
      ${list()}
    </section>`;
}

function legend(): Markup {
  return markup`
    <div class="controls" aria-hidden="true">
      <span class="key"><i class="ok"></i>arrived</span>
      <span class="key"><i class="open"></i>on its way to the end</span>
      <span class="key"><b class="lost">✕</b>lost, with the reason</span>
      <span class="key"><span class="swatch leads"></span>leads</span>
      <span class="key"><span class="swatch fault"></span>down or paused</span>
      <span class="key"><span class="swatch struck"></span>struck by a fault</span>
      <span class="key"><b class="asked">▼▲</b>a client's request, its answer</span>
      <span class="key"><b class="small">❙</b>disk, below the line</span>
      <span class="key"><b class="timer">▪</b>timer</span>
    </div>`;
}

function controls(): Markup {
  return markup`
    <div class="controls">
      <fieldset><legend class="visually-hidden">On show</legend>
        ${Object.entries(TRACE_KINDS).map(
          ([kind, words]) => markup`<label><input type="checkbox" id="kind-${kind}" checked>${words}</label>`,
        )}
      </fieldset>
    </div>
    <div class="controls">
      <label>Node <select id="trace-node"><option value="">all</option></select></label>
      <label>Type <select id="trace-type"><option value="">all</option></select></label>
      <label>Text <input type="search" id="trace-text" placeholder="type or field"></label>
      <button type="button" id="diagram-in">Zoom in</button>
      <button type="button" id="diagram-out">Zoom out</button>
      <button type="button" id="diagram-first">First problem</button>
      <button type="button" id="diagram-follow">Where the timeline is</button>
      <button type="button" id="diagram-lead">Show on the timeline</button>
    </div>`;
}

function list(): Markup {
  return markup`
    <details id="trace-list"><summary>What the diagram shows, as a list</summary>
      <div class="controls">
        <button type="button" id="trace-earlier">Earlier</button>
        <button type="button" id="trace-later">Later</button>
        <span id="trace-page" role="status" class="hint"></span>
      </div>
      <div class="scroll tall" tabindex="0" role="region" aria-label="Messages as a list"><table>
        <thead><tr><th class="number">Seconds</th><th>What</th><th>Outcome</th><th>Content</th></tr></thead>
        <tbody id="trace-lines"></tbody>
      </table></div>
    </details>`;
}
