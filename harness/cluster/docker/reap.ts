/**
 * Removes what belongs to a run, or to a run whose owner is dead: by label, containers first, then the
 * networks that they were in, then volumes.
 */
import { hostname } from 'node:os';
import { messageOf } from '../../errors.ts';
import { isAlive } from '../owner.ts';
import { isRefusal, type DockerEngine } from './engine.ts';
import { LABEL } from './labels.ts';

/** Something in the engine that carries our labels. */
interface Leftover {
  readonly kind: 'container' | 'network' | 'volume';
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What came of a removal. */
export interface Removal {
  /** A line for each thing removed: "container splitbrain-…-n1". */
  readonly removed: readonly string[];
  /** A line for each that could not be removed, and why. */
  readonly failed: readonly string[];
}

/** Removes what this process made for the run. Rejects with an EngineError when the engine does not answer. */
export async function removeRun(
  engine: DockerEngine,
  labels: Readonly<Record<string, string>>,
): Promise<Removal> {
  return remove(
    engine,
    await list(engine, [`${LABEL.run}=${labels[LABEL.run]}`, `${LABEL.owner}=${labels[LABEL.owner]}`]),
  );
}

/** What runs of this machine left behind whose owner is dead. */
export async function findLeftovers(engine: DockerEngine): Promise<Leftover[]> {
  const all = await list(engine, [LABEL.owner]);
  return all.filter(({ labels }) => {
    const elsewhere = labels[LABEL.host] !== undefined && labels[LABEL.host] !== hostname();
    return !elsewhere && !isAlive(labels[LABEL.owner] ?? '');
  });
}

/** Removes those. */
export async function reapLeftovers(engine: DockerEngine): Promise<Removal> {
  return remove(engine, await findLeftovers(engine));
}

async function list(engine: DockerEngine, label: string[]): Promise<Leftover[]> {
  const filters = { label };
  const [containers, networks, volumes] = await Promise.all([
    engine.ask('list containers', (docker) => docker.listContainers({ all: true, filters })),
    engine.ask('list networks', (docker) => docker.listNetworks({ filters })),
    engine.ask('list volumes', (docker) => docker.listVolumes({ filters })),
  ]);
  return [
    ...containers.map((it) =>
      leftover('container', it.Id, it.Names[0]?.replace(/^\//, '') ?? it.Id, it.Labels),
    ),
    ...networks.map((it) => leftover('network', it.Id, it.Name, it.Labels)),
    ...volumes.Volumes.map((it) => leftover('volume', it.Name, it.Name, it.Labels)),
  ];
}

function leftover(
  kind: Leftover['kind'],
  id: string,
  name: string,
  labels: Readonly<Record<string, string>> | undefined,
): Leftover {
  return { kind, id, name, labels: labels ?? {} };
}

async function remove(engine: DockerEngine, leftovers: readonly Leftover[]): Promise<Removal> {
  const removed: string[] = [];
  const failed: string[] = [];
  for (const kind of ['container', 'network', 'volume'] as const) {
    const those = leftovers.filter((it) => it.kind === kind);
    await Promise.all(
      those.map(async (it) => {
        try {
          await removeOne(engine, it);
          removed.push(`${kind} ${it.name}`);
        } catch (error) {
          failed.push(`${kind} ${it.name}: ${messageOf(error)}`);
        }
      }),
    );
  }
  return { removed, failed };
}

async function removeOne(engine: DockerEngine, { kind, id, name }: Leftover): Promise<void> {
  try {
    await engine.ask(`remove ${kind} ${name}`, async (docker) => {
      if (kind === 'container') await docker.getContainer(id).remove({ force: true, v: true });
      else if (kind === 'network') await docker.getNetwork(id).remove();
      else await docker.getVolume(id).remove();
    });
  } catch (error) {
    const goneOrGoing =
      isRefusal(error, 404) || (isRefusal(error, 409) && /already in progress/.test(error.message));
    if (!goneOrGoing) throw error;
  }
}
