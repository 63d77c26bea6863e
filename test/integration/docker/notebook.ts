/**
 * A node program for the tests of this folder: keeps one durable line, keeps another in memory alone, and
 * fails to start when its options say so.
 */
import type { NodeProgram } from '../../../harness/node/program.ts';

const FILE = 'line';

export const node: NodeProgram = {
  async start({ clients, disk, log, options }) {
    if (options['mode'] === 'fails') throw new Error('the notebook is lost: address already in use');
    if (options['mode'] === 'hangs') await new Promise(() => undefined);
    const stored = await disk.read(FILE);
    let durable = stored === undefined ? null : new TextDecoder().decode(stored);
    let volatile: string | null = null;
    clients.serve({
      async write({ value }) {
        const text = JSON.stringify(value);
        await disk.replace(FILE, new TextEncoder().encode(text));
        durable = text;
        return null;
      },
      remember({ value }) {
        volatile = JSON.stringify(value);
        return null;
      },
      read: () => ({ durable, volatile }),
    });
    log.info('notebook opened', { durable });
    return { status: () => ({ role: 'notebook' }) };
  },
};
