/**
 * Looks names up in a file of the form of /etc/hosts, anew each time. Where a runtime cannot take a name from the
 * system's resolver for one node alone, it takes it from that node's own file (`NodeConfig.hostsFile`).
 */
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { messageOf } from '../errors.ts';

/** How `net.connect` is to find addresses: as the system does, but from this file. A name that is not there is ENOTFOUND. */
export function lookupIn(file: string): LookupFunction {
  return (name, options, callback) => {
    void addressIn(file, name).then((address) => {
      if (address instanceof Error) callback(address, '', 0);
      else if (options.all === true) callback(null, [{ address, family: 4 }]);
      else callback(null, address, 4);
    });
  };
}

async function addressIn(file: string, name: string): Promise<string | Error> {
  try {
    const text = await readFile(file, 'utf8');
    const entries = text.split('\n').map((line) => line.trim().split(/\s+/));
    const address = entries.find(([, ...names]) => names.includes(name))?.[0];
    return address ?? notFound(`no ${name} in ${file}`);
  } catch (error) {
    return notFound(messageOf(error));
  }
}

function notFound(reason: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND: ${reason}`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
  });
}
