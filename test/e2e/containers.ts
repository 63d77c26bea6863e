/**
 * What the engine holds of a run, asked without any of the code under test.
 */
import Docker from 'dockerode';

/** Ids of all containers, running or not, that carry this run's label. */
export async function containersOf(runId: string): Promise<string[]> {
  const filters = { label: [`splitbrain.run=${runId}`] };
  const containers = await new Docker().listContainers({ all: true, filters });
  return containers.map((container) => container.Id);
}
