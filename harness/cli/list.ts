/**
 * `splitbrain list`: everything that can be named on the command line, with a few words each.
 */
import { Command } from 'commander';

const EXAMPLES = `
Examples:
  splitbrain list           all that can be named on the command line
  splitbrain list --json    the same for machines`;

interface Section {
  readonly title: string;
  readonly option: string;
  readonly entries: readonly { readonly name: string; readonly summary: string }[];
}

async function sections(): Promise<Section[]> {
  const registry = await import('./registry.ts');
  const { loadTarget } = await import('../run/load-target.ts');
  const targets = await Promise.all(Object.values(registry.targets).map((url) => loadTarget(url)));
  const variants = targets.flatMap((target) =>
    Object.entries(target.variants ?? {}).map(([name, { mistake }]) => ({
      name: `${target.name} ${name}`,
      summary: mistake,
    })),
  );
  const faults = registry.faults.map(({ name, summary, kinds }) => ({
    name,
    summary: `${summary} (kinds: ${Object.keys(kinds).join(', ')})`,
  }));
  return [
    { title: 'Targets', option: 'splitbrain test <target>', entries: targets },
    { title: 'Broken variants', option: '--variant', entries: variants },
    { title: 'Workloads', option: '--workload', entries: registry.workloads },
    { title: 'Faults', option: '--nemesis', entries: faults },
    { title: 'Runtimes', option: '--runtime', entries: registry.runtimes },
    { title: 'Models', option: 'splitbrain check --model', entries: Object.values(registry.models) },
    {
      title: 'Reports',
      option: 'splitbrain report --format',
      entries: registry.reporters.map(({ name, file }) => ({ name, summary: file })),
    },
  ];
}

function render({ title, option, entries }: Section): string {
  const width = Math.max(...entries.map((entry) => entry.name.length));
  const lines = entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [`${title} (${option})`, ...lines].join('\n');
}

/** The command. */
export function listCommand(): Command {
  return new Command('list')
    .description('list targets, variants, workloads, faults, runtimes, models and reports')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json?: boolean }) => {
      const all = await sections();
      const text =
        json === true
          ? JSON.stringify(
              Object.fromEntries(
                all.map(({ title, entries }) => [
                  title.toLowerCase().replaceAll(' ', '-'),
                  entries.map(({ name, summary }) => ({ name, summary })),
                ]),
              ),
              null,
              2,
            )
          : all.map(render).join('\n\n');
      process.stdout.write(`${text}\n`);
    });
}
