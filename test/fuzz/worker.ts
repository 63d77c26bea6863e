/**
 * A thread of the long fuzz: checks the batches that it is sent.
 */
import { parentPort } from 'node:worker_threads';
import { compare, type Batch } from './compare.ts';

const port = parentPort;
port?.on('message', (batch: Batch) => {
  void compare(batch).then((tallies) => {
    port.postMessage(tallies);
  });
});
