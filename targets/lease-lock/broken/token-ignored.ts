/**
 * Wrong on purpose: the lock gives fencing tokens, and the resource does not look at them.
 *
 * A holder that was asleep when its lease ended overwrites what its successor wrote (Kleppmann, "How to do distributed
 * locking", 2016).
 */
import { TokenIgnored } from '../../guarded-resource/broken/token-ignored.ts';
import { lockProgram } from '../../guarded-resource/program.ts';
import { LeaseLockServer } from '../server.ts';

export const node = lockProgram(LeaseLockServer, TokenIgnored);
