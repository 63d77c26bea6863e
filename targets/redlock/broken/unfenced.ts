/**
 * Wrong on purpose, though it is Redlock as it was published: the resource does not look at tokens.
 *
 * Whoever works on when his lease is over, because he was asleep meanwhile, overwrites what the next one wrote. No validity time, however well
 * computed, helps somebody who does not look at the clock (Kleppmann, "How to do distributed locking", 2016).
 */
import { TokenIgnored } from '../../guarded-resource/broken/token-ignored.ts';
import { lockProgram } from '../../guarded-resource/program.ts';
import { RedlockServer } from '../server.ts';

export const node = lockProgram(RedlockServer, TokenIgnored);
