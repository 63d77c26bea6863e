/**
 * Commands inside containers: in one that runs, or in a container of their own - which may share the
 * network of another, and so reaches into a paused node, where the engine refuses to execute anything.
 */
import type Docker from 'dockerode';
import { demultiplex } from './archive.ts';
import type { DockerEngine } from './engine.ts';

/** How a command ended, and what it wrote to stdout and stderr. */
export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a command in a running container, to its end. */
export async function execIn(
  engine: DockerEngine,
  container: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ExecResult> {
  return engine.ask(`run ${command[0] ?? ''} in container ${container}`, async (docker) => {
    const exec = await docker.getContainer(container).exec({
      Cmd: [...command],
      Env: assignments(environment),
      AttachStdout: true,
      AttachStderr: true,
    });
    const output = await readAll(await exec.start({}));
    const { ExitCode } = await exec.inspect();
    return { exitCode: ExitCode ?? -1, output: demultiplex(output) };
  });
}

/** A container that lives for one command. */
export interface OneShot {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `none`, or `container:<id>` to share that container's network. */
  readonly network: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Runs a command in a container of its own, with NET_ADMIN, and removes the container. */
export async function runOnce(engine: DockerEngine, shot: OneShot): Promise<ExecResult> {
  const container = await engine.ask(`make a container of ${shot.image}`, (docker) =>
    docker.createContainer({
      Image: shot.image,
      Cmd: [...shot.command],
      Env: assignments(shot.environment ?? {}),
      Labels: { ...shot.labels },
      HostConfig: { NetworkMode: shot.network, CapAdd: ['NET_ADMIN'] },
    }),
  );
  try {
    return await engine.ask(`run ${shot.command[0] ?? ''} in a container of ${shot.image}`, () =>
      toItsEnd(container),
    );
  } finally {
    await engine.ask('remove a container', () => container.remove({ force: true, v: true }));
  }
}

async function toItsEnd(container: Docker.Container): Promise<ExecResult> {
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  const output = await container.logs({ stdout: true, stderr: true });
  return { exitCode: StatusCode, output: demultiplex(output) };
}

function assignments(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
