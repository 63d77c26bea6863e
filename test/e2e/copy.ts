/**
 * A copy of the project to change at will; its packages are the original's.
 */
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, temporaryDirectory } from './cli.ts';

const COPIED = [
  'harness',
  'targets',
  'checkers',
  'nemesis',
  'reports',
  'package.json',
  'tsconfig.json',
  '.dependency-cruiser.cjs',
];

/** Makes the copy; `remove` it when done. */
export function copyOfProject(): { readonly path: string; remove(): void } {
  const copy = temporaryDirectory();
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy.path, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy.path, 'node_modules'));
  return copy;
}
