/**
 * The base image that all nodes run on: built once for each recipe, Node version and architecture, and
 * found again by a tag that is a hash of those. The node's own program is not in it, so a change of a
 * target builds nothing.
 *
 * The tag is set last, on an image that was run and found to work: a build that died half-way leaves no tag
 * behind, and can never be taken for a whole image.
 */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HarnessError, messageOf } from '../../errors.ts';
import { formatDuration } from '../../time.ts';
import { isRefusal, type DockerEngine } from './engine.ts';
import { runOnce } from './exec.ts';
import { FAKETIME_TRIAL } from './faketime.ts';
import { labelsFor } from './labels.ts';
import { withLock } from './lock.ts';
import { RECIPES, type Recipe } from './recipes.ts';
import { RESTORE, rulesOf } from './rules.ts';

const REPOSITORY = 'splitbrain-node';
const LOCK_TIMEOUT_MS = 15 * 60_000;
const PROGRESS_EVERY_MS = 10_000;

/** How an image is made. */
export interface ImageOptions {
  /** Progress for people, a line each. */
  readonly progress: (line: string) => void;
  /** Gives up when aborted. */
  readonly signal: AbortSignal;
  /** Ways to build it, in order of preference; all that there are unless given. */
  readonly recipes?: readonly Recipe[];
}

/** The base image's name on this engine, built or not: `splitbrain-node:<hash>`. */
export async function imageName(engine: DockerEngine, recipes = RECIPES): Promise<string> {
  const { architecture } = await engine.version();
  return `${REPOSITORY}:${hashOf(recipes, architecture)}`;
}

/** Whether the engine has this image. */
export async function hasImage(engine: DockerEngine, name: string): Promise<boolean> {
  try {
    await engine.ask(`look for image ${name}`, (docker) => docker.getImage(name).inspect());
    return true;
  } catch (error) {
    if (isRefusal(error, 404)) return false;
    throw error;
  }
}

/** Answers the base image's name, after building it if need be. Rejects with a HarnessError that says what was tried. */
export async function ensureImage(engine: DockerEngine, options: ImageOptions): Promise<string> {
  const recipes = options.recipes ?? RECIPES;
  const name = await imageName(engine, recipes);
  if (await hasImage(engine, name)) return name;
  const lock = join(tmpdir(), `${name.replace(':', '-')}.lock`);
  const onWait = (owner: string): void => {
    options.progress(`waiting for process ${owner}, which builds the base image`);
  };
  await withLock(lock, { timeoutMs: LOCK_TIMEOUT_MS, onWait }, async () => {
    if (!(await hasImage(engine, name))) await build(engine, name, recipes, options);
  });
  return name;
}

function hashOf(recipes: readonly Recipe[], architecture: string): string {
  const parts = [process.version, architecture, ...recipes.map((recipe) => recipe.text)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** Tries the recipes in turn; the first that works wins. */
async function build(
  engine: DockerEngine,
  name: string,
  recipes: readonly Recipe[],
  options: ImageOptions,
): Promise<void> {
  const { architecture } = await engine.version();
  const tried: string[] = [];
  for (const recipe of recipes) {
    const obstacle = recipe.obstacle(architecture);
    try {
      if (obstacle === undefined) {
        await buildWith(recipe, engine, name, architecture, options);
        return;
      }
      tried.push(`${recipe.how}: ${obstacle}`);
    } catch (error) {
      if (options.signal.aborted) throw new HarnessError('The build of the base image was stopped.');
      options.progress(`could not build the base image ${recipe.how}`);
      tried.push(`${recipe.how}: ${messageOf(error)}`);
    }
  }
  throw new HarnessError(
    `Cannot build the base image ${name}:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      '`splitbrain doctor --fix` installs what is missing on Debian; --runtime process needs no image.',
  );
}

async function buildWith(
  recipe: Recipe,
  engine: DockerEngine,
  name: string,
  architecture: string,
  options: ImageOptions,
): Promise<void> {
  const start = performance.now();
  const elapsed = (): string => formatDuration(performance.now() - start);
  options.progress(`building the base image ${recipe.how} (once, about half a minute)`);
  const ticker = setInterval(() => {
    options.progress(`still building the base image, ${elapsed()}`);
  }, PROGRESS_EVERY_MS);
  const hash = name.slice(REPOSITORY.length + 1);
  const candidate = { repository: REPOSITORY, tag: `${hash}-unverified` };
  try {
    await recipe.build({ engine, architecture, hash, signal: options.signal, ...candidate });
    await promote(engine, `${candidate.repository}:${candidate.tag}`, hash);
  } finally {
    clearInterval(ticker);
  }
  options.progress(`base image ${name} built in ${elapsed()}`);
}

/** What nodes will need: Node itself, packet filter rules, and a clock that is wrong. */
const TRIAL = ['node --version', `printf %s "$RULES" | ${RESTORE}`, FAKETIME_TRIAL].join(' && ');

/** Runs what nodes will need on a new image, and only then gives it its tag. */
async function promote(engine: DockerEngine, candidate: string, hash: string): Promise<void> {
  try {
    const rules = rulesOf('probe', [], { ips: new Map(), peerPort: 1 }, true);
    const { exitCode, output } = await runOnce(engine, {
      image: candidate,
      command: ['sh', '-c', TRIAL],
      environment: { RULES: rules },
      network: 'none',
      labels: labelsFor('image'),
    });
    if (exitCode !== 0)
      throw new HarnessError(`the new image does not work (exit code ${exitCode}): ${output.trim()}`);
    await engine.ask(`tag image ${hash}`, (docker) =>
      docker.getImage(candidate).tag({ repo: REPOSITORY, tag: hash }),
    );
  } finally {
    await engine.ask(`untag image ${candidate}`, (docker) => docker.getImage(candidate).remove());
  }
}
