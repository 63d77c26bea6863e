/**
 * What a corpus costs: no file may take a minute, and the total and the slowest file are printed.
 */
import assert from 'node:assert/strict';
import { formatDuration } from '../../harness/time.ts';

const LIMIT_MS = 60_000;

/** Collects times of files. */
export class Slowest {
  #files = 0;
  #totalMs = 0;
  #slowestMs = 0;
  #slowest = '';

  /** Fails if the file took too long. */
  add(file: string, tookMs: number): void {
    assert.ok(tookMs < LIMIT_MS, `${file} took ${formatDuration(tookMs)}`);
    this.#files++;
    this.#totalMs += tookMs;
    if (tookMs <= this.#slowestMs) return;
    this.#slowestMs = tookMs;
    this.#slowest = file;
  }

  /** One line on standard output, among the tests. */
  print(): void {
    const slowest = `${this.#slowest} ${formatDuration(this.#slowestMs)}`;
    process.stdout.write(
      `      ${this.#files} files in ${formatDuration(this.#totalMs)}, slowest ${slowest}\n`,
    );
  }
}
