/**
 * What may be asked of the coordination service: the commands and the questions of its tree, and what of them a client's request is.
 *
 * A path is what it is in ZooKeeper, `/locks/a`: names that begin with a slash each.
 */
import type { Json, JsonObject } from '../../harness/json.ts';
import { Refusal } from '../../harness/node/program.ts';
import { numberOf, optionalNumberOf, textOf } from '../guarded-resource/requests.ts';

/** A change in a session: the command with this number in it, from 1. */
export type Update = { readonly session: number; readonly sequence: number; readonly path: string } & (
  | {
      readonly f: 'create';
      readonly data: Json;
      /** Whether the node ends with the session. */
      readonly ephemeral: boolean;
      /** Whether a number is put after its name. */
      readonly sequential: boolean;
    }
  /** On condition of a version, unless that is null. `create`: makes the node if it is not there. */
  | { readonly f: 'set'; readonly data: Json; readonly version: number | null; readonly create: boolean }
  | { readonly f: 'delete'; readonly version: number | null }
);

/** A command in the log. */
export type TreeCommand =
  /** Opens a session, whose number is the index of this entry. */
  | { readonly f: 'open-session'; readonly ttlMs: number }
  | { readonly f: 'close-session'; readonly session: number }
  /** The leader heard nothing of it for too long. */
  | { readonly f: 'expire-session'; readonly session: number }
  | Update;

/** A question in a session, which must be alive; or by somebody who has none. */
export type SessionQuery = { readonly session: number | null } & (
  | { readonly f: 'session' }
  | { readonly f: 'get'; readonly path: string }
  | { readonly f: 'children'; readonly path: string }
  | WatchQuery
);

/** Whether a node has changed since it was read. */
export type WatchQuery = {
  readonly f: 'change';
  readonly path: string;
  /** The zxid of the last change that was seen of it, null if it was not there. */
  readonly since: number | null;
};

/** A question to the tree. */
export type TreeQuery = SessionQuery | { readonly f: 'sessions' };

/** What is told of a node. */
export type Stat = {
  readonly data: Json;
  /** How often its data was set. */
  readonly version: number;
  /** The zxids of the change that made it, and of its last one. */
  readonly czxid: number;
  readonly mzxid: number;
  /** The session that it belongs to, if it is ephemeral. */
  readonly owner: number | null;
};

/** What is told of a node in the list of its parent's children. */
export type ChildStat = Pick<Stat, 'data' | 'czxid' | 'owner'> & { readonly name: string };

/** What a watch tells of. */
export type Change = {
  readonly type: 'created' | 'changed' | 'deleted';
  readonly zxid: number;
  /** Of the node from then on; null where it is gone. */
  readonly version: number | null;
};

/** The path of the node that is always there. */
export const ROOT = '';

const PATH = /^(\/[^/]+)+$/;

/** Longer than any session needs to be silent, and than any watch should wait without asking again. */
const LONGEST_MS = 60_000;

/** The path in a request. That of the root is empty, so that every other is its parent's, a slash and a name; it is written `/`. */
export function pathOf(body: JsonObject): string {
  const path = textOf(body, 'path');
  if (path === '/') return ROOT;
  if (PATH.test(path)) return path;
  throw new Refusal('bad-request: "path" must be like "/locks/a"');
}

/** The session in whose name something is asked, if any. */
export function sessionOf(body: JsonObject): number | null {
  return optionalNumberOf(body, 'session') ?? null;
}

/** A time in this field. */
export function durationOf(body: JsonObject, field: string): number {
  return Math.min(numberOf(body, field), LONGEST_MS);
}

/** The change that a request is for. */
export function updateOf(f: Update['f'], body: JsonObject): Update {
  const common = {
    session: numberOf(body, 'session'),
    sequence: numberOf(body, 'sequence'),
    path: pathOf(body),
  };
  const { data = null, ephemeral, sequential, create } = body;
  const version = optionalNumberOf(body, 'version') ?? null;
  switch (f) {
    case 'create':
      return { f, ...common, data, ephemeral: ephemeral === true, sequential: sequential === true };
    case 'set':
      return { f, ...common, data, version, create: create === true };
    case 'delete':
      return { f, ...common, version };
  }
}

/** The watch that a request is for. */
export function watchOf(body: JsonObject): SessionQuery & WatchQuery {
  const since = optionalNumberOf(body, 'since') ?? null;
  return { f: 'change', session: sessionOf(body), path: pathOf(body), since };
}
