/**
 * Did a node say itself that something is wrong? Looks through the nodes' logs for entries that should never be
 * there: failed assertions, errors.
 */
import { canonical } from '../harness/json.ts';
import type { Checker, LogEntry, Problem } from '../harness/history/checker.ts';

/** An entry that should never be logged. All that is given must match. */
export interface LogPattern {
  /** What it means, for the report: "an error". */
  readonly what: string;
  readonly level?: LogEntry['level'];
  readonly event?: string;
  /** Matched with the entry as JSON. */
  readonly text?: RegExp;
}

const DEFAULT_PATTERNS: readonly LogPattern[] = [
  { what: 'a failed assertion', text: /assertion/i },
  { what: 'an error', level: 'error' },
];

/** Matches of one pattern on one node that are shown; the rest are counted. */
const SHOWN = 3;

function matches({ level, event, text }: LogPattern, entry: LogEntry): boolean {
  if (level !== undefined && entry.level !== level) return false;
  if (event !== undefined && entry.event !== event) return false;
  return text === undefined || text.test(canonical(entry));
}

interface Match {
  readonly line: number;
  readonly pattern: LogPattern;
  readonly entry: LogEntry;
}

function problemsOfNode(node: string, log: readonly LogEntry[], patterns: readonly LogPattern[]): Problem[] {
  const found = log.flatMap((entry, position): Match[] => {
    const pattern = patterns.find((candidate) => matches(candidate, entry));
    return pattern === undefined ? [] : [{ line: position + 1, pattern, entry }];
  });
  return patterns.flatMap((pattern) => {
    const own = found.filter((match) => match.pattern === pattern);
    if (own.length === 0) return [];
    const shown = own.slice(0, SHOWN).map(({ line, entry }) => `line ${line}: ${canonical(entry)}`);
    const more = own.length > SHOWN ? `, and ${own.length - SHOWN} more` : '';
    return [
      {
        title: `${node} logged ${pattern.what}`,
        explanation: `In the log of ${node}, ${shown.join('; ')}${more}.`,
      },
    ];
  });
}

/** A checker that is false if a node logged what matches; `unknown` if there are no logs to look at. */
export function logPatterns(patterns: readonly LogPattern[] = DEFAULT_PATTERNS): Checker {
  return {
    name: 'log-patterns',
    check(_history, { logs }) {
      const nodes = Object.entries(logs);
      const lines = nodes.reduce((sum, [, log]) => sum + log.length, 0);
      const problems = nodes.flatMap(([node, log]) => problemsOfNode(node, log, patterns));
      if (lines === 0) {
        const explanation = "The nodes' logs are empty or were not collected, so they say nothing.";
        return {
          valid: 'unknown',
          summary: 'There are no logs.',
          problems: [{ title: 'No logs', explanation }],
        };
      }
      const summary = `${lines} lines of ${nodes.length} nodes' logs: ${problems.length === 0 ? 'nothing' : `${problems.length} things`} that should not be there.`;
      return { valid: problems.length === 0, summary, problems };
    },
  };
}
