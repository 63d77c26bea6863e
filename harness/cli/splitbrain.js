#!/usr/bin/env node
/**
 * The launcher. Plain JavaScript that any Node can read, because its first task is to see whether this Node
 * can run the rest: if it is too old, the Node that npm installed beside splitbrain takes over. Then it
 * starts the sources (in a checkout) or the build (in the published package).
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 22];

function tooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
}

function bundledNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch {
    return undefined;
  }
}

/** Runs this program once more, with that Node, and ends as it ends. Signals are passed on: only it knows what to stop. */
function handOver(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, () => child.kill(name));
  child.on('error', (error) => {
    process.stderr.write(`splitbrain: cannot run ${node}: ${error.message}\n`);
    process.exit(255);
  });
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

async function start() {
  const source = new URL('./main.ts', import.meta.url);
  const built = new URL('../../dist/harness/cli/main.js', import.meta.url);
  const { main } = await import(existsSync(fileURLToPath(source)) ? source.href : built.href);
  await main(process.argv);
}

if (tooOld()) {
  const newer = bundledNode();
  if (newer === undefined) {
    process.stderr.write(
      `splitbrain needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}. Install a newer Node, for example with: npm install --global node@24\n`,
    );
    process.exit(254);
  }
  handOver(newer);
} else {
  // Sources are TypeScript: to keep them compiled halves the time until a command begins. Older Nodes cannot.
  module.enableCompileCache?.();
  await start();
}
