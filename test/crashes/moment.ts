/**
 * One moment at which a harness is killed: it is started, killed by SIGKILL after a time, and the next start cleans up. Then the
 * machine must be as before. What is left is asked of the system, and not of the code under test.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { findRuntime } from '../../harness/cli/registry.ts';
import { processStart } from '../../harness/cluster/owner.ts';
import { isJsonObject } from '../../harness/json.ts';
import { sleep } from '../../harness/time.ts';

/** What was seen of one moment. */
export interface Moment {
  readonly runtime: string;
  readonly from: From;
  readonly afterMs: number;
  /** What the harness had come to: `starting the cluster`, or how many faults were in force and which came last. */
  readonly during: string;
  /** Processes, containers, networks, volumes, files and rules that are left; empty if all is well. */
  readonly left: readonly string[];
}

/** What the time until the kill counts from: that the cluster began to start, or that it was up. */
export type From = 'its cluster starting' | 'its cluster up';

const HARNESS = fileURLToPath(new URL('./harness.ts', import.meta.url));
/** How long what was told to go may take to be gone: processes die, and the engine tidies up, a little later. */
const GONE_MS = 5000;

/** How long a cluster may take to start; then the harness is killed as it is. */
const START_MS = 60_000;
const STARTING = 'starting the cluster';
const STARTED = 'no fault yet';

/** Starts a harness, kills it `afterMs` from then, has the runtime clean up, and looks. */
export async function killAfter(runtime: string, from: From, afterMs: number, seed: string): Promise<Moment> {
  const directory = mkdtempSync(join(tmpdir(), 'crash-'));
  const runId = `crash-${process.pid}-${seed}`;
  const before = hostState();
  const harness = spawn(process.execPath, [HARNESS, runtime, runId, directory, seed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => void harness.once('exit', () => resolve()));
  let during = 'not yet starting';
  const reached = new AbortController();
  createInterface({ input: harness.stdout }).on('line', (line) => {
    during = wordsFor(line) ?? during;
    if (during === (from === 'its cluster up' ? STARTED : STARTING)) reached.abort();
  });
  try {
    await sleep(START_MS, reached.signal);
    await sleep(afterMs);
    const own = descendants(harness.pid ?? -1);
    harness.kill('SIGKILL');
    await gone;
    await findRuntime(runtime).reap();
    return { runtime, from, afterMs, during, left: await whatIsLeft(runId, directory, own, before) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function wordsFor(line: string): string | undefined {
  const said: unknown = JSON.parse(line);
  if (!isJsonObject(said)) return undefined;
  const { starting, started, begins, ends, inForce } = said;
  if (starting !== undefined) return STARTING;
  if (started !== undefined) return STARTED;
  const count = `${Number(inForce)} in force`;
  if (typeof begins === 'string') return `${count}, ${begins} begins`;
  return typeof ends === 'string' ? `${count}, ${ends} ends` : undefined;
}

/** Asks until nothing is left, or time is up. */
async function whatIsLeft(
  runId: string,
  directory: string,
  own: ReadonlyMap<number, string>,
  before: ReadonlySet<string>,
): Promise<string[]> {
  const deadline = performance.now() + GONE_MS;
  for (;;) {
    const left = [
      ...processesOf(directory, own),
      ...(await thingsOf(runId)),
      ...filesOf(runId),
      ...(await hostChanges(before)),
    ];
    if (left.length === 0 || performance.now() >= deadline) return left;
    await sleep(200);
  }
}

/** All processes under this one, each with when it started. */
function descendants(root: number): Map<number, string> {
  const found = new Map<number, string>();
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const children = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const visit = (parent: number): void => {
    for (const [pid = -1, ppid] of children) {
      if (ppid !== parent || found.has(pid)) continue;
      const start = processStart(pid);
      if (start !== undefined) found.set(pid, start);
      visit(pid);
    }
  };
  visit(root);
  return found;
}

/** Those of the harness's processes that still run, and any others that name the run's directory. */
function processesOf(directory: string, own: ReadonlyMap<number, string>): string[] {
  const running = [...own].filter(([pid, start]) => processStart(pid) === start).map(([pid]) => pid);
  const named = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(directory) && !/^\s*\d+\s+Z/.test(line));
  return [...running.map((pid) => `process ${pid}`), ...named.map((line) => `process ${line.trim()}`)];
}

/** What the engine has that carries the run's label; nothing where there is no engine. */
async function thingsOf(runId: string): Promise<string[]> {
  const docker = new Docker();
  const filters = { label: [`splitbrain.run=${runId}`] };
  try {
    const [containers, networks, { Volumes: volumes }] = await Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listNetworks({ filters }),
      docker.listVolumes({ filters }),
    ]);
    return [
      ...containers.map(({ Id }) => `container ${Id}`),
      ...networks.map(({ Name }) => `network ${Name}`),
      ...volumes.map(({ Name }) => `volume ${Name}`),
    ];
  } catch {
    return [];
  }
}

/** Files for the time being that carry the run's name. */
function filesOf(runId: string): string[] {
  const names = readdirSync(tmpdir(), { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || !entry.name.startsWith('splitbrain')) return [entry.name];
    return [entry.name, ...readdirSync(join(tmpdir(), entry.name))];
  });
  return names.filter((name) => name.includes(runId)).map((name) => `file ${name}`);
}

/** What there is on the host that was not there before, and that the engine does not keep for a network which it still has. */
async function hostChanges(before: ReadonlySet<string>): Promise<string[]> {
  const changes = [...hostState()].filter((line) => !before.has(line));
  if (changes.length === 0) return [];
  const networks = await new Docker().listNetworks().catch(() => []);
  const prefixes = networks.flatMap(({ IPAM }) =>
    (IPAM?.Config ?? []).flatMap(({ Subnet = '' }) => {
      const [prefix] = /^(?:\d+\.){2,3}(?=\d+\/)/.exec(Subnet) ?? [];
      return prefix === undefined ? [] : [` ${prefix}`];
    }),
  );
  return changes
    .filter((line) => !prefixes.some((prefix) => line.includes(prefix)))
    .map((line) => `host: ${line}`);
}

/** Packet filters and queueing of the host, a line each, without what the engine keeps for bridges and interfaces of containers. */
function hostState(): Set<string> {
  const engines = /\bbr-[0-9a-f]{12}\b|\bveth[0-9a-f]+\b|\bdocker0\b|\bDOCKER\b|^[:#*]|^COMMIT$/;
  return new Set(
    [...lines('iptables-save', []), ...lines('tc', ['qdisc', 'show'])].filter(
      (line) => line !== '' && !engines.test(line),
    ),
  );
}

/** What the command says; nothing where it may not be used. */
function lines(command: string, parameters: readonly string[]): string[] {
  try {
    return execFileSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
      '\n',
    );
  } catch {
    return [];
  }
}
