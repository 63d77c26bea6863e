/**
 * The program of lease-lock: one lock server and the resource.
 */
import type { NodeProgram } from '../../harness/node/program.ts';
import { lockProgram } from '../guarded-resource/program.ts';
import { LeaseLockServer } from './server.ts';

export const node: NodeProgram = lockProgram(LeaseLockServer);
