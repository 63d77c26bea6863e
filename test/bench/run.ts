/**
 * Runs the benchmarks: `node test/bench/run.ts [NAME…] [--json FILE]` prints a table, and writes JSON for
 * machines where asked to. One more benchmark is one file like recorder.ts and one line below.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Measurement } from './benchmark.ts';
import { exploration } from './exploration.ts';
import { generator } from './generator.ts';
import { linearizable } from './linearizable.ts';
import { links } from './links.ts';
import { recorder } from './recorder.ts';
import { simulator } from './simulator.ts';

const benchmarks = [recorder, generator, linearizable, links, simulator, exploration];

function row({ name, operations, ms }: Measurement): string {
  const each = ((ms * 1000) / operations).toFixed(2);
  const rate = Math.round((operations / ms) * 1000).toLocaleString('en');
  return `  ${name.padEnd(52)}${ms.toFixed(1).padStart(10)} ms${each.padStart(10)} µs each${rate.padStart(14)} /s\n`;
}

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const results: Record<string, Measurement[]> = {};
for (const benchmark of chosen) {
  process.stdout.write(`${benchmark.name}\n`);
  const measurements = await benchmark.run();
  results[benchmark.name] = measurements;
  process.stdout.write(measurements.map(row).join(''));
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
