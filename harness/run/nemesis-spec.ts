/**
 * Reads `--nemesis`: families separated by commas, each with the kinds it may draw from -
 * `partition,kill:majority,packets:loss@leader+corrupt` - and refuses, before anything starts, what does not exist, what
 * the runtime cannot do, or what the target does not offer.
 */
import type { Ability, Runtime } from '../cluster/cluster.ts';
import { ableKinds, needsOf, splitKind, type FaultFamily } from '../cluster/fault.ts';
import { UsageError, didYouMean } from '../errors.ts';
import type { NodeId } from '../node/program.ts';
import type { Target } from './target.ts';

/** A family with the kinds it may draw from, each with whom it is to strike where that is said: `loss@leader`. */
export interface NemesisPart {
  readonly family: FaultFamily;
  readonly kinds: readonly string[];
}

/** What faults meet. */
export interface Ground {
  readonly families: readonly FaultFamily[];
  readonly runtime: Pick<Runtime, 'name' | 'abilities'>;
  readonly nodes: readonly NodeId[];
  /** Whose members may be changed, if it says how. Absent: not asked. */
  readonly target?: Pick<Target, 'name' | 'membership'>;
}

/** The family of that name. Throws a UsageError with the names that there are. */
export function findFamily(where: string, name: string, { families }: Pick<Ground, 'families'>): FaultFamily {
  const family = families.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  const names = families.map((known) => known.name);
  throw new UsageError(
    `${where}: there is no fault "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}, and none`,
  );
}

/** Throws a UsageError when the family has no such kind, or the kind cannot be aimed so. */
export function requireKind(
  where: string,
  family: FaultFamily,
  text: string,
  { nodes }: Pick<Ground, 'nodes'>,
): void {
  const { kind, aim } = splitKind(text);
  if (!Object.hasOwn(family.kinds, kind)) {
    const problem =
      family.explicit === undefined
        ? `${family.name} has no kind "${kind}"`
        : family.explicit.problem(kind, nodes);
    const hint = didYouMean(kind, Object.keys(family.kinds));
    if (problem !== undefined) throw new UsageError(`${where}: ${problem}${hint}; ${kindsWords(family)}`);
  }
  if (aim === undefined) return;
  if (family.aimed === undefined)
    throw new UsageError(`${where}: ${family.name} says itself whom it strikes; leave "@${aim}" out`);
  const problem = family.aimed.problem(aim, nodes);
  if (problem !== undefined)
    throw new UsageError(`${where}: ${problem}; after "@" comes one of ${family.aimed.form}`);
}

function kindsWords({ kinds, explicit, aimed }: FaultFamily): string {
  const form = explicit === undefined ? '' : `, or written out as ${explicit.form}`;
  const at = aimed === undefined ? '' : `; each may be aimed, as in ${Object.keys(kinds)[0] ?? 'x'}@leader`;
  return `kinds are ${Object.keys(kinds).join(', ')}${form}${at}`;
}

/** Those of the families of which the runtime can do at least one kind, and for which the target offers what they ask. */
export function ableFamilies(
  families: readonly FaultFamily[],
  { abilities }: Pick<Runtime, 'abilities'>,
  target?: Pick<Target, 'membership'>,
): FaultFamily[] {
  return families.filter(
    (family) =>
      ableKinds(family, abilities).length > 0 && (target === undefined || isOffered(family, target)),
  );
}

function isOffered({ asks }: FaultFamily, { membership }: Pick<Target, 'membership'>): boolean {
  return asks === undefined || membership !== undefined;
}

/** Throws a UsageError when the runtime cannot do this kind, or the target does not offer what it asks; says what there is instead. */
export function requireAble(
  where: string,
  family: FaultFamily,
  kind: string,
  { runtime, families, target }: Ground,
): void {
  if (target !== undefined && !isOffered(family, target)) {
    throw new UsageError(
      `${where}: ${target.name} does not say how its members are changed (\`membership\` in its defineTarget)`,
    );
  }
  const lacking = needsOf(family, kind).filter((ability) => !runtime.abilities.has(ability));
  if (lacking.length === 0) return;
  const can = ableKinds(family, runtime.abilities).map((able) => `${family.name}:${able}`);
  const others = ableFamilies(families, runtime, target).map((other) => other.name);
  throw new UsageError(
    `${where}: the ${runtime.name} runtime cannot do it here (it lacks: ${lacking.join(', ')}); ` +
      `it can do ${[...can, ...others.filter((other) => other !== family.name)].join(', ') || 'no fault at all'}`,
  );
}

/** Names of the families in a nemesis's text. */
export function familiesIn(text: string): string[] {
  if (text === 'none' || text === '') return [];
  return text.split(',').map((part) => part.split(':', 1)[0] ?? '');
}

/**
 * The parts of a nemesis; `none` gives none. Throws UsageError on what cannot be, and on nothing at all: a script whose
 * variable is empty must not pass for want of faults.
 */
export function parseNemesis(text: string, ground: Ground): NemesisPart[] {
  if (text === 'none') return [];
  if (text.trim() === '')
    throw new UsageError('--nemesis: expected fault families, such as partition,kill, or none');
  const parts = text.split(',').map((words) => partOf(words, ground));
  const names = parts.map((part) => part.family.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(`--nemesis: ${twice} is named twice; join its kinds with "+", as in ${twice}:a+b`);
  }
  return parts;
}

/** Without kinds: all that the runtime can do, and there must be one. */
function partOf(words: string, ground: Ground): NemesisPart {
  const [name = '', text] = words.split(':', 2);
  const family = findFamily('--nemesis', name, ground);
  if (text === undefined) {
    const kinds = ableKinds(family, ground.runtime.abilities);
    requireAble(`--nemesis ${name}`, family, kinds[0] ?? Object.keys(family.kinds)[0] ?? '', ground);
    return { family, kinds };
  }
  const kinds = text.split('+');
  for (const kind of kinds) {
    requireKind(`--nemesis ${name}:${kind}`, family, kind, ground);
    requireAble(`--nemesis ${name}:${kind}`, family, kind, ground);
  }
  return { family, kinds };
}

/** Everything that these faults need of the runtime. */
export function abilitiesOf(parts: readonly NemesisPart[]): Set<Ability> {
  return new Set(parts.flatMap(({ family, kinds }) => kinds.flatMap((kind) => needsOf(family, kind))));
}

/** How many nodes beyond the first ones these faults want. */
export function sparesWanted(parts: readonly NemesisPart[]): number {
  return Math.max(0, ...parts.map(({ family }) => family.spares ?? 0));
}
