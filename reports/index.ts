/**
 * All kinds of reports. One more is one file like its neighbours and one line here.
 */
import type { Reporter } from '../harness/run/reporter.ts';
import { html } from './html/report.ts';
import { junit } from './junit.ts';

export {
  explorationLine,
  explorationSummary,
  type ExplorationReport,
  type ExplorationState,
} from './exploration.ts';
export { liveLine, type LiveState } from './live.ts';
export { terminalSummary, type TerminalOptions } from './terminal.ts';

/** The reporters, in the order in which `splitbrain list` names them. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const reporters: readonly Reporter[] = [
  html,
  junit,
];
