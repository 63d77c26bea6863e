/**
 * How commands were decided: the message delays until a command was learned, by kind of round, and how often votes collided. For
 * runs whose nodes tell it (../decisions.ts).
 */
import type { RunRecord } from '../../harness/run/reporter.ts';
import { formatDuration } from '../../harness/time.ts';
import { quantileOf, type Collisions, type Decisions, type RoundKind } from '../decisions.ts';
import { formatCount, plural } from '../words.ts';
import { distributionChart, percent, type Row } from './distribution.ts';
import { markup, type Markup } from './markup.ts';

const SERIES: Readonly<Record<string, string>> = { fast: 'series-1', classic: 'series-2' };
const OTHER_SERIES = 'series-3';

/** What the kinds that are known are. */
const MEANINGS: Readonly<Record<string, string>> = {
  fast: 'In a fast round acceptors vote for what clients send them.',
  classic: 'In a classic round acceptors vote for what a leader proposes, whom clients ask.',
  recovered: 'Recovered is what was begun before: votes had collided, or another led.',
};

/** The section. */
export function decisionsSection(
  { kinds, collisions }: Decisions,
  { plan }: { readonly plan: Pick<RunRecord['plan'], 'runtime'> },
): Markup {
  const rows = kinds.map((kind): Row => ({
    ...rowOf(kind),
    ...(collisions !== undefined && kind.round === 'fast' ? { beside: besideOf(collisions) } : {}),
  }));
  const meanings = kinds.flatMap(({ round }) => MEANINGS[round] ?? []).join(' ');
  const clock = plan.runtime === 'sim' ? 'in simulated time' : "by the nodes' monotonic clocks";
  return markup`
    <section id="decisions" aria-labelledby="decisions-title">
      <h2 id="decisions-title">How commands were decided</h2>
      <p class="hint">A message delay is one message that had to arrive before the next could leave, counted from the client until a node that the
        client had asked knew the outcome; a client that asks several nodes is counted at each. Fewer than two there cannot be, and three is what a
        leader between costs. ${meanings} ${collisions === undefined ? '' : collisionWords(collisions)}</p>
      ${distributionChart(rows, 'Message delays by kind of round; the table below says the same', 'message delays from the client until the command was learned')}
      <details><summary>The same as a table</summary>${table(kinds, clock)}</details>
    </section>`;
}

function collisionWords({ collided, slots }: Collisions): string {
  return `Votes collided in ${formatCount(collided)} of ${plural(slots, 'slot')} (${percent(collided / Math.max(1, slots))}).`;
}

function besideOf({ collided, slots }: Collisions): NonNullable<Row['beside']> {
  const share = collided / Math.max(1, slots);
  return { share, words: `${percent(share)} of the slots collided` };
}

function rowOf(kind: RoundKind): Row {
  const { round, commands, byDelays } = kind;
  return {
    series: SERIES[round] ?? OTHER_SERIES,
    label: `${round} rounds`,
    note: `${plural(commands, 'command')}, median ${quantileOf(kind, 0.5)}, 95% ${quantileOf(kind, 0.95)}`,
    bars: byDelays.map(({ delays, commands: own, meanMs }) => ({
      at: delays,
      share: own / commands,
      words: `${round} rounds: ${plural(own, 'command')} took ${plural(delays, 'message delay')} (${percent(own / commands)}), ${formatDuration(meanMs)} in the mean`,
    })),
  };
}

function table(kinds: readonly RoundKind[], clock: string): Markup {
  const rows = kinds.flatMap(({ round, commands, byDelays }) =>
    byDelays.map(
      ({ delays, commands: own, meanMs }) => markup`<tr>
        <th scope="row">${round}</th><td class="number">${delays}</td><td class="number">${formatCount(own)}</td>
        <td class="number">${percent(own / commands)}</td><td class="number">${formatDuration(meanMs)}</td></tr>`,
    ),
  );
  return markup`
    <div class="scroll"><table>
      <caption>The time is what passed at the node, ${clock}, from when the request had reached it.</caption>
      <thead><tr><th>Round</th><th class="number">Message delays</th><th class="number">Commands</th><th class="number">Share of the kind</th><th class="number">Mean time</th></tr></thead>
      <tbody>${rows}</tbody>
    </table></div>`;
}
