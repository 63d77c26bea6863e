/**
 * From what was typed after `splitbrain check` to what is to be done: options that make no sense, by themselves or together, are
 * refused before any file is read.
 */
import type { Algorithm } from '../../checkers/index.ts';
import { UsageError } from '../errors.ts';
import { formatNamed } from '../history/read.ts';
import type { Json } from '../json.ts';
import { NANOS_PER_MS, parseDuration } from '../time.ts';
import type { Consistency } from './check-consistency.ts';
import type { HistoryOptions } from './check-history.ts';
import { jsonOrText } from './check-only-key.ts';
import type { KeyPlace } from './check-source.ts';

/** What was typed. */
export interface CheckArguments {
  readonly model?: string;
  readonly consistency: Consistency;
  readonly init?: string;
  readonly key: KeyPlace;
  readonly onlyKey?: string;
  readonly format?: string;
  readonly algorithm?: Algorithm;
  readonly memory?: string;
  readonly witness?: boolean;
  readonly maxStaleness?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/** What is to be done. Throws a UsageError that names the option at fault. */
export function optionsOf(given: CheckArguments): HistoryOptions {
  refuseMisplaced(given);
  const { consistency, model, init, key, onlyKey, format, algorithm, memory, witness } = given;
  const timeoutMs = durationOf('--timeout', given.timeout);
  if (timeoutMs === 0) throw new UsageError('--timeout: nothing can be checked in no time');
  const options = {
    model,
    init: init === undefined ? undefined : initOf(init),
    key,
    onlyKey,
    format: format === undefined ? undefined : formatNamed(format),
    memoryBytes: memory === undefined ? undefined : parseMemory(memory),
    timeoutMs,
  };
  if (consistency === 'linearizable') return { ...options, consistency, algorithm, witness };
  const maxStalenessNs = NANOS_PER_MS * durationOf('--max-staleness', given.maxStaleness ?? '0');
  return { ...options, consistency, maxStalenessNs };
}

/** Which checks an option says something to. All others take none of it. */
const BELONGS: readonly (readonly [keyof CheckArguments, flag: string, to: readonly Consistency[]])[] = [
  ['algorithm', '--algorithm', ['linearizable']],
  ['memory', '--memory', ['linearizable', 'sequential']],
  ['witness', '--witness', ['linearizable', 'sequential']],
  ['maxStaleness', '--max-staleness', ['staleness']],
];

/** Models of registers, which are what the other checks are about. */
const REGISTERS: readonly string[] = ['register', 'cas-register', 'kv'];

function refuseMisplaced(given: CheckArguments): void {
  const { consistency, model, key, onlyKey } = given;
  for (const [name, flag, to] of BELONGS) {
    if (given[name] === undefined || to.includes(consistency)) continue;
    throw new UsageError(`${flag} says nothing to --consistency ${consistency}, only to ${to.join(' and ')}`);
  }
  const needsModel = consistency === 'linearizable' || consistency === 'sequential';
  if (!needsModel && model !== undefined && !REGISTERS.includes(model)) {
    throw new UsageError(
      `--model: --consistency ${consistency} is about registers (${REGISTERS.join(', ')}), not about ${model}; leave --model out, or ask for sequential`,
    );
  }
  if (key === 'none' && consistency !== 'linearizable') {
    throw new UsageError(`--key none: --consistency ${consistency} always goes by the keys`);
  }
  if (onlyKey !== undefined && key === 'none') {
    throw new UsageError('--only-key: --key none says that there are no keys; leave one of the two out');
  }
}

function durationOf(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new UsageError(`${flag}: "${text}" is no duration; expected something like 500ms, 30s or 2m`);
}

/** `{"x":` is a slip of the pen, and not a text as `unlocked` is. */
function initOf(text: string): Json {
  const init = jsonOrText(text);
  if (init !== text || !/^[[{"]/.test(text)) return init;
  throw new UsageError(`--init: ${text} is no JSON; expected something like 0, unlocked, [1,2] or '{"x":1}'`);
}

const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `512MB` as bytes. */
function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg])i?b?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (UNITS[(match?.[2] ?? '').toLowerCase()] ?? NaN);
  if (bytes >= 1) return Math.round(bytes);
  throw new UsageError(`--memory: "${text}" is no size; expected something like 512MB or 2GB`);
}
