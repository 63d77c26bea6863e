/**
 * Wrong on purpose: a lock is released by whoever says so, as by an unconditional `DEL`.
 *
 * Redis's documentation of `SET` warns of it: a holder whose lease ended while it was busy deletes the lock of the one who came after, and a
 * third gets in beside that one.
 */
import { lockProgram } from '../../guarded-resource/program.ts';
import { LeaseLockServer } from '../server.ts';

class UnconditionalRelease extends LeaseLockServer {
  protected override mayRelease(): boolean {
    return true;
  }
}

export const node = lockProgram(UnconditionalRelease);
