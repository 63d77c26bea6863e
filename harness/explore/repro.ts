/**
 * `repro.json`: a failure that someone else can repeat, in one file that a person can read - an operation or a
 * fault a line. Beside it lies a test for mocha that fails until the bug is mended.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { UsageError, messageOf } from '../errors.ts';
import { version } from '../version.ts';
import { isPath } from '../run/load-target.ts';
import { writeRunFile } from '../store/directory.ts';
import type { Failure } from './evaluate.ts';
import { parseScenario, type Scenario } from './scenario.ts';

/** Names of the files. */
export const REPRO_FILES = { repro: 'repro.json', test: 'repro.test.ts' } as const;

/** Raised when files of before can no longer be read. */
const VERSION = 1;

/** What the file holds. */
export interface Repro {
  readonly scenario: Scenario;
  readonly failure: Failure;
  readonly versions: { readonly splitbrain: string; readonly node: string };
}

const shape = z.looseObject({
  splitbrainRepro: z.number(),
  failure: z.object({ checker: z.string(), summary: z.string() }),
  versions: z.object({ splitbrain: z.string(), node: z.string() }),
  scenario: z.unknown(),
});

/** Writes `repro.json` and `repro.test.ts` into the directory; answers the path of the first. */
export function writeRepro(
  directory: string,
  { scenario, failure }: Pick<Repro, 'scenario' | 'failure'>,
): string {
  const home = resolve(directory);
  // Relative to the file, so that both can be moved and committed with the project.
  const target = isPath(scenario.target) ? relativePath(home, resolve(scenario.target)) : scenario.target;
  const versions = { splitbrain: version(), node: process.versions.node };
  const repro = { scenario: { ...scenario, target }, failure, versions };
  writeRunFile(home, REPRO_FILES.repro, reproText(repro));
  writeRunFile(home, REPRO_FILES.test, testText(repro));
  return join(home, REPRO_FILES.repro);
}

/** Reads it; a target that is a path comes back as an absolute one. Throws a UsageError that names file and field. */
export function readRepro(file: string): Repro {
  const value = parseJson(file);
  const { data, error } = shape.safeParse(value);
  if (data === undefined) {
    const [issue] = error.issues;
    throw new UsageError(
      `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}; expected a ${REPRO_FILES.repro} as splitbrain explore and splitbrain shrink write it`,
    );
  }
  if (data.splitbrainRepro !== VERSION) {
    throw new UsageError(
      `${file}: splitbrainRepro: this splitbrain reads version ${VERSION}, and the file is of version ${data.splitbrainRepro}, written by splitbrain ${data.versions.splitbrain}; use that one`,
    );
  }
  const { target, ...scenario } = parseScenario(data.scenario, `${file}: scenario`);
  return {
    scenario: { target: isPath(target) ? resolve(dirname(file), target) : target, ...scenario },
    failure: { kind: data.failure.checker, summary: data.failure.summary },
    versions: data.versions,
  };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is no JSON' : 'cannot be read';
    throw new UsageError(`${file}: ${what}: ${messageOf(error)}`, { cause: error });
  }
}

function relativePath(from: string, path: string): string {
  const found = relative(from, path).split(sep).join('/');
  return found.startsWith('.') ? found : `./${found}`;
}

function reproText({ scenario, failure, versions }: Repro): string {
  const { operations, faults, ...rest } = scenario;
  const lists = operations === undefined ? { faults } : { faults, operations };
  return [
    '{',
    `  "splitbrainRepro": ${VERSION},`,
    `  "failure": ${JSON.stringify({ checker: failure.kind, summary: failure.summary })},`,
    `  "repeat": "npx splitbrain replay ${REPRO_FILES.repro}",`,
    `  "versions": ${JSON.stringify(versions)},`,
    '  "scenario": {',
    [...Object.entries(rest).map(field), ...Object.entries(lists).map(list)].join(',\n'),
    '  }',
    '}',
    '',
  ].join('\n');
}

function field([name, value]: [string, unknown]): string {
  return `    "${name}": ${JSON.stringify(value)}`;
}

function list([name, items]: [string, readonly unknown[]]): string {
  if (items.length === 0) return `    "${name}": []`;
  const lines = items.map((item) => `      ${JSON.stringify(item)}`);
  return `    "${name}": [\n${lines.join(',\n')}\n    ]`;
}

function testText({ scenario, failure, versions }: Repro): string {
  const variant = scenario.variant === undefined ? '' : `, variant ${scenario.variant}`;
  const target = isPath(scenario.target) ? basename(scenario.target) : scenario.target;
  return `/**
 * Fails until it is mended: ${commented(failure.summary)}
 * Found by splitbrain ${versions.splitbrain}. Run it with mocha; \`npx splitbrain replay ${REPRO_FILES.repro}\` shows more.
 */
import { assertMended } from 'splitbrain/explore';

describe(${quoted(`${target}${variant}`)}, function () {
  this.timeout(60_000);

  it(${quoted(`should not be found wrong by the checker "${failure.kind}" in the run of ${REPRO_FILES.repro}`)}, async () => {
    await assertMended(new URL(${quoted(`./${REPRO_FILES.repro}`)}, import.meta.url));
  });
});
`;
}

function commented(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', ' ')}'`;
}
