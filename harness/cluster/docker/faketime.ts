/**
 * Wall clocks that are wrong, by libfaketime: it stands between a program and the system's clock, and reads from a
 * file how far that is to be off. So the host's clock, which all containers share, is never touched.
 *
 * Only offsets are its own to give. With a rate (`x1.5`) it bends the time-outs of epoll as well, and with them every
 * timer of Node.js; a drift, and a clock that jumps to and fro, are made by the node (harness/node/trouble.ts) on top.
 */
import { CLOCK_PATH } from './layout.ts';

/** Debian's package of it. */
export const FAKETIME_PACKAGE = 'libfaketime';

/** Words of `env` that have a program's wall clock follow `CLOCK_PATH`, which must be there. */
export const FAKED_CLOCK = [
  // The loader puts the architecture's directory in place of $LIB. Of the two builds this is the one for threads.
  `LD_PRELOAD='/usr/$LIB/faketime/libfaketimeMT.so.1'`,
  `FAKETIME_TIMESTAMP_FILE=${CLOCK_PATH}`,
  // Looks into the file at each question, which makes that cost 12 us instead of 0.1 us.
  'FAKETIME_NO_CACHE=1',
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
  'NO_FAKE_STAT=1',
].join(' ');

/** What the file says for a clock that is so many milliseconds ahead. */
export function clockText(offsetMs: number): string {
  const seconds = (offsetMs / 1000).toFixed(6);
  return offsetMs < 0 ? seconds : `+${seconds}`;
}

/** Tells whether it works: the clock is an hour ahead. */
export const FAKETIME_TRIAL = [
  `printf %s ${clockText(3_600_000)} > ${CLOCK_PATH}`,
  `test "$(env ${FAKED_CLOCK} date +%s)" -gt "$(date -d '+50 min' +%s)"`,
].join(' && ');
