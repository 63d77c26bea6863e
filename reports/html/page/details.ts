/**
 * One operation in full: what was asked, what came back, when, where, and which faults were in force.
 */
import type { Json } from '../../../harness/json.ts';
import type { FaultRecord } from '../../../harness/run/results.ts';
import { callWords, OUTCOME_WORDS, type PlacedCall } from './calls.ts';
import { make } from './dom.ts';
import { formatNanos } from './view.ts';

/** Shows the operation in `place`, or a hint when there is none. */
export function showDetails(
  place: HTMLElement,
  call: PlacedCall | undefined,
  faults: readonly FaultRecord[],
): void {
  if (call === undefined) {
    place.replaceChildren('Point at an operation, or press n, to see it in full.');
    return;
  }
  const list = make('dl', { className: 'facts' });
  for (const [name, value] of rows(call, faults)) {
    list.append(make('div', {}, make('dt', {}, name), make('dd', {}, value)));
  }
  place.replaceChildren(make('strong', {}, callWords(call)), list);
}

/** One line for the pointer's tip. */
export function tipWords(call: PlacedCall): string {
  return `${callWords(call)} · ${call.outcome} · ${formatNanos(call.end - call.start)} · process ${call.invoke.process}`;
}

function rows(call: PlacedCall, faults: readonly FaultRecord[]): [name: string, value: string][] {
  const { invoke, completion, outcome } = call;
  const inForce = faults.filter((fault) => fault.start <= call.end && call.start <= (fault.end ?? Infinity));
  const optional = (name: string, value: Json | undefined): [string, string][] =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  const until = completion === undefined ? 'no completion was recorded' : `${(call.end / 1e9).toFixed(6)} s`;
  return [
    ['Outcome', OUTCOME_WORDS[outcome]],
    ['Function', invoke.f],
    ...optional('Key', invoke.key),
    ...optional('Argument', invoke.value),
    ...(outcome === 'ok' ? optional('Result', completion?.value) : []),
    ...optional('Error', completion?.error),
    ['Process', `${invoke.process} (client ${call.lane})`],
    ...optional('Node', completion?.node ?? invoke.node),
    ['Began', `${(call.start / 1e9).toFixed(6)} s`],
    ['Ended', until],
    ...(completion === undefined
      ? []
      : ([['Took', formatNanos(call.end - call.start)]] as [string, string][])),
    [
      'In the history',
      completion === undefined ? `entry ${invoke.index}` : `entries ${invoke.index} and ${completion.index}`,
    ],
    [
      'Faults meanwhile',
      inForce.map((fault) => `${fault.family}: ${fault.description}`).join('; ') || 'none',
    ],
  ];
}
