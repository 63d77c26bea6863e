/**
 * The tests of this folder need a Docker engine. Where there is none they are skipped, with the reason
 * printed; with SPLITBRAIN_REQUIRE_DOCKER=1 they fail instead, so that a build machine never skips them.
 */
import { messageOf } from '../../../harness/errors.ts';
import { findEngine } from '../../../harness/cluster/docker/engine.ts';
import { ensureImage } from '../../../harness/cluster/docker/image.ts';

const IMAGE_TIMEOUT_MS = 300_000;

/** A `before` hook: an engine that answers, and the base image. */
export async function requireDocker(this: Mocha.Context): Promise<void> {
  this.timeout(IMAGE_TIMEOUT_MS);
  const engine = findEngine();
  try {
    await engine.version();
  } catch (error) {
    if (process.env['SPLITBRAIN_REQUIRE_DOCKER'] === '1') throw error;
    process.stderr.write(`    skipped: ${messageOf(error)}\n`);
    this.skip();
  }
  await ensureImage(engine, { progress: () => undefined, signal: new AbortController().signal });
}
