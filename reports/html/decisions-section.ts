/**
 * How commands were decided: the message delays until a command was learned, by kind of round, and how often votes collided. For
 * runs whose nodes tell it (../decisions.ts).
 */
import type { RunRecord } from '../../harness/run/reporter.ts';
import { formatDuration } from '../../harness/time.ts';
import { quantileOf, type Decisions, type RoundKind } from '../decisions.ts';
import { formatCount, plural } from '../words.ts';
import { distributionChart, percent, type Row } from './distribution.ts';
import { markup, type Markup } from './markup.ts';

const SERIES: Readonly<Record<string, string>> = { fast: 'series-1', classic: 'series-2' };
const OTHER_SERIES = 'series-3';

/** The section. */
export function decisionsSection({ kinds, collisions }: Decisions, { plan }: RunRecord): Markup {
  const { collided, slots } = collisions;
  const collisionWords = `Votes collided in ${formatCount(collided)} of ${plural(slots, 'slot')} (${percent(collided / Math.max(1, slots))}).`;
  const rows = kinds.map((kind): Row => {
    const isFast = kind.round === 'fast';
    const share = collided / Math.max(1, slots);
    return {
      ...rowOf(kind),
      ...(isFast ? { beside: { share, words: `${percent(share)} of the slots collided` } } : {}),
    };
  });
  const clock = plan.runtime === 'sim' ? 'in simulated time' : "by the nodes' monotonic clocks";
  return markup`
    <section id="decisions" aria-labelledby="decisions-title">
      <h2 id="decisions-title">How commands were decided</h2>
      <p class="hint">A message delay is one message that had to arrive before the next could leave, counted from the client until a node that the
        client had asked knew the outcome; a client that asks several nodes is counted at each. Fewer than two there cannot be, and three is what a
        leader between costs. ${collisionWords}</p>
      ${distributionChart(rows, 'Message delays by kind of round; the table below says the same', 'message delays from the client until the command was learned')}
      <details><summary>The same as a table</summary>${table(kinds, clock)}</details>
    </section>`;
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
