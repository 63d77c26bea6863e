/**
 * Reads `--nemesis`: families separated by commas, each with the kinds it may draw from -
 * `partition,kill:majority,pause:one+leader` - and refuses, before anything starts, what does not exist or
 * what the runtime cannot do.
 */
import type { Runtime } from '../cluster/cluster.ts';
import { ableKinds, needsOf, type FaultFamily } from '../cluster/fault.ts';
import { UsageError } from '../errors.ts';
import type { NodeId } from '../node/program.ts';

/** A family with the kinds it may draw from. */
export interface NemesisPart {
  readonly family: FaultFamily;
  readonly kinds: readonly string[];
}

function kindsOf(
  family: FaultFamily,
  text: string | undefined,
  nodes: readonly NodeId[],
  { abilities }: Runtime,
): string[] {
  if (text === undefined) return ableKinds(family, abilities);
  const kinds = text.split('+');
  for (const kind of kinds) {
    if (Object.hasOwn(family.kinds, kind)) continue;
    const problem = family.explicit?.problem(kind, nodes) ?? `${family.name} has no kind "${kind}"`;
    if (family.explicit !== undefined && family.explicit.problem(kind, nodes) === undefined) continue;
    const form = family.explicit === undefined ? '' : `, or written out as ${family.explicit.form}`;
    throw new UsageError(
      `--nemesis ${family.name}:${kind}: ${problem}; kinds are ${Object.keys(family.kinds).join(', ')}${form}`,
    );
  }
  return kinds;
}

/** Those of the families of which the runtime can do at least one kind. */
export function ableFamilies(families: readonly FaultFamily[], { abilities }: Runtime): FaultFamily[] {
  return families.filter((family) => ableKinds(family, abilities).length > 0);
}

/** Refuses kinds that were asked for and cannot be had, and a family of which no kind can. */
function refuseUnable(
  { family, kinds }: NemesisPart,
  runtime: Runtime,
  families: readonly FaultFamily[],
): void {
  const asked = kinds.length === 0 ? Object.keys(family.kinds) : kinds;
  for (const kind of asked) {
    const lacking = needsOf(family, kind).filter((ability) => !runtime.abilities.has(ability));
    if (lacking.length === 0) continue;
    const name = kinds.length === 0 ? family.name : `${family.name}:${kind}`;
    const can = ableKinds(family, runtime.abilities).map((able) => `${family.name}:${able}`);
    const others = ableFamilies(families, runtime).map((other) => other.name);
    throw new UsageError(
      `--nemesis ${name}: the ${runtime.name} runtime cannot do it here (it lacks: ${lacking.join(', ')}); ` +
        `it can do ${[...can, ...others.filter((other) => other !== family.name)].join(', ') || 'no fault at all'}`,
    );
  }
}

/** Names of the families in a nemesis's text. */
export function familiesIn(text: string): string[] {
  if (text === 'none' || text === '') return [];
  return text.split(',').map((part) => part.split(':', 1)[0] ?? '');
}

/** The parts of a nemesis; `none` and the empty text give none. Throws UsageError on what cannot be. */
export function parseNemesis(
  text: string,
  families: readonly FaultFamily[],
  runtime: Runtime,
  nodes: readonly NodeId[],
): NemesisPart[] {
  if (text === 'none' || text === '') return [];
  const parts = text.split(',').map((words) => {
    const [name = '', kinds] = words.split(':', 2);
    const family = families.find((candidate) => candidate.name === name);
    if (family === undefined) {
      throw new UsageError(
        `--nemesis: there is no fault "${name}"; there are ${families.map((known) => known.name).join(', ')}, and none`,
      );
    }
    const part = { family, kinds: kindsOf(family, kinds, nodes, runtime) };
    refuseUnable(part, runtime, families);
    return part;
  });
  const names = parts.map((part) => part.family.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(`--nemesis: ${twice} is named twice; join its kinds with "+", as in ${twice}:a+b`);
  }
  return parts;
}
