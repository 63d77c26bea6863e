/**
 * The built-in models by name, one line each.
 */
import { casRegister } from './cas-register.ts';
import { counter } from './counter.ts';
import { fifoQueue } from './fifo-queue.ts';
import { kv } from './kv.ts';
import type { Model } from './model.ts';
import { multiRegister } from './multi-register.ts';
import { mutex } from './mutex.ts';
import { register } from './register.ts';
import { set } from './set.ts';

/** What `--model` and `linearizable('…')` can name. */
export const models = {
  register,
  'cas-register': casRegister,
  'multi-register': multiRegister,
  kv,
  mutex,
  'fifo-queue': fifoQueue,
  set,
  counter,
} as const satisfies Readonly<Record<string, Model>>;
