/**
 * The faults that a real node brings about in itself, because they lie between its program and the system: a disk in
 * trouble, a wrong wall clock, a slow pace, deaths at a point of the program or with a torn last write. What is wanted
 * comes from outside (trouble.ts), as a request or in a file.
 *
 * A slow node is busy in the real sense: its event loop stands still for each turn. So that it can be told to be quick
 * again with a thousand messages before the request that says so, it looks at the file after each turn.
 */
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { performance } from 'node:perf_hooks';
import { messageOf } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { createRandom, type Random } from '../random.ts';
import { skewedClock } from './clock.ts';
import type { NodeConfig } from './config.ts';
import { DiskGate } from './disk-gate.ts';
import type { OpenDisk } from './disk.ts';
import { FailPoints } from './fail-points.ts';
import type { NodeClock, RequestHandler } from './program.ts';
import { Refused } from './request-router.ts';
import { parseTrouble, type ArmedCrash, type NodeTrouble } from './trouble.ts';

/** Bytes taken at once by a node that uses up its memory. */
const BITE_BYTES = 8 * 1024 * 1024;
const MIB = 1024 * 1024;
/** Files that are opened at once to see whether there are descriptors left. */
const DESCRIPTORS_TRIED = 64;
/** Exit code of a process that SIGKILL ended, as shells and container engines have it. */
const EXIT_KILLED = 137;
/** Milliseconds of processor time that are burnt to see how long that takes: by default, and in one go. */
const BURN_MS = { usual: 100, most: 1000, slice: 2 } as const;

/** The faults of one life of a node. */
export class NodeFaults {
  /** Its clocks, the wall clock as wrong as it is told. */
  readonly clock: NodeClock = skewedClock(() => this.#trouble.clock);
  /** Its disk's. */
  readonly gate: DiskGate;
  readonly #file: string | undefined;
  readonly #random: Random;
  readonly #points = new FailPoints({ die: (crash) => this.#dieAt(crash) });
  readonly #onDeath: (point: string) => void;
  #trouble: NodeTrouble = { revision: -1 };
  /** Which state of the file was read last. */
  #fileRead = '';

  /**
   * Reads the file of troubles, if there is one. Throws an Error that names it when it cannot be understood.
   *
   * @param onDeath told the point at which the node dies, just before
   */
  constructor(
    { troubleFile, seed }: Pick<NodeConfig, 'troubleFile' | 'seed'>,
    onDeath: (point: string) => void,
  ) {
    this.#file = troubleFile;
    this.#onDeath = onDeath;
    this.#random = createRandom(seed).fork('faults');
    const turn = (): void => this.turn();
    this.gate = new DiskGate({ trouble: () => this.#trouble.disk ?? {}, random: this.#random, turn });
    this.#readFile();
  }

  /** The program gets to something: it is busy with it for as long as it is told. */
  turn(): void {
    const { busyMs = 0 } = this.#trouble;
    if (busyMs === 0) return;
    stand(busyMs);
    try {
      this.#readFile();
    } catch {
      // It is just being written: the next turn finds it whole.
    }
  }

  /** See `NodeContext.failPoint`. */
  failPoint(name: string): void {
    this.#points.pass(name);
  }

  /** What the harness asks of a real node, beside what it asks of every node (request-router.ts). */
  handlers(disk: OpenDisk): Readonly<Record<string, RequestHandler>> {
    return {
      '_/trouble': (body) => this.#obey(body),
      '_/power-cut': async () => {
        await disk.cutPower(this.#random);
        return dieNow();
      },
      '_/eat': ({ limitMiB }) => eat(limitMiB),
      '_/points': () => this.#points.passes,
      '_/descriptors': () => openSome(),
      '_/processor': ({ cpuMs }) => burn(cpuMs),
      '_/usage': () => ({ cpuMs: usedMs(process.cpuUsage()) }),
    };
  }

  #obey(body: JsonObject): Json {
    try {
      this.#apply(parseTrouble(body));
    } catch (error) {
      throw new Refused(400, messageOf(error));
    }
    return { revision: this.#trouble.revision };
  }

  #apply(trouble: NodeTrouble): void {
    if (trouble.revision <= this.#trouble.revision) return;
    this.#trouble = trouble;
    const { crash } = trouble;
    this.#points.arm(crash === undefined || this.#hasFired(crash) ? undefined : crash);
  }

  /** Reads the file, unless it is as it was. Throws an Error that names it when it cannot be understood. */
  #readFile(): void {
    if (this.#file === undefined) return;
    const found = statSync(this.#file, { throwIfNoEntry: false });
    // Clocks of file systems are coarse: a file that was replaced may have its predecessor's time.
    const state = found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
    if (state === this.#fileRead) return;
    try {
      this.#apply(parseTrouble(JSON.parse(readFileSync(this.#file, 'utf8')) as Json));
    } catch (error) {
      throw new Error(`${this.#file}: ${messageOf(error)}`, { cause: error });
    }
    this.#fileRead = state;
  }

  #dieAt(crash: ArmedCrash): never {
    try {
      if (this.#file !== undefined) writeFileSync(firedFile(this.#file), String(crash.id));
      this.#onDeath(crash.name);
    } catch {
      // Without a descriptor or space for the record it dies all the same; it may do so once more.
    }
    return dieNow();
  }

  #hasFired({ id }: ArmedCrash): boolean {
    if (this.#file === undefined) return false;
    try {
      return id <= Number(readFileSync(firedFile(this.#file), 'utf8'));
    } catch {
      return false;
    }
  }
}

/** Names the last crash that came, over all lives. */
function firedFile(troubleFile: string): string {
  return `${troubleFile}.fired`;
}

/** Does nothing for so long, and lets nothing else be done. */
function stand(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Ends this process as a kill from outside does: nothing of the program runs any more. */
function dieNow(): never {
  process.kill(process.pid, 'SIGKILL');
  // The first process of a container gets no such signal from within.
  process.exit(EXIT_KILLED);
}

/** Takes memory, and never gives it back, until the system ends this process or it reaches the limit. */
function eat(limitMiB: Json | undefined): Json {
  if (typeof limitMiB !== 'number' || !(limitMiB > 0))
    throw new Refused(400, 'expected a number limitMiB above 0');
  const eaten: Buffer[] = [];
  const bite = (): void => {
    // Written to, or it would take none.
    eaten.push(Buffer.alloc(BITE_BYTES, 1));
    if (process.memoryUsage.rss() > limitMiB * MIB) dieNow();
    setImmediate(bite);
  };
  setImmediate(bite);
  return { eating: true };
}

/** Whether files can be opened: more of them than connections that ended meanwhile may have left room for. */
function openSome(): Json {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS_TRIED) opened.push(openSync(devNull, 'r'));
    return { opened: true };
  } catch (error) {
    return { opened: false, error: messageOf(error) };
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Uses so much of the processor, a little at a time, and says how long that took: more if others get most of it. */
async function burn(cpuMs: Json = BURN_MS.usual): Promise<Json> {
  if (typeof cpuMs !== 'number' || !(cpuMs > 0 && cpuMs <= BURN_MS.most))
    throw new Refused(400, `expected a number cpuMs above 0 and up to ${BURN_MS.most}`);
  const begun = performance.now();
  let burntMs = 0;
  while (burntMs < cpuMs) {
    const before = usedHereMs();
    while (usedHereMs() - before < BURN_MS.slice);
    burntMs += usedHereMs() - before;
    // Others have their turn, too.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { cpuMs: burntMs, ms: performance.now() - begun };
}

/** Milliseconds that this thread has had the processor. */
function usedHereMs(): number {
  return usedMs(process.threadCpuUsage());
}

function usedMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
