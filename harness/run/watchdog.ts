/**
 * Watches that the runtime itself is still there while a test runs: an engine that went away makes every
 * operation fail, which says nothing about the target, so the run is ended early and says why.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { UsageError } from '../errors.ts';

const INTERVAL_MS = 1000;
/** One slow answer on a busy machine is no absence. */
const FAILURES_MAX = 3;

/** Calls `gone` with the error once the runtime fails to answer several times in a row. Ends with the signal. */
export async function watchCluster(
  cluster: Cluster,
  signal: AbortSignal,
  gone: (error: unknown) => void,
): Promise<void> {
  const [node] = cluster.nodes;
  if (node === undefined) return;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await cluster.state(node);
      failures = 0;
    } catch (error) {
      failures++;
      // A program that cannot be tested like this will not be at the third try.
      if (failures === FAILURES_MAX || error instanceof UsageError) {
        gone(error);
        return;
      }
    }
    await cluster.time.sleep(INTERVAL_MS, signal);
  }
}
