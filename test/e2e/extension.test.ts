/**
 * The extension rule: a fault, a workload, a model, a checker and a report are each one new file and one
 * registry line, a target one new folder and one registry line. Done here with a dummy of each kind, in a
 * copy of the project, and used from the command line.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CliResult, splitbrain } from './cli.ts';
import { copyOfProject } from './copy.ts';

const FAULT = `
import type { FaultFamily } from '../harness/cluster/fault.ts';
export const shrug: FaultFamily = {
  name: 'shrug', summary: 'does nothing, and says so', kinds: { once: 'once' }, needs: [],
  plan: () => ({ family: 'shrug', kind: 'once', parameters: null }),
  aim: () => Promise.resolve({
    description: 'a shrug', nodes: [],
    inject: () => Promise.resolve(),
    confirm: () => Promise.resolve({ confirmed: true, evidence: 'shrugged' }),
    heal: () => Promise.resolve({ confirmed: true, evidence: 'shrugged off' }),
  }),
};`;

const MODEL = `
import { defineModel } from './model.ts';
export const echo = defineModel<string>({
  name: 'echo', summary: 'answers what it is asked', operations: { echo: 'gives its argument' },
  init: () => '', step: (state, { argument, result }) => (result === undefined || result === argument ? state : undefined),
});`;

const CHECKER = `
import type { Checker } from '../harness/history/checker.ts';
export const polite: Checker = {
  name: 'polite',
  check: (history) => ({ valid: true, summary: \`All \${history.length} entries were polite.\`, problems: [] }),
};`;

const WORKLOAD = `
import { linearizable, models } from '../../checkers/index.ts';
import { fromFunction } from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
export const echoes: Workload = {
  name: 'echoes', summary: 'asks for echoes', operations: { echo: '{ value } gives the value' },
  generator: () => fromFunction((index) => ({ f: 'echo', value: String(index) })),
  checkers: [linearizable(models.echo)],
};`;

const REPORT = `
import type { Reporter } from '../harness/run/reporter.ts';
export const oneLine: Reporter = { name: 'one-line', file: 'one-line.txt', render: ({ results }) => \`\${String(results.valid)}\\n\` };`;

const TARGET = `
import type { NodeProgram } from '../../harness/node/program.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { defineTarget } from '../../harness/run/target.ts';
import { echoes } from '../workloads/index.ts';
export const node: NodeProgram = {
  start({ clients }) {
    clients.serve({ echo: ({ value = null }) => value });
    return { status: () => ({}) };
  },
};
export default defineTarget({
  name: 'canyon', summary: 'echoes', nodeModule: moduleBeside(import.meta.url, './target'), nodes: 1,
  workloads: [echoes], claims: [{ property: 'linearizable', checker: 'linearizable', under: 'any' }],
});`;

/** A new file, and the one line that registers it: with its import where the registry needs one. */
interface Extension {
  readonly file: string;
  readonly text: string;
  readonly registry: string;
  /** The line goes before the first line that holds this. */
  readonly before: string;
  readonly line: string;
  readonly import?: string;
}

const EXTENSIONS: readonly Extension[] = [
  {
    file: 'nemesis/shrug.ts',
    text: FAULT,
    registry: 'nemesis/index.ts',
    before: '];',
    line: '  shrug,',
    import: "import { shrug } from './shrug.ts';",
  },
  {
    file: 'checkers/models/echo.ts',
    text: MODEL,
    registry: 'checkers/models/index.ts',
    before: '} as const',
    line: '  echo,',
    import: "import { echo } from './echo.ts';",
  },
  {
    file: 'checkers/polite.ts',
    text: CHECKER,
    registry: 'checkers/standard.ts',
    before: '];',
    line: '  polite,',
    import: "import { polite } from './polite.ts';",
  },
  {
    file: 'targets/workloads/echoes.ts',
    text: WORKLOAD,
    registry: 'targets/workloads/index.ts',
    before: '];',
    line: '  echoes,',
    import: "import { echoes } from './echoes.ts';\nexport { echoes };",
  },
  {
    file: 'reports/one-line.ts',
    text: REPORT,
    registry: 'reports/index.ts',
    before: '];',
    line: '  oneLine,',
    import: "import { oneLine } from './one-line.ts';",
  },
  {
    file: 'targets/canyon/target.ts',
    text: TARGET,
    registry: 'targets/index.ts',
    before: '};',
    line: "  canyon: moduleBeside(import.meta.url, './canyon/target'),",
  },
];

function install(root: string, extension: Extension): void {
  const file = join(root, extension.file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, extension.text);
  const registry = join(root, extension.registry);
  const lines = readFileSync(registry, 'utf8').split('\n');
  const place = lines.findLastIndex((line) => line.startsWith(extension.before));
  assert.ok(place >= 0, `${extension.registry} has a line that begins with ${extension.before}`);
  lines.splice(place, 0, extension.line);
  if (extension.import !== undefined) {
    lines.splice(
      lines.findIndex((line) => line.startsWith('import ')),
      0,
      extension.import,
    );
  }
  writeFileSync(registry, lines.join('\n'));
}

describe('the extension rule', function () {
  this.timeout(60_000);
  const copy = copyOfProject();
  after(() => copy.remove());
  const run = (...args: string[]): Promise<CliResult> =>
    splitbrain(args, { root: copy.path, cwd: copy.path });

  it('should not know the dummies before they are added', async () => {
    const { stdout } = await run('list');
    for (const name of ['shrug', 'echo', 'canyon', 'one-line']) assert.doesNotMatch(stdout, new RegExp(name));
  });

  it('should take one new file and one registry line for each kind', async () => {
    for (const extension of EXTENSIONS) install(copy.path, extension);
    const { code, stdout, stderr } = await run('list');
    assert.equal(code, 0, stderr);
    for (const name of ['shrug', 'echo', 'echoes', 'canyon', 'one-line'])
      assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
  });

  it('should run them from the command line', async () => {
    const { code, stdout, stderr } = await run(
      'test',
      'canyon',
      '--runtime',
      'process',
      '--nemesis',
      'shrug',
      '--interval',
      '500ms',
      '--time-limit',
      '2s',
      '--rate',
      '50',
      '--json',
    );
    assert.equal(code, 0, stderr + stdout);
    const { directory, results } = JSON.parse(stdout) as {
      directory: string;
      results: { checks: { checker: string }[]; faults: { evidence: string; confirmed: boolean }[] };
    };
    assert.ok(results.checks.some((check) => check.checker === 'polite'));
    assert.ok(results.faults.some((fault) => fault.confirmed && fault.evidence === 'shrugged'));
    assert.equal(readFileSync(join(directory, 'one-line.txt'), 'utf8'), 'true\n');
    const checked = await run('check', join(directory, 'history.jsonl'), '--model', 'echo');
    assert.equal(checked.code, 0, checked.stderr + checked.stdout);
  });
});
