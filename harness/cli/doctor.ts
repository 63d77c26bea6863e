/**
 * `splitbrain doctor`: what is there, what is missing, what that costs and what to do; with `--fix` it does
 * it where it can. Docker is loaded only when the command runs.
 */
import { statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { Command } from 'commander';
import type { Finding } from '../cluster/docker/diagnose.ts';
import { EXIT, messageOf } from '../errors.ts';

export type { Finding };

const NODE_LEAST: readonly [number, number] = [22, 22];
const DISK_LEAST_GIB = 2;
const MEMORY_LEAST_GIB = 1;
const GIB = 1024 ** 3;

const NODE_FINDING = 'Node';

const HELP = `
Examples:
  splitbrain doctor           look, and change nothing
  splitbrain doctor --fix     install and start Docker (Debian and Ubuntu, as root), build the base image,
                              remove what dead runs left behind
  splitbrain doctor --json    the findings for machines

Exit codes: 0 all that is needed is there; 2 something is missing for containers, and --runtime process works;
            255 no run can work here.`;

/** Looks at everything that runs need. Never rejects. */
export async function diagnose(): Promise<Finding[]> {
  const { diagnoseDocker } = await import('../cluster/docker/diagnose.ts');
  const [disk, docker] = await Promise.all([diagnoseDisk(), diagnoseDocker()]);
  return [diagnoseNode(process.versions.node), disk, diagnoseMemory(freemem()), ...docker];
}

/** The exit code that these findings amount to. */
export function exitCodeOf(findings: readonly Finding[]): number {
  const missing = findings.filter(({ status }) => status === 'missing');
  if (missing.some(({ name }) => name === NODE_FINDING)) return EXIT.harness;
  return missing.length === 0 ? EXIT.valid : EXIT.unknown;
}

/** The findings for people. */
export function render(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const indent = ' '.repeat('limited'.length + width + 4);
  return findings
    .flatMap(({ name, status, detail, cost, remedy }) => [
      `${status.padEnd('limited'.length)}  ${name.padEnd(width)}  ${detail}`,
      ...(cost === undefined ? [] : [`${indent}cost: ${cost}`]),
      ...(remedy === undefined ? [] : [`${indent}do:   ${remedy}`]),
    ])
    .join('\n');
}

/** The finding about a Node of this version. */
export function diagnoseNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorLeast, minorLeast] = NODE_LEAST;
  if (major > majorLeast || (major === majorLeast && minor >= minorLeast)) {
    return { name: NODE_FINDING, status: 'ok', detail: version };
  }
  return {
    name: NODE_FINDING,
    status: 'missing',
    detail: `${version}, older than ${NODE_LEAST.join('.')}`,
    cost: 'nothing runs',
    remedy:
      'start through npm (npm start, npm test, npx splitbrain), which brings Node 24 along, or install it',
  };
}

/** The finding about this many bytes of free memory. */
export function diagnoseMemory(bytesFree: number): Finding {
  const detail = `${(bytesFree / GIB).toFixed(1)} GiB free`;
  if (bytesFree >= MEMORY_LEAST_GIB * GIB) return { name: 'Memory', status: 'ok', detail };
  return {
    name: 'Memory',
    status: 'limited',
    detail,
    cost: 'nodes may be ended by the system, which looks like a crash of theirs',
    remedy: `free some (at least ${MEMORY_LEAST_GIB} GiB), or use fewer nodes (--nodes)`,
  };
}

async function diagnoseDisk(): Promise<Finding> {
  const places = await Promise.all([process.cwd(), tmpdir()].map(freeSpace));
  const least = places.reduce((a, b) => (b.gibFree < a.gibFree ? b : a));
  const detail = `${least.gibFree.toFixed(1)} GiB free in ${least.path}`;
  if (least.gibFree >= DISK_LEAST_GIB) return { name: 'Disk', status: 'ok', detail };
  return {
    name: 'Disk',
    status: 'missing',
    detail,
    cost: 'the base image cannot be built, and histories may be cut short',
    remedy: `free some (at least ${DISK_LEAST_GIB} GiB), or write runs elsewhere (--out DIR)`,
  };
}

async function freeSpace(path: string): Promise<{ path: string; gibFree: number }> {
  const { bavail, bsize } = await statfs(path);
  return { path, gibFree: (bavail * bsize) / GIB };
}

/** Does what can be done; answers a line for each thing that could not. */
async function fix(progress: (line: string) => void): Promise<string[]> {
  const { findEngine } = await import('../cluster/docker/engine.ts');
  const { ensureImage, hasImage, imageName } = await import('../cluster/docker/image.ts');
  const { reapLeftovers } = await import('../cluster/docker/reap.ts');
  const setup = await import('../cluster/docker/setup.ts');
  try {
    const engine = findEngine();
    const obstacle = setup.setupObstacle();
    if (!(await setup.answers(engine))) {
      if (obstacle !== undefined) return [obstacle];
      await setup.installPackages([...setup.ENGINE_PROGRAMS, ...setup.BUILDER_PROGRAMS], progress);
      // Where there is an init system, the package has started it.
      if (!(await setup.answers(engine))) await setup.startEngine(progress);
    }
    if (!(await hasImage(engine, await imageName(engine)))) {
      if (obstacle === undefined) await setup.installPackages(setup.BUILDER_PROGRAMS, progress);
      const interrupted = new AbortController();
      process.once('SIGINT', () => {
        interrupted.abort();
      });
      await ensureImage(engine, { progress, signal: interrupted.signal });
    }
    const { removed, failed } = await reapLeftovers(engine);
    for (const line of removed) progress(`removed ${line} of a dead run`);
    return [...failed];
  } catch (error) {
    return [messageOf(error)];
  }
}

async function runDoctor(options: { readonly fix?: boolean; readonly json?: boolean }): Promise<void> {
  if (options.fix === true) {
    const say = (line: string): void => void process.stderr.write(`· ${line}\n`);
    for (const problem of await fix(say)) say(`could not fix: ${problem}`);
  }
  const findings = await diagnose();
  process.exitCode = exitCodeOf(findings);
  process.stdout.write(`${options.json === true ? JSON.stringify(findings, null, 2) : render(findings)}\n`);
}

/** The command. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say what is there for runs, what is missing, what that costs and what to do')
    .option('--fix', 'do what can be done here')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(runDoctor);
}
