/**
 * Host ports for nodes. A node's port must be the same after a restart, so it is chosen here and not by the
 * engine - and outside the range from which the system draws ports for outgoing connections: while a node
 * is down, one of those could take its port.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { HarnessError } from '../../errors.ts';

/** Below Linux's default range of ephemeral ports, 32768-60999, and macOS's, 49152-65535. */
const LOWEST = 20_000;
const BOUND = 32_000;
const ATTEMPTS = 50;

/** A port on 127.0.0.1 that nobody listens on now. It is not reserved: whoever uses it must be ready for a conflict. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, BOUND);
    if (await isFree(port)) return port;
  }
  throw new HarnessError(
    `No free port on 127.0.0.1: ${ATTEMPTS} ports tried between ${LOWEST} and ${BOUND}. See what listens there (ss -ltn).`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
