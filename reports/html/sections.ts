/**
 * The parts of the page that need no script: what came out, why, what was tested, and the tables. They are
 * written for someone who has never seen such a page, and they are the text alternative to its pictures.
 */
import type { Validity } from '../../harness/history/checker.ts';
import type { RunRecord } from '../../harness/run/reporter.ts';
import type { FaultRecord } from '../../harness/run/results.ts';
import { formatDuration } from '../../harness/time.ts';
import {
  faultWords,
  formatCount,
  isDecisive,
  sightWords,
  stoppedWords,
  targetWords,
  totalsOf,
  verdictWords,
} from '../words.ts';
import { markup, type Markup } from './markup.ts';

/** The verdict in words, above everything else. */
export function verdictBanner({ plan, results }: RunRecord): Markup {
  const { word, meaning, exitCode } = verdictWords(results.valid);
  const wanted =
    plan.variant !== undefined && results.valid === false
      ? ` This variant is wrong on purpose, and finding it out is what the test is for. Its mistake: ${plan.mistake ?? 'not named'}`
      : '';
  return markup`
    <div class="verdict ${verdictClass(results.valid)}" id="verdict" role="status" aria-live="polite">
      <span class="word">${word}</span>
      <h1>${results.summary}</h1>
      <p>${meaning} Exit code ${exitCode}.${wanted}</p>
    </div>`;
}

/** What was tested, as a list of facts. */
export function testedSection({ plan, results }: RunRecord): Markup {
  const totals = totalsOf(results.counts);
  const facts: [name: string, value: string][] = [
    ['Target', targetWords(plan)],
    ...(plan.mistake === undefined ? [] : ([['Its mistake', plan.mistake]] as [string, string][])),
    ['Workload', plan.workload],
    ['Nodes', `${plan.nodes.join(', ')} (runtime ${plan.runtime})`],
    ['Clients', clientWords(plan)],
    ['Faults asked for', askedWords(plan)],
    ['Time limit', formatDuration(plan.timeLimitMs)],
    ...earlyFacts(results),
    [
      'Operations',
      `${formatCount(totals.all)}: ${formatCount(totals.ok)} ok, ${formatCount(totals.fail)} fail, ${formatCount(totals.info)} info`,
    ],
    [
      'Faults injected',
      `${results.faults.length}, ${results.faults.filter((fault) => fault.confirmed).length} of them confirmed by a probe${maskedWords(results.faults)}`,
    ],
    ['Seed', plan.seed],
    ['Started', plan.started],
    ['Versions', `splitbrain ${plan.versions.splitbrain}, Node ${plan.versions.node}`],
  ];
  return markup`
    <section id="tested" aria-labelledby="tested-title">
      <h2 id="tested-title">What was tested</h2>
      <dl class="facts">${facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    </section>`;
}

function maskedWords(faults: readonly FaultRecord[]): string {
  const masked = faults.filter((fault) => sightWords(fault) === 'masked').length;
  return masked === 0 ? '' : `, ${masked} masked by others`;
}

/** What there is only of a run that a check followed. */
function earlyFacts({ stopped, notes = [] }: RunRecord['results']): [name: string, value: string][] {
  return [
    ...(stopped === undefined ? [] : ([['Stopped early', stoppedWords(stopped)]] as [string, string][])),
    ...notes.map((note): [string, string] => ['Note', note]),
  ];
}

/** Clients of a run that was given its faults one by one may have been given their operations so too. */
function clientWords({ concurrency, rate, intervalMs }: RunRecord['plan']): string {
  if (rate !== undefined) return `${concurrency}, ${rate} operations a second together`;
  return intervalMs === 0 ? String(concurrency) : `${concurrency}, as fast as they go`;
}

function askedWords({ nemesis, intervalMs }: RunRecord['plan']): string {
  if (nemesis === 'none') return 'none';
  return intervalMs === 0
    ? `${nemesis}, given one by one`
    : `${nemesis}, every ${formatDuration(intervalMs)} or so`;
}

/** The claims with their verdicts. */
export function claimsSection({ plan, results }: RunRecord): Markup {
  const rows = results.claims.map(({ property, checker, valid, claimed }) => {
    const note = claimed === 'yes' ? '' : 'Not claimed under the faults of this run, so it does not decide.';
    return markup`<tr><td>${badge(valid, claimed === 'yes')}</td><th scope="row">${property}</th><td>${checker}</td><td>${note}</td></tr>`;
  });
  const table = markup`
    <div class="scroll"><table>
      <thead><tr><th>Verdict</th><th>Claim</th><th>Decided by</th><th>Note</th></tr></thead>
      <tbody>${rows}</tbody>
    </table></div>`;
  return markup`
    <section id="claims" aria-labelledby="claims-title">
      <h2 id="claims-title">What ${plan.targetName} promises</h2>
      <p class="hint">A test decides about promises that the target makes, and about nothing else.</p>
      ${rows.length === 0 ? markup`<p>No claim was tested in this run.</p>` : table}
    </section>`;
}

/** Each check with its verdict. */
export function checksSection({ results }: RunRecord): Markup {
  const rows = results.checks.map((check) => {
    const decisive = isDecisive(check, results);
    const details =
      check.details === undefined
        ? ''
        : markup`<details><summary>Details</summary><pre>${JSON.stringify(check.details, null, 2)}</pre></details>`;
    return markup`<tr>
      <td>${badge(check.valid, decisive)}</td><th scope="row">${check.checker}</th>
      <td class="wide">${check.summary}${decisive ? '' : ' (does not decide: not claimed under these faults)'}${details}</td>
      <td class="number">${formatDuration(check.tookMs)}</td></tr>`;
  });
  return markup`
    <section id="checks" aria-labelledby="checks-title">
      <h2 id="checks-title">Checks</h2>
      <div class="scroll"><table>
        <caption>Each looks at the recorded history, or at the nodes' logs, for one kind of error.</caption>
        <thead><tr><th>Verdict</th><th>Check</th><th>What came out</th><th class="number">Took</th></tr></thead>
        <tbody>${rows}</tbody>
      </table></div>
    </section>`;
}

/** Every fault, and what a probe saw of it. */
export function faultsSection({ results }: RunRecord): Markup {
  const table = markup`
    <div class="scroll"><table>
      <caption>A fault counts only when a probe saw its effect. One is masked when other faults had taken all who could have seen it; one that is not seen, and not masked, leaves the run without a verdict.</caption>
      <thead><tr><th>Fault</th><th>What was done</th><th>How</th><th class="number">From</th><th class="number">To</th><th>Seen by a probe</th><th>Healed</th><th></th></tr></thead>
      <tbody>${results.faults.map((fault) => faultRow(fault, results.durationNs))}</tbody>
    </table></div>`;
  return markup`
    <section id="faults" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      ${results.faults.length === 0 ? markup`<p>No fault was injected.</p>` : table}
    </section>`;
}

function faultRow(fault: FaultRecord, durationNs: number): Markup {
  const end = fault.end ?? Math.max(durationNs, fault.start);
  const margin = Math.max((end - fault.start) * 0.2, 1e6);
  const { done, how } = faultWords(fault);
  return markup`<tr>
    <th scope="row">${fault.family}: ${fault.kind}</th><td class="wide">${done}</td><td>${how}</td>
    <td class="number">${seconds(fault.start)}</td><td class="number">${fault.end === undefined ? 'never' : seconds(fault.end)}</td>
    <td>${answer(SIGHT[sightWords(fault)], fault.evidence)}</td><td>${answer(fault.healed ? 'Yes' : 'No', fault.healEvidence)}</td>
    <td><button type="button" data-from="${fault.start - margin}" data-to="${end + margin}">Show<span class="visually-hidden"> ${fault.family} at ${seconds(fault.start)} on the timeline</span></button></td></tr>`;
}

const SIGHT = { yes: 'Yes', no: 'No', masked: 'Masked' } as const;

function answer(word: string, evidence: string): Markup {
  return markup`<strong>${word}</strong>: ${evidence}`;
}

/** The command that repeats the run, and the whole plan. */
export function planSection({ plan }: RunRecord): Markup {
  return markup`
    <section id="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">Run it again</h2>
      <pre id="command">${plan.command}</pre>
      <button type="button" data-copy="command">Copy the command</button>
      <p class="hint">${repeatWords(plan.runtime)}</p>
      <details><summary>The whole plan (test.json)</summary><pre id="plan-json">${JSON.stringify(plan, null, 2)}</pre></details>
    </section>`;
}

function repeatWords(runtime: string): string {
  return runtime === 'sim'
    ? 'In the simulator the same seed gives the same history, byte for byte.'
    : 'The seed fixes the operations and the faults with their times. What the nodes and the network make of them varies, so an error may take several runs to come back.';
}

/** How to read the page, for newcomers. */
export function guide(): Markup {
  return markup`
    <details id="guide"><summary>New to such reports? How to read this page</summary>
      <p>The test ran a cluster of nodes. <strong>Clients</strong> sent operations to it at the same time, one at a time each, while a
      <strong>nemesis</strong> broke things on purpose: cut the network, killed or froze nodes. Every operation was recorded with its beginning, its end
      and its outcome: <strong>ok</strong>, it happened; <strong>fail</strong>, it certainly did not happen; <strong>info</strong>, nobody knows, for
      instance because the answer never came. Such an operation may still take effect later, so it is drawn with an open end; its
      <strong>process</strong> is over, and the client goes on as a new one (of ten clients, client 3 is process 3, then 13, then 23).</p>
      <p>Afterwards <strong>checks</strong> looked at that record for outcomes that a correct system cannot produce. An unavailable system is not a wrong
      one: what counts is whether the answers that were given can all be true. <strong>Linearizable</strong> means that all operations could have happened
      one after another, each at one moment between its beginning and its end.</p>
      <p><strong>PASS</strong> means that this run found no broken promise; it proves no more than that. <strong>FAIL</strong> means that it found one.
      <strong>UNKNOWN</strong> means that the run cannot tell, and must not be taken for a pass.</p></details>`;
}

/** A verdict as a small label; one that does not decide the run is greyed and says so by its words beside it. */
export function badge(valid: Validity, decisive: boolean): Markup {
  return markup`<span class="badge ${decisive ? verdictClass(valid) : 'is-aside'}">${verdictWords(valid).word}</span>`;
}

/** The style class that colours a verdict. */
export function verdictClass(valid: Validity): string {
  return valid === true ? 'is-pass' : valid === false ? 'is-fail' : 'is-unknown';
}

/** Seconds with three decimals: `12.345 s`. */
export function seconds(nanos: number): string {
  return `${(nanos / 1e9).toFixed(3)} s`;
}
