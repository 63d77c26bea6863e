/**
 * What a run of processes leaves on the machine, on record: one small file a run with the mark of its owner
 * and of each node. Nodes end by themselves when their harness does; those that cannot, because they were
 * paused, are found here by the next start and ended by mark (harness/cluster/owner.ts).
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { HarnessError } from '../../errors.ts';
import { isJsonObject } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { isAlive, markOf, ownMark } from '../owner.ts';

/** Milliseconds after which a record that is not in place was left behind. */
const WRITING_MS_MAX = 60_000;

/** The record of one run. */
export class RunMarks {
  readonly #file: string;
  readonly #nodes: Record<NodeId, string> = {};

  constructor(runId: string) {
    this.#file = join(marksDirectory(), `${runId}.json`);
  }

  /** Records the node's present process. */
  set(node: NodeId, pid: number): void {
    this.#nodes[node] = markOf(pid);
    // Renamed into place, so that a reader never sees half a record.
    writeFileSync(`${this.#file}.new`, JSON.stringify({ owner: ownMark(), nodes: this.#nodes }));
    renameSync(`${this.#file}.new`, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

/** Ends the nodes of runs whose owner is dead and removes their records; answers what was done, a line each. */
export function reapMarked(): string[] {
  const directory = marksDirectory();
  const done: string[] = [];
  removeUnfinished(directory);
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const file = join(directory, name);
    const record = readRecord(file);
    if (record === undefined || isAlive(record.owner)) continue;
    for (const [node, mark] of Object.entries(record.nodes)) {
      if (isAlive(mark) && endProcess(mark))
        done.push(`ended process ${mark} (${node} of ${basename(name, '.json')})`);
    }
    rmSync(file, { force: true });
    done.push(`removed the record of run ${basename(name, '.json')}, whose harness is gone`);
  }
  return done;
}

/** Removes records that their harness died over before they were in place: nobody takes so long to write one. */
function removeUnfinished(directory: string): void {
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json.new'))) {
    const file = join(directory, name);
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - written > WRITING_MS_MAX) rmSync(file, { force: true });
  }
}

/** SIGKILL ends a stopped process as well. False when it was gone already. */
function endProcess(mark: string): boolean {
  try {
    return process.kill(Number.parseInt(mark, 10), 'SIGKILL');
  } catch {
    return false;
  }
}

/** The record, or undefined when it is gone or none of ours. */
function readRecord(file: string): { owner: string; nodes: Record<NodeId, string> } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isJsonObject(value) || typeof value['owner'] !== 'string' || !isJsonObject(value['nodes']))
      return undefined;
    const marks = Object.entries(value['nodes']).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string';
    });
    return { owner: value['owner'], nodes: Object.fromEntries(marks) };
  } catch {
    return undefined;
  }
}

/** One directory a user, closed to others: what is written there is trusted with signals. */
function marksDirectory(): string {
  const { uid, username } = userInfo();
  const directory = join(tmpdir(), `splitbrain-${uid < 0 ? username : uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (uid >= 0 && statSync(directory).uid !== uid) {
    throw new HarnessError(
      `${directory} belongs to another user: remove it, or set TMPDIR to a directory of your own`,
    );
  }
  return directory;
}
