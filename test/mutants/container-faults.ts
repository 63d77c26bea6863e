/**
 * Which faults a test in containers is made under. A simulated search draws them anew for each of its hundred runs; a test in containers is
 * one run, so each takes what `splitbrain test` takes unless told otherwise, and two more families by turns: a mistake that
 * needs wrong clocks or a hunted leader meets them in one of the first tries.
 */
import { ableFamilies } from '../../harness/run/nemesis-spec.ts';
import type { Target } from '../../harness/run/target.ts';
import { isClaimed } from '../../harness/run/verdicts.ts';
import type { FaultFamily } from '../../harness/cluster/fault.ts';
import type { Runtime } from '../../harness/cluster/cluster.ts';

/** The default of `--nemesis`. */
const ALWAYS = ['partition', 'kill', 'pause'];
/** In the order in which they come up: strategies and clocks first, for most mistakes need one of these if anything. */
const BY_TURNS = [
  'hunt',
  'clock',
  'scenario',
  'slow-link',
  'membership',
  'packets',
  'restart-storm',
  'clients',
];
const TURNS = 2;

/** The families of a try, the first being 1: of those that the runtime can do, the target offers, and under which it claims everything. */
export function faultsOfTry(
  target: Target,
  nth: number,
  families: readonly FaultFamily[],
  runtime: Pick<Runtime, 'abilities'>,
): string[] {
  const fit = new Set(
    ableFamilies(families, runtime, target)
      .map(({ name }) => name)
      .filter((name) => target.claims.every(({ under }) => isClaimed(under, name))),
  );
  const turns = BY_TURNS.filter((name) => fit.has(name));
  const first = (nth - 1) * TURNS;
  const taken = turns.length <= TURNS ? turns : [0, 1].map((at) => turns[(first + at) % turns.length] ?? '');
  return [...ALWAYS.filter((name) => fit.has(name)), ...taken];
}
