/**
 * Raft's membership as a nemesis sees it: the voters that a server's log sets, by the index of the entry that does.
 */
import type { Membership } from '../../harness/cluster/membership.ts';
import { isJsonObject } from '../../harness/json.ts';
import { isMembers } from './members.ts';

const STATUS_MS = 500;
/** A newcomer has to catch up first. */
const CHANGE_MS = 5000;

/** See `Membership`. */
export const membership: Membership = {
  async view(cluster, node) {
    const reply = await cluster.call(node, '_/status', {}, STATUS_MS);
    if (reply.kind !== 'answer' || !isJsonObject(reply.body) || !isMembers(reply.body)) return undefined;
    const { voters, outgoing } = reply.body;
    const { membersIndex, commitIndex } = reply.body as { membersIndex?: unknown; commitIndex?: unknown };
    const epoch = Number(membersIndex);
    return { members: voters, pending: outgoing.length > 0 || epoch > Number(commitIndex), epoch };
  },
  request: (cluster, at, { change, node }) => cluster.call(at, 'members', { [change]: node }, CHANGE_MS),
};
