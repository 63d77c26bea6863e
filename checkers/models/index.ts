/**
 * The built-in models by name, one line each.
 */
import { bank } from './bank.ts';
import { casRegister } from './cas-register.ts';
import { counter } from './counter.ts';
import { fencedLock } from './fenced-lock.ts';
import { fifoQueue } from './fifo-queue.ts';
import { kv } from './kv.ts';
import { listAppend } from './list-append.ts';
import type { Model } from './model.ts';
import { multiList } from './multi-list.ts';
import { multiRegister } from './multi-register.ts';
import { mutex } from './mutex.ts';
import { priorityQueue } from './priority-queue.ts';
import { readWriteLock } from './read-write-lock.ts';
import { register } from './register.ts';
import { semaphore } from './semaphore.ts';
import { set } from './set.ts';
import { stack } from './stack.ts';
import { znodes } from './znodes.ts';

/** What `--model` and `linearizable('…')` can name. */
export const models = {
  register,
  'cas-register': casRegister,
  'multi-register': multiRegister,
  kv,
  mutex,
  semaphore,
  'read-write-lock': readWriteLock,
  'fenced-lock': fencedLock,
  'fifo-queue': fifoQueue,
  stack,
  'priority-queue': priorityQueue,
  set,
  counter,
  'list-append': listAppend,
  'multi-list': multiList,
  bank,
  znodes,
} as const satisfies Readonly<Record<string, Model>>;
