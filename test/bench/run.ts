/**
 * Runs the benchmarks: `node test/bench/run.ts [NAME…] [--json FILE] [--html FILE]` prints a table, and where asked to writes JSON
 * for machines and a page with pictures of those that can be drawn. One more benchmark is one file like recorder.ts and one line below.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { aim } from './aim.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { exploration } from './exploration.ts';
import { fastPaxos } from './fast-paxos.ts';
import { faults } from './faults.ts';
import { generator } from './generator.ts';
import { linearizable } from './linearizable.ts';
import { links } from './links.ts';
import { logWrites } from './log-writes.ts';
import { picturePage } from './picture-page.ts';
import { recorder } from './recorder.ts';
import { simulator } from './simulator.ts';

const benchmarks = [
  recorder,
  generator,
  ...linearizable,
  links,
  simulator,
  exploration,
  faults,
  fastPaxos,
  logWrites,
  aim,
];

function row({ name, operations, ms, ...about }: Measurement): string {
  const each = ((ms * 1000) / operations).toFixed(2);
  const rate = Math.round((operations / ms) * 1000).toLocaleString('en');
  const numbers = `${ms.toFixed(1).padStart(10)} ms${each.padStart(10)} µs each${rate.padStart(14)} /s`;
  return `  ${name.padEnd(52)}${numbers}${remarks({ ms, ...about })}\n`;
}

/** What else is known of it; a goal is named where it was missed. */
function remarks({
  ms,
  firstMs,
  goalMs,
  outcome,
  wrong,
  peakMiB,
}: Omit<Measurement, 'name' | 'operations'>): string {
  const said = [
    firstMs === undefined ? '' : `first ${firstMs.toFixed(1)} ms`,
    peakMiB === undefined ? '' : `peak ${peakMiB.toFixed(0)} MiB`,
    outcome ?? '',
    goalMs !== undefined && ms > goalMs ? `MISSED ${goalMs.toFixed(0)} ms` : '',
    wrong === undefined ? '' : `WRONG: ${wrong}`,
  ];
  const known = said.filter((text) => text !== '').join(', ');
  return known === '' ? '' : `   ${known}`;
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, html: { type: 'string' } },
  allowPositionals: true,
});
/** `linearizable` means all whose names begin so. */
const isChosen = ({ name }: Benchmark): boolean =>
  positionals.length === 0 || positionals.some((part) => name === part || name.startsWith(`${part}-`));
const results: Record<string, Measurement[]> = {};
for (const benchmark of benchmarks.filter(isChosen)) {
  process.stdout.write(`${benchmark.name}\n`);
  const measurements: Measurement[] = [];
  for await (const measurement of await benchmark.run()) {
    measurements.push(measurement);
    process.stdout.write(row(measurement));
  }
  results[benchmark.name] = measurements;
}
if (values.html !== undefined) {
  const pictures = benchmarks.filter(isChosen).map((each) => each.draw?.(results[each.name] ?? []));
  writeFileSync(values.html, picturePage(pictures.filter((picture) => picture !== undefined)));
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
