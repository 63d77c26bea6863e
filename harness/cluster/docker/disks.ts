/**
 * What is done to the disks of a cluster's nodes from outside: damage, copies, emptying. All goes through one helper, a
 * container that has every node's volume and does nothing by itself; so it is the same for a node that runs, is
 * frozen or is down. It is made when it is first needed, carries the run's labels, and goes with the run.
 *
 * A running node may replace a file while it is looked at. So a file is known by its inode and its time of birth (an
 * inode's number is soon used again), and is left alone when it is another by the time of the change.
 */
import { HarnessError } from '../../errors.ts';
import type { NodeId } from '../../node/program.ts';
import type { FlippedBit, SavedDisk, SwappedBlocks, TruncatedFile } from '../cluster.ts';
import {
  flipBits,
  swapBlocks,
  truncateFiles,
  unflipBits,
  type Contents,
  type Damage,
  type Edit,
} from '../damage.ts';
import type { DockerEngine } from './engine.ts';
import { execIn } from './exec.ts';
import { labelsFor } from './labels.ts';
import { volumeMount, volumeOf } from './volumes.ts';

/** How often damage is worked out anew because a file was replaced meanwhile. */
const ATTEMPTS = 5;
/** Edits that are made at once; all must fit into one variable of an environment. */
const EDITS_AT_ONCE = 32;
/** Exit code of `EDIT`: a file is not what it was, and nothing was changed. */
const CHANGED_MEANWHILE = 3;

/** Prints a line for each file: its name, its identity, its bytes. */
const READ = `
cd "/disks/$NODE" || exit 1
for file in *; do
  [ -f "$file" ] && printf '%s %s %s\\n' "$file" "$(stat -c %i/%.9W "$file")" "$(base64 -w0 "$file")"
done 2>/dev/null
true`;

/** Makes the changes in $EDITS, a line each - file, identity, `write` and `cut`, place, bytes in octal - or none of them. */
const EDIT = `
cd "/disks/$NODE" || exit 1
printf '%s\\n' "$EDITS" | while read -r file identity _; do
  [ "$(stat -c %i/%.9W "$file" 2>/dev/null)" = "$identity" ] || exit ${CHANGED_MEANWHILE}
done || exit $?
printf '%s\\n' "$EDITS" | while read -r file _ what at bytes; do
  case "$what" in
    cut) truncate -s "$at" "$file" ;;
    write) printf "$bytes" | dd of="$file" oflag=seek_bytes seek="$at" conv=notrunc status=none ;;
  esac || exit 1
done`;

/** Copies what a running node may be replacing and removing. */
const SAVE = `
mkdir -p "/saved/$ID" && cd "/disks/$NODE" || exit 1
for file in *; do
  [ -f "$file" ] || continue
  cp -p "$file" "/saved/$ID/" || [ ! -e "$file" ] || exit 1
done`;

const WIPE = 'find "/disks/$NODE" -mindepth 1 -delete';
const LOAD = `${WIPE} && cp -a "/saved/$ID/." "/disks/$NODE/"`;

/** What the disks belong to. */
export interface DisksOptions {
  readonly engine: DockerEngine;
  readonly image: string;
  readonly runId: string;
  /** All nodes that there may ever be. */
  readonly nodes: readonly NodeId[];
}

/** A disk as it was read: what its files hold, and which files they are. */
interface Snapshot {
  readonly contents: Contents;
  readonly identities: ReadonlyMap<string, string>;
}

/** The disks of one cluster. */
export class Disks {
  readonly #options: DisksOptions;
  /** In which file, by its identity, a bit was flipped. */
  readonly #flippedIn = new WeakMap<FlippedBit, string>();
  #helper: Promise<string> | undefined;
  #saved = 0;

  constructor(options: DisksOptions) {
    this.#options = options;
  }

  /** See `Cluster.flip`. */
  async flip(node: NodeId, places: readonly number[]): Promise<readonly FlippedBit[]> {
    const { done, identities } = await this.#damage(node, (contents) => flipBits(contents, places));
    for (const bit of done) this.#flippedIn.set(bit, identities.get(bit.file) ?? '');
    return done;
  }

  /** See `Cluster.unflip`. */
  async unflip(node: NodeId, bits: readonly FlippedBit[]): Promise<void> {
    await this.#damage(node, (contents, identities) => {
      const left = bits.filter((bit) => identities.get(bit.file) === this.#flippedIn.get(bit));
      return { edits: unflipBits(contents, left), done: [] };
    });
  }

  /** See `Cluster.truncate`. */
  async truncate(node: NodeId, places: readonly number[]): Promise<readonly TruncatedFile[]> {
    return (await this.#damage(node, (contents) => truncateFiles(contents, places))).done;
  }

  /** See `Cluster.swap`. */
  async swap(node: NodeId, pairs: readonly (readonly [number, number])[]): Promise<readonly SwappedBlocks[]> {
    return (await this.#damage(node, (contents) => swapBlocks(contents, pairs))).done;
  }

  /** See `Cluster.saveDisk`. */
  async save(node: NodeId): Promise<SavedDisk> {
    const id = ++this.#saved;
    await this.#run(SAVE, { NODE: node, ID: String(id) });
    return { node, id };
  }

  /** See `Cluster.loadDisk`. */
  async load({ node, id }: SavedDisk): Promise<void> {
    await this.#run(LOAD, { NODE: node, ID: String(id) });
  }

  /** See `Cluster.wipe`. */
  async wipe(node: NodeId): Promise<void> {
    await this.#run(WIPE, { NODE: node });
  }

  /** Works out damage from what the disk holds, and does it. */
  async #damage<T>(
    node: NodeId,
    plan: (contents: Contents, identities: Snapshot['identities']) => Damage<T>,
  ): Promise<{ readonly done: readonly T[]; readonly identities: Snapshot['identities'] }> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { contents, identities } = await this.#read(node);
      const { edits, done } = plan(contents, identities);
      if (await this.#edit(node, edits, identities)) return { done, identities };
    }
    throw new HarnessError(
      `Node ${node}: its files could not be damaged, because it replaced them each time (${ATTEMPTS} attempts).`,
    );
  }

  async #read(node: NodeId): Promise<Snapshot> {
    const output = await this.#run(READ, { NODE: node });
    const contents = new Map<string, Uint8Array>();
    const identities = new Map<string, string>();
    for (const line of output.split('\n')) {
      const [file, identity, bytes] = line.split(' ');
      // Without an identity it was removed while it was read.
      if (file === undefined || identity === undefined || identity === '') continue;
      contents.set(file, Buffer.from(bytes ?? '', 'base64'));
      identities.set(file, identity);
    }
    return { contents, identities };
  }

  /** False when a file was replaced meanwhile. */
  async #edit(node: NodeId, edits: readonly Edit[], identities: Snapshot['identities']): Promise<boolean> {
    for (let first = 0; first < edits.length; first += EDITS_AT_ONCE) {
      const some = edits.slice(first, first + EDITS_AT_ONCE);
      const lines = some.map((edit) => `${edit.file} ${identities.get(edit.file) ?? ''} ${words(edit)}`);
      const output = await this.#run(EDIT, { NODE: node, EDITS: lines.join('\n') }, [CHANGED_MEANWHILE]);
      if (output === undefined) return false;
    }
    return true;
  }

  #run(script: string, environment: Readonly<Record<string, string>>): Promise<string>;
  #run(
    script: string,
    environment: Readonly<Record<string, string>>,
    refusals: readonly number[],
  ): Promise<string | undefined>;
  /** What a script in the helper prints; undefined if it ends with one of these exit codes. */
  async #run(
    script: string,
    environment: Readonly<Record<string, string>>,
    refusals: readonly number[] = [],
  ): Promise<string | undefined> {
    const { engine } = this.#options;
    const helper = await this.#ensureHelper();
    const { exitCode, output } = await execIn(engine, helper, ['sh', '-c', script], environment);
    if (exitCode === 0) return output;
    if (refusals.includes(exitCode)) return undefined;
    throw new HarnessError(
      `Node ${environment['NODE'] ?? ''}: its disk could not be reached (exit code ${exitCode}): ${output.trim()}`,
    );
  }

  #ensureHelper(): Promise<string> {
    this.#helper ??= this.#makeHelper().catch((error: unknown) => {
      this.#helper = undefined;
      throw error;
    });
    return this.#helper;
  }

  async #makeHelper(): Promise<string> {
    const { engine, image, runId, nodes } = this.#options;
    return engine.ask('make a container that reaches the disks', async (docker) => {
      const container = await docker.createContainer({
        Image: image,
        name: `splitbrain-${runId}-disks`,
        Cmd: ['sleep', 'infinity'],
        Labels: labelsFor(runId),
        HostConfig: {
          NetworkMode: 'none',
          Mounts: nodes.map((node) => volumeMount(volumeOf(runId, node), `/disks/${node}`)),
        },
      });
      await container.start();
      return container.id;
    });
  }
}

/** An edit in the words of `EDIT`. */
function words(edit: Edit): string {
  if ('length' in edit) return `cut ${edit.length}`;
  const bytes = [...edit.bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  return `write ${edit.offset} ${bytes.join('')}`;
}
