/**
 * Loads testcontainers, late: it takes a while, and most commands do without it.
 *
 * Its own reaper (Ryuk) is an image from a registry that may not be reachable, so it is off; reap.ts
 * removes by our labels instead. That must be settled before the library looks at the environment.
 */

/** The library, without its reaper. */
export async function loadTestcontainers(): Promise<typeof import('testcontainers')> {
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  return import('testcontainers');
}
