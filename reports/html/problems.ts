/**
 * What failed and why, in words, with the operations to look at and a way to see them on the timeline.
 */
import type { Problem } from '../../harness/history/checker.ts';
import { pairCalls, type Call, type History } from '../../harness/history/operation.ts';
import type { Json } from '../../harness/json.ts';
import type { RunRecord } from '../../harness/run/reporter.ts';
import { isDecisive, plural, problemsOf } from '../words.ts';
import { markup, type Child, type Markup } from './markup.ts';
import { operationsOf, windowOf } from './places.ts';
import { seconds, verdictClass } from './sections.ts';

/** Operations that are seen at once: those that matter most. All are to be unfolded, up to a number; the rest are in results.json. */
const ROWS_SHOWN = 12;
const ROWS_MAX = 200;
const PROBLEMS_MAX = 50;
const REPEATED_MAX = 5;

/** All problems, the decisive ones first. */
export function problemsSection({ results, history }: RunRecord): Markup {
  const problems = problemsOf(results);
  const calls = callsByIndex(history);
  const shown = problems.slice(0, PROBLEMS_MAX).map(({ foundBy, problem }, place) => {
    const check = results.checks.find((candidate) => candidate.checker === foundBy);
    const decides = check === undefined || (check.valid !== true && isDecisive(check, results));
    return markup`
      <article class="problem ${decides ? verdictClass(check?.valid ?? 'unknown') : 'is-aside'}" aria-labelledby="problem-${place + 1}">
        <h3 id="problem-${place + 1}">${place + 1}. ${problem.title}</h3>
        <p>${problem.explanation}</p>
        <p class="hint">Found by ${foundBy}${decides ? '' : ', which does not decide this run'}. ${showButton(problem, history, place + 1)}</p>
        ${operationsTable(problem, history, calls)}
      </article>`;
  });
  const rest = problems.length - shown.length;
  return markup`
    <section id="problems" aria-labelledby="problems-title">
      <h2 id="problems-title">What failed and why</h2>
      ${problems.length === 0 ? markup`<p>No check found a problem.</p>` : shown}
      ${rest > 0 ? markup`<p>${plural(rest, 'more problem')} in results.json.</p>` : undefined}
    </section>`;
}

function showButton(problem: Problem, history: History, number: number): Child {
  const window = windowOf(problem, history);
  if (window === undefined) return undefined;
  const margin = Math.max((window[1] - window[0]) * 0.15, 2e6);
  const operations = (problem.operations ?? []).join(',');
  return markup`<button type="button" data-from="${window[0] - margin}" data-to="${window[1] + margin}" data-operations="${operations}">Show on the timeline<span class="visually-hidden"> problem ${number}</span></button>`;
}

/** The call that an entry of the history belongs to, by the entry's index. */
function callsByIndex(history: History): Map<number, Call> {
  const calls = new Map<number, Call>();
  for (const call of pairCalls(history)) {
    calls.set(call.invoke.index, call);
    if (call.completion !== undefined) calls.set(call.completion.index, call);
  }
  return calls;
}

function operationsTable(problem: Problem, history: History, byIndex: Map<number, Call>): Child {
  const entries = operationsOf(problem, history);
  if (entries.length === 0) return undefined;
  const found = entries.map((entry) => byIndex.get(entry.index) ?? { invoke: entry, completion: undefined });
  const named = byTime(new Set(found));
  const beside = failedMeanwhile(named, byIndex, windowOf(problem, history)).filter(
    (call) => !named.includes(call),
  );
  const all = byTime([...named, ...beside]);
  const failed = beside.length === 0 ? '' : ', with those on the same key that failed meanwhile';
  if (all.length <= ROWS_SHOWN)
    return table(`The operations to look at, by the time at which they began${failed}`, all);
  // It shows where it ends: what comes last contradicts what came before.
  const last = named.slice(-ROWS_SHOWN);
  const caption = `The ${last.length < named.length ? `last ${last.length} of the ${named.length} ` : ''}operations to look at, by the time at which they began`;
  const first = all.length > ROWS_MAX ? `, the first ${ROWS_MAX}` : '';
  return markup`
    ${table(caption, last)}
    <details>
      <summary>All ${all.length} operations${failed}</summary>
      ${table(`By the time at which they began${first}`, all.slice(0, ROWS_MAX))}
    </details>`;
}

const byTime = (calls: Iterable<Call>): Call[] =>
  [...calls].sort((left, right) => left.invoke.time - right.invoke.time);

function table(caption: string, calls: readonly Call[]): Markup {
  return markup`
    <div class="scroll"><table>
      <caption><span>${caption}</span></caption>
      <thead><tr><th class="number">Began</th><th class="number">Ended</th><th>Process</th><th>Node</th><th>Function</th><th>Key</th><th>Argument</th><th>Outcome</th><th>Result</th></tr></thead>
      <tbody>${calls.map(operationRow)}</tbody>
    </table></div>`;
}

/**
 * Calls on the same keys that failed while it went wrong. No order has to explain them, and yet what is said not
 * to have happened is often just what did.
 */
function failedMeanwhile(
  named: readonly Call[],
  byIndex: Map<number, Call>,
  window: readonly [number, number] | undefined,
): Call[] {
  if (window === undefined) return [];
  const keys = new Set(named.map(({ invoke }) => JSON.stringify(invoke.key)));
  return [...byIndex.values()].filter(
    ({ invoke, completion }) =>
      completion?.type === 'fail' &&
      keys.has(JSON.stringify(invoke.key)) &&
      invoke.time <= window[1] &&
      completion.time >= window[0],
  );
}

/** What the completion adds to the argument. A read of nothing is told: it may be just what is wrong. */
function resultOf({ invoke, completion }: Call): Child {
  if (completion?.type !== 'ok') return code(completion?.error);
  if (completion.value === null) return invoke.value === null ? markup`<code>nil</code>` : '';
  if (JSON.stringify(completion.value) === JSON.stringify(invoke.value)) return '';
  return markup`${code(completion.value)}${repeated(completion.value)}`;
}

/** What is in a list more than once: with values that are written once each it is the mistake, and hard to see in a long list. */
function repeated(value: Json): Child {
  if (!Array.isArray(value)) return undefined;
  const items = (value as readonly Json[]).filter(
    (item) => typeof item === 'number' || typeof item === 'string',
  );
  const again = [...new Set(items.filter((item, place) => items.indexOf(item) !== place))];
  if (again.length === 0) return undefined;
  return markup` <span class="hint">more than once: ${again.slice(0, REPEATED_MAX).join(', ')}${again.length > REPEATED_MAX ? ', …' : ''}</span>`;
}

function operationRow(call: Call): Markup {
  const { invoke, completion } = call;
  return markup`<tr>
    <td class="number">${seconds(invoke.time)}</td><td class="number">${completion === undefined ? 'never' : seconds(completion.time)}</td>
    <td>${invoke.process}</td><td>${completion?.node ?? invoke.node ?? ''}</td><td>${invoke.f}</td>
    <td>${code(invoke.key)}</td><td>${code(invoke.value)}</td><td>${completion?.type ?? 'info'}</td><td class="wide">${resultOf(call)}</td></tr>`;
}

function code(value: Json | undefined): Child {
  return value === undefined || value === null ? '' : markup`<code>${JSON.stringify(value)}</code>`;
}
