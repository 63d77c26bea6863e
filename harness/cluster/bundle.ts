/**
 * Makes one self-contained file of a node program, because a container or a process somewhere else has
 * neither this installation nor the user's modules. Only what the program's `node` export needs goes in: a
 * target's file declares workloads and checkers beside it, which a node never runs.
 *
 * A user's file says `import … from 'splitbrain'` wherever it lies; that always means this installation,
 * in its sources (.ts) or as published (.js), so that program and runtime agree on every class.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  build,
  type BuildFailure,
  type BuildOptions,
  type Message,
  type OnResolveResult,
  type Plugin,
} from 'esbuild';
import { ENTRY_POINTS } from '../entry-points.ts';
import { messageOf, UsageError } from '../errors.ts';
import { moduleBeside } from '../module-url.ts';

/** Root of this installation: everything under it but its node_modules is ours. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundled CommonJS packages call `require` for Node's built-in modules, which an ES module lacks. No other name may be
 * declared here: esbuild, which renames a program's own `require`, does not know of it.
 */
const BANNER =
  "const require = globalThis.process.getBuiltinModule('module').createRequire(import.meta.url);";

/**
 * The text of an ES module that runs the program exported as `node` by a module (see harness/node/main.ts).
 * Its configuration comes from the environment (see harness/node/config.ts).
 *
 * @param nodeModule URL of the module, `file:///…`
 * @throws UsageError naming file, line and column when the module is not there, does not bundle, or exports no `node`
 */
export async function bundleNode(nodeModule: string): Promise<string> {
  const program = modulePath(nodeModule);
  const main = fileURLToPath(moduleBeside(import.meta.url, '../node/main'));
  const entry = [
    `import { node } from ${JSON.stringify(program)};`,
    `import { runNode } from ${JSON.stringify(main)};`,
    `await runNode(node);`,
  ].join('\n');
  try {
    return await bundle({
      stdin: { contents: entry, resolveDir: ROOT, sourcefile: 'node-entry.js', loader: 'js' },
    });
  } catch (error) {
    throw new UsageError(explain(program, error));
  }
}

/**
 * The text of an ES module that does what a module of ours does when it is imported.
 *
 * @param module its URL, as `moduleBeside` answers it
 */
export function bundleScript(module: string): Promise<string> {
  return bundle({ entryPoints: [fileURLToPath(module)] });
}

async function bundle(entry: Pick<BuildOptions, 'stdin' | 'entryPoints'>): Promise<string> {
  const result = await build({
    ...entry,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    keepNames: true,
    sourcemap: 'inline',
    sourcesContent: false,
    // Where the text will lie is not known here; stack traces name the sources where they lie now.
    outfile: join(ROOT, 'node.mjs'),
    sourceRoot: pathToFileURL(ROOT).href,
    logLevel: 'silent',
    banner: { js: BANNER },
    plugins: [thisInstallation],
  });
  return result.outputFiles.map(({ text }) => text).join('');
}

/** Resolves the package's own name to this installation, and keeps the harness's dependencies out of nodes. */
const thisInstallation: Plugin = {
  name: 'this-installation',
  setup(resolver) {
    resolver.onResolve({ filter: /^splitbrain(\/|$)/ }, ({ path }): OnResolveResult => {
      const entry = ENTRY_POINTS[path];
      if (entry !== undefined) {
        return { path: fileURLToPath(entry), sideEffects: false };
      }
      const known = Object.keys(ENTRY_POINTS).join(', ');
      return { errors: [{ text: `'${path}' is not a part of splitbrain; there are ${known}` }] };
    });
    // The harness's packages (Docker clients and such) serve the harness. A node reaches none of them, but
    // the index modules lead to them, and reading them all would cost seconds for nothing.
    resolver.onResolve({ filter: /^[^./]/ }, ({ path, importer }): OnResolveResult | undefined => {
      const ours = importer.startsWith(ROOT) && !importer.startsWith(join(ROOT, 'node_modules'));
      return ours ? { path, external: true, sideEffects: false } : undefined;
    });
  },
};

function modulePath(nodeModule: string): string {
  if (!URL.canParse(nodeModule) || !nodeModule.startsWith('file:')) {
    throw new UsageError(`Node program ${nodeModule}: expected the file URL of a module, file:///…`);
  }
  const path = fileURLToPath(nodeModule);
  if (!existsSync(path)) throw new UsageError(`Node program ${path}: there is no such file`);
  return path;
}

function explain(program: string, error: unknown): string {
  const errors = (error as Partial<BuildFailure>).errors ?? [];
  if (errors.some(({ text }) => text.startsWith('No matching export') && text.includes('import "node"'))) {
    return `${program} exports no 'node': a node program is a module with 'export const node: NodeProgram = …'`;
  }
  const reasons = errors.length === 0 ? [messageOf(error)] : errors.map(locate);
  return `The node program ${program} cannot be bundled:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`;
}

function locate({ text, location }: Message): string {
  return location === null
    ? text
    : `${resolve(location.file)}:${location.line}:${location.column + 1}: ${text}`;
}
