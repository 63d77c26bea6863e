/**
 * report.html: one file that needs a browser and nothing else. The words and tables are written here; the
 * pictures are drawn by a script (page/) from a compressed payload, both within the file.
 *
 * The page's security policy allows exactly that script and that style and no connection at all, so the
 * page is offline by construction, and nothing that a target wrote can run in it.
 */
import { createHash } from 'node:crypto';
import type { Reporter, RunRecord } from '../../harness/run/reporter.ts';
import { decisionsIn } from '../decisions.ts';
import { verdictWords } from '../words.ts';
import { decisionsSection } from './decisions-section.ts';
import { logsSection, timelineSection } from './live-sections.ts';
import { markup, trusted } from './markup.ts';
import { PAYLOAD_ID } from './page/data.ts';
import { encodePayload, logLines } from './payload.ts';
import { problemsSection } from './problems.ts';
import { pageScript } from './script.ts';
import {
  checksSection,
  claimsSection,
  faultsSection,
  guide,
  planSection,
  testedSection,
  verdictBanner,
} from './sections.ts';
import { STYLE } from './style.ts';
import { traceSection } from './trace-section.ts';
import { tracePart } from './trace.ts';

/** Writes `report.html`. */
export const html: Reporter = {
  name: 'html',
  file: 'report.html',
  render: (record) => renderPage(record, pageScript()),
};

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['tested', 'What was tested'],
  ['claims', 'Claims'],
  ['problems', 'What failed'],
  ['checks', 'Checks'],
  ['timeline', 'Timeline'],
  ['charts', 'Latency and throughput'],
  ['decisions', 'How commands were decided'],
  ['messages', 'Messages'],
  ['faults', 'Faults'],
  ['logs', 'Logs'],
  ['plan', 'Run it again'],
];

function renderPage(record: RunRecord, script: string): string {
  const { plan, results } = record;
  const { lines, omitted } = logLines(record);
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(STYLE)}`;
  const trace = tracePart(record);
  const decisions = decisionsIn(record.logs);
  const missing = new Set([
    ...(trace === undefined ? ['messages'] : []),
    ...(decisions === undefined ? ['decisions'] : []),
  ]);
  const sections = SECTIONS.filter(([id]) => !missing.has(id));
  const links = sections.map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${verdictWords(results.valid).word}: ${plan.targetName}, ${plan.workload}, seed ${plan.seed}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header>
  <div class="top"><span><span class="brand">splitbrain</span> · run ${plan.runId}</span><button type="button" id="theme">Dark colours</button></div>
  ${verdictBanner(record)}
  <nav aria-label="On this page"><ul>${links}</ul></nav>
</header>
<main>
  <section aria-label="Guide">${guide()}</section>
  <div class="columns">${testedSection(record)}${claimsSection(record)}</div>
  ${problemsSection(record)}
  ${checksSection(record)}
  ${timelineSection(record)}
  ${decisions === undefined ? '' : decisionsSection(decisions, record)}
  ${trace === undefined ? '' : traceSection(trace)}
  ${faultsSection(record)}
  ${logsSection(lines.length, omitted)}
  ${planSection(record)}
</main>
<footer>Made by splitbrain ${plan.versions.splitbrain} from test.json, results.json, history.jsonl and the nodes' logs. This file needs no network.</footer>
<script type="application/octet-stream" id="${PAYLOAD_ID}">${trusted(encodePayload(record, lines, trace))}</script>
<script>${trusted(script)}</script>
</body>
</html>
`.html;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
