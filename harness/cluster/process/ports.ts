/**
 * Ports for nodes. They lie below the system's ephemeral range, so that no outgoing connection of anybody
 * takes one while its node is down; a restarted node comes back on the port it had.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { HarnessError } from '../../errors.ts';
import { LOOPBACK } from '../links/link-proxy.ts';

const LOWEST = 10_000;
/** First ephemeral port where the system does not tell: Linux' default, below everybody else's. */
const EPHEMERAL_LOWEST = 32_768;
const ATTEMPTS_MAX = 100;

/** A port that nobody listens on now and that is not among `taken`. Another may still come first: be ready to ask again. */
export async function choosePort(taken: ReadonlySet<number>): Promise<number> {
  const bound = ephemeralLowest();
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (bound - LOWEST));
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new HarnessError(
    `No free port on ${LOOPBACK} between ${LOWEST} and ${bound} in ${ATTEMPTS_MAX} attempts`,
  );
}

/** Whether one could listen on the port now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

function ephemeralLowest(): number {
  try {
    const lowest = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
    return lowest > LOWEST ? lowest : EPHEMERAL_LOWEST;
  } catch {
    return EPHEMERAL_LOWEST;
  }
}
