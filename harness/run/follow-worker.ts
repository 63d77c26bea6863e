/**
 * The thread in which checks follow a run: it loads them by address and shows them each entry that it is sent.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Operation } from '../history/operation.ts';
import type { FollowMessage, FollowTask } from './follow-messages.ts';
import { findWorkload, loadTarget } from './load-target.ts';
import { OnlineChecks } from './online-checks.ts';

const task = workerData as FollowTask;
const target = await loadTarget(task.targetModule);
const { checkers } = findWorkload(target, task.workload);
const byName = new Map([...checkers, ...(target.checkers ?? [])].map((checker) => [checker.name, checker]));
const checks = await OnlineChecks.start(task.checkers.flatMap((name) => byName.get(name) ?? []));

const say = (message: FollowMessage): void => parentPort?.postMessage(message);

let noted = 0;
/** After whatever there is to note. */
function answer(message: FollowMessage): void {
  for (; noted < checks.notes.length; noted++) say({ kind: 'note', note: checks.notes[noted] ?? '' });
  say(message);
}

parentPort?.on('message', (entries: readonly Operation[]) => {
  for (const entry of entries) {
    const found = checks.add(entry);
    if (found === undefined) continue;
    // That is all that is asked of this thread; it is not ready for more.
    answer({ kind: 'found', found });
    return;
  }
  answer({ kind: 'ready' });
});
answer({ kind: 'ready' });
