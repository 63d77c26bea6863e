/**
 * Who owns what a run leaves on the machine. Containers, networks and processes are marked with their
 * owner - process id and start time, since ids are reused - so that the next start can tell the remains of
 * a dead harness from a run that is still going on, and remove by mark, never by pattern.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** When that process started, as the system writes it; undefined when there is no such process (a zombie counts as none). */
export function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The command name may hold spaces and parentheses: fields count from the last ")".
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started === '' ? undefined : started.replaceAll(/\s+/g, '_');
  } catch {
    return undefined;
  }
}

/** The mark of a process: `<pid>@<start>`. */
export function markOf(pid: number): string {
  return `${pid}@${processStart(pid) ?? 'gone'}`;
}

/** The mark of this harness. */
export function ownMark(): string {
  return markOf(process.pid);
}

/** Whether the process with this mark still runs. A mark that makes no sense counts as dead. */
export function isAlive(mark: string): boolean {
  const [pid, start] = mark.split('@');
  return start !== undefined && start !== 'gone' && processStart(Number(pid)) === start;
}
