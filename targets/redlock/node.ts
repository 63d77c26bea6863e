/**
 * The program of redlock: independent lock servers, and the resource.
 */
import type { NodeProgram } from '../../harness/node/program.ts';
import { lockProgram } from '../guarded-resource/program.ts';
import { RedlockServer } from './server.ts';

export const node: NodeProgram = lockProgram(RedlockServer);
