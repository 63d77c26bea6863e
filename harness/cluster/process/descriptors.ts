/**
 * Keeps a process from opening files and connections: its limit is set to the lowest number that no open one has, so
 * that the next is refused with EMFILE while all that are open go on. By prlimit, which changes the limits of a process
 * that runs; only Linux has it.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { HarnessError, messageOf } from '../../errors.ts';
import { sleep } from '../../time.ts';

const COMMAND = 'prlimit';
const COMMAND_MS_MAX = 5000;
/** Looks in which nothing became free, after which nothing will soon, and the milliseconds between two of them. */
const QUIET_LOOKS = 5;
const LOOK_MS = 5;

/** Whether limits can be changed here. */
export function canLimitDescriptors(): boolean {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return (
    process.platform === 'linux' && directories.some((directory) => existsSync(join(directory, COMMAND)))
  );
}

/** Lets the process open nothing more; or as much as it could before. Rejects with a HarnessError when that fails. */
export async function limitDescriptors(pid: number, limited: boolean): Promise<void> {
  try {
    if (limited) await closeDown(pid);
    else await setLimit(pid, hardLimit(pid));
  } catch (error) {
    throw new HarnessError(`Could not change the limit of files of process ${pid}: ${messageOf(error)}`);
  }
}

/** What was open only in passing would leave room when it is closed: so it looks again, until nothing becomes free. */
async function closeDown(pid: number): Promise<void> {
  let limit = Infinity;
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet++) {
    const free = lowestFree(pid);
    if (free < limit) {
      limit = free;
      await setLimit(pid, limit);
      quiet = 0;
    }
    await sleep(LOOK_MS);
  }
}

async function setLimit(pid: number, soft: number | string): Promise<void> {
  await promisify(execFile)(COMMAND, [`--pid=${pid}`, `--nofile=${soft}:`], { timeout: COMMAND_MS_MAX });
}

/** Descriptors are given out from below: this one would be next. */
function lowestFree(pid: number): number {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let lowest = 0;
  while (open.has(lowest)) lowest++;
  return lowest;
}

/** What Node.js raises its own limit to when it starts. */
function hardLimit(pid: number): string {
  const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
  if (line?.[1] === undefined) throw new Error(`/proc/${pid}/limits does not say how many files may be open`);
  return line[1];
}
