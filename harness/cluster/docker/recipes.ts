/**
 * Two ways to make the base image, which end in the same: a small Debian with iptables, iproute2, libfaketime, procps
 * and Node at /usr/local/bin/node. Without a registry, as on many build machines, mmdebstrap makes it from
 * a Debian mirror; elsewhere an ordinary Dockerfile does.
 */
import {
  accessSync,
  constants,
  createReadStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type Docker from 'dockerode';
import { HarnessError } from '../../errors.ts';
import { isAlive, ownMark } from '../owner.ts';
import { lastLines, runCommand } from './command.ts';
import type { DockerEngine } from './engine.ts';
import { FAKETIME_PACKAGE } from './faketime.ts';
import { LABEL } from './labels.ts';
import { loadTestcontainers } from './testcontainers.ts';

const PACKAGES = ['iptables', 'iproute2', FAKETIME_PACKAGE, 'procps'];
const NODE_MAJOR = process.versions.node.split('.')[0] ?? '24';
const WORK_PREFIX = 'splitbrain-image-';
const BUILD_TIMEOUT_MS = 10 * 60_000;

/** What a way of building is told. */
export interface BuildOrder {
  readonly engine: DockerEngine;
  /** In Docker's words: `amd64`. */
  readonly architecture: string;
  readonly hash: string;
  /** What to call the result. */
  readonly repository: string;
  readonly tag: string;
  readonly signal: AbortSignal;
}

/** A way to make the base image. */
export interface Recipe {
  /** What it does, for people: "with mmdebstrap, from a Debian mirror". */
  readonly how: string;
  /** All that decides what comes out, for the image's hash. */
  readonly text: string;
  /** Why it cannot be done here; undefined when it can. */
  obstacle(architecture: string): string | undefined;
  /** Makes the image, whole or not at all. Rejects with an error that says why and what to do. */
  build(order: BuildOrder): Promise<void>;
}

const CUSTOMIZE = [
  'mkdir -p "$1/data" "$1/splitbrain"',
  'install -m 0755 "$SPLITBRAIN_NODE_BINARY" "$1/usr/local/bin/node"',
];
const BOOTSTRAP = [
  '--mode=root',
  '--variant=minbase',
  `--include=${PACKAGES.join(',')}`,
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
  ...CUSTOMIZE.map((hook) => `--customize-hook=${hook}`),
];

/** Debian as root, without a registry. */
const bootstrap: Recipe = {
  how: 'with mmdebstrap and this Node, from a Debian mirror',
  text: BOOTSTRAP.join(' '),
  obstacle(architecture) {
    if (process.platform !== 'linux' || osRelease('ID') !== 'debian') return 'this is not Debian';
    if (process.getuid?.() !== 0) return 'not root';
    if (dockerArchitecture() !== architecture)
      return `this Node is for ${process.arch}, the engine for ${architecture}`;
    if (!isInstalled('mmdebstrap')) return 'mmdebstrap is not installed (apt-get install mmdebstrap)';
    return undefined;
  },
  async build({ engine, hash, repository, tag, signal }) {
    const directory = workDirectory();
    try {
      const rootfs = join(directory, 'rootfs.tar');
      const suite = osRelease('VERSION_CODENAME') ?? 'stable';
      const { code, output } = await runCommand('mmdebstrap', [...BOOTSTRAP, suite, rootfs], {
        timeoutMs: BUILD_TIMEOUT_MS,
        environment: { TMPDIR: directory, SPLITBRAIN_NODE_BINARY: process.execPath },
        signal,
      });
      if (code !== 0)
        throw new HarnessError(`mmdebstrap failed (exit code ${code}): ${lastLines(output, 5)}`);
      const options = { repo: repository, tag, changes: `LABEL ${LABEL.image}=${hash}` };
      await engine.within(BUILD_TIMEOUT_MS).ask('import the base image', async (docker) => {
        await finish(docker, await docker.importImage(createReadStream(rootfs), options));
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

const DOCKERFILE = [
  `FROM node:${NODE_MAJOR}-bookworm-slim`,
  `RUN apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')} \\`,
  ' && rm -rf /var/lib/apt/lists/* && mkdir -p /data /splitbrain',
  '',
].join('\n');

/** Anywhere that reaches a registry. */
const dockerfile: Recipe = {
  how: `from node:${NODE_MAJOR}-bookworm-slim of the registry`,
  text: DOCKERFILE,
  obstacle: () => undefined,
  async build({ hash, repository, tag }) {
    const { GenericContainer } = await loadTestcontainers();
    const directory = workDirectory();
    try {
      writeFileSync(join(directory, 'Dockerfile'), `${DOCKERFILE}LABEL ${LABEL.image}=${hash}\n`);
      await GenericContainer.fromDockerfile(directory).build(`${repository}:${tag}`, { deleteOnExit: false });
    } catch (error) {
      throw new HarnessError(
        `docker build failed; is a registry reachable? See docker pull node:${NODE_MAJOR}-bookworm-slim, ` +
          'and the whole build with DEBUG=testcontainers:build',
        { cause: error },
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** A directory for one build; removes those of builders that died. */
function workDirectory(): string {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(WORK_PREFIX) ? name.slice(WORK_PREFIX.length).split('_')[0] : undefined;
    if (owner !== undefined && !isAlive(owner))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `${WORK_PREFIX}${ownMark()}_`));
}

/** In the order in which they are tried. */
export const RECIPES: readonly Recipe[] = [bootstrap, dockerfile];

/** This Node's architecture in Docker's words. */
function dockerArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** A field of /etc/os-release; undefined when there is none. */
export function osRelease(field: string): string | undefined {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return new RegExp(`^${field}="?([^"\n]*)"?$`, 'm').exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** Whether there is a program of this name on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function finish(docker: Docker, progress: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
