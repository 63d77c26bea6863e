/**
 * Items of a trace in words: for the pointer's tip, for the list and in full.
 */
import { isJsonObject, type Json } from '../../../harness/json.ts';
import { DELIVERED, TRACE_KINDS, type TraceItem } from './trace-items.ts';
import { formatNanos } from './view.ts';

/** Characters of a content's main fields. */
const SHORT_MAX = 110;

/** What it is and where, in a few words: `append-request n1 → n3`. */
export function itemWords({ kind, type, node, to }: TraceItem): string {
  switch (kind) {
    case 'message':
      return `${type} ${node} → ${to ?? ''}`;
    case 'request':
      return `request ${type} at ${node}`;
    case 'reply':
      return `answer to ${type} from ${node}`;
    case 'disk':
      return `disk of ${node}: ${type}`;
    default:
      return `${node}: ${type}`;
  }
}

/** What became of it: `arrived after 1.2 ms`, `lost: cut`. Empty for what just happens. */
export function fateWords({ kind, fate, time, end }: TraceItem): string {
  if (kind === 'reply') return fate ?? '';
  if (kind !== 'message') return '';
  if (fate === undefined) return 'still on its way at the end';
  const took = formatNanos((end ?? time) - time);
  return fate === DELIVERED ? `arrived after ${took}` : `lost after ${took}: ${FATES[fate] ?? fate}`;
}

/** Why a message was lost. */
const FATES: Readonly<Record<string, string>> = {
  cut: 'the link was cut',
  lost: 'the network dropped it',
  reset: 'the connection was reset',
  overflow: 'too much was on its way',
  down: 'the receiver was down',
};

/** The content's fields in one line: simple ones as they are, of others how much there is. */
export function contentWords(content: Json): string {
  const text = isJsonObject(content)
    ? Object.entries(content)
        .filter(([name]) => name !== 'type')
        .map(([name, value]) => `${name} ${brief(value)}`)
        .join(', ')
    : brief(content);
  return text.length <= SHORT_MAX ? text : `${text.slice(0, SHORT_MAX - 1)}…`;
}

function brief(value: Json): string {
  if (value === null) return '–';
  if (Array.isArray(value)) return `[${value.length}]`;
  if (isJsonObject(value)) return '{…}';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One line for the pointer's tip. */
export function traceTip(item: TraceItem): string {
  return [itemWords(item), fateWords(item), item.content === null ? '' : contentWords(item.content)]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The facts about an item, by name. */
export function itemFacts(item: TraceItem): [name: string, value: string][] {
  const { kind, time, end } = item;
  const fate = fateWords(item);
  return [
    ['What', TRACE_KINDS[kind]],
    [kind === 'message' ? 'Sent' : 'When', `${(time / 1e9).toFixed(6)} s`],
    ...(end === undefined ? [] : ([['Ended', `${(end / 1e9).toFixed(6)} s`]] as [string, string][])),
    ...(fate === '' ? [] : ([['Outcome', fate]] as [string, string][])),
  ];
}
