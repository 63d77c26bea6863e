/**
 * Where a call comes from, read off the stack: whose file, which line. Simulated nodes run among the harness's own
 * code and Node.js's, and only the program's own line tells its author anything.
 */
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A line of code that is being executed. */
export interface CodePlace {
  /** Empty where it has no name. */
  readonly function: string;
  /** A path; `node:…` within Node.js; empty within the language itself. */
  readonly file: string;
  readonly line: number;
}

/** More than any guarded call is deep. */
const FRAMES_MAX = 100;

/** Where the harness's own files are. */
const HARNESS = fileURLToPath(new URL('../../', import.meta.url));

/** What is being executed, innermost first, without this function. */
export function stackHere(): CodePlace[] {
  const before = {
    prepare: Reflect.get(Error, 'prepareStackTrace') as unknown,
    limit: Error.stackTraceLimit,
  };
  const holder: { stack?: NodeJS.CallSite[] } = {};
  Error.stackTraceLimit = FRAMES_MAX;
  Error.prepareStackTrace = (_, sites) => sites;
  Error.captureStackTrace(holder, stackHere);
  const { stack = [] } = holder;
  Reflect.set(Error, 'prepareStackTrace', before.prepare);
  Error.stackTraceLimit = before.limit;
  return stack.map((site) => ({
    function: site.getFunctionName() ?? '',
    file: pathOf(site.getFileName() ?? ''),
    line: site.getLineNumber() ?? 0,
  }));
}

/** Modules are known by URL or by path. */
export function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** Within Node.js itself. */
export function isOfNode({ file }: CodePlace): boolean {
  return file.startsWith('node:');
}

/** Within the harness. */
export function isOfHarness({ file }: CodePlace): boolean {
  return file.startsWith(HARNESS);
}

/** Within an installed package. */
export function isOfPackage({ file }: CodePlace): boolean {
  return file.includes(`${sep}node_modules${sep}`);
}

/** The innermost place in a file that is not Node.js's. */
export function callerIn(stack: readonly CodePlace[]): CodePlace | undefined {
  return stack.find((place) => place.file !== '' && !isOfNode(place));
}

/** For people: `/home/me/node.ts:12`. */
export function placeName(place: CodePlace | undefined): string {
  return place === undefined ? 'somewhere' : `${place.file}:${place.line}`;
}
