/**
 * Simulator settings as they are typed: `latency=exp:0.2+20,loss=0.01,sync=1..20`. Times are milliseconds: `5` is
 * always five, `1..20` evenly between, `exp:0.2+20` at least 0.2 and then exponential with the mean 20.
 */
import { UsageError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { parseSettings, type Distribution, type SimSettings } from './options.ts';

/** How each is called, and the field that it sets. */
const TIMES: Readonly<Record<string, keyof SimSettings>> = {
  latency: 'latencyMs',
  read: 'readMs',
  sync: 'syncMs',
  boot: 'bootMs',
  timers: 'timerLatenessMs',
};
const SHARES: Readonly<Record<string, keyof SimSettings>> = { loss: 'loss', duplicates: 'duplicates' };

/** The usual settings with what the text changes. Throws a UsageError that begins with this option's name. */
export function settingsFromText(option: string, text: string): SimSettings {
  return parseSettings(changesFromText(option, text), option);
}

/** What the text changes, by field. Throws as `settingsFromText` does. */
export function changesFromText(option: string, text: string): JsonObject {
  const changes = Object.fromEntries(text.split(',').map((entry) => changeIn(option, entry)));
  parseSettings(changes, option);
  return changes;
}

function changeIn(option: string, entry: string): readonly [string, Json] {
  const [name = '', value = ''] = entry.split('=', 2).map((part) => part.trim());
  const time = Object.hasOwn(TIMES, name) ? TIMES[name] : undefined;
  const share = Object.hasOwn(SHARES, name) ? SHARES[name] : undefined;
  const read = time === undefined ? numberIn(value) : distributionIn(value);
  const field = time ?? share;
  if (field !== undefined && read !== undefined) return [field, read];
  const names = [...Object.keys(TIMES), ...Object.keys(SHARES)].join(', ');
  throw new UsageError(
    `${option}: expected settings such as latency=exp:0.2+20,sync=1..20,loss=0.01 with the names ${names}, got "${entry}"`,
  );
}

function distributionIn(text: string): Distribution | undefined {
  const [, least = '0', mean] = /^exp:(?:(.+)\+)?(.+)$/.exec(text) ?? [];
  const [low, high] = mean === undefined ? text.split('..', 2).map(numberIn) : [least, mean].map(numberIn);
  if (low === undefined) return undefined;
  if (mean !== undefined) return high === undefined ? undefined : { exponential: { least: low, mean: high } };
  if (!text.includes('..')) return { constant: low };
  return high === undefined || high < low ? undefined : { uniform: [low, high] };
}

function numberIn(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
