/**
 * Where things are inside a node's container.
 */

/** The port that other nodes dial. */
export const PEER_PORT = 7000;
/** The port that clients reach through 127.0.0.1. */
export const CLIENT_PORT = 8000;
/** The node's files: on the container's own file system, so they outlive the process and end with the run. */
export const DATA_DIRECTORY = '/data';
/** Packet filter rules, applied before the node's program starts. */
export const RULES_PATH = '/splitbrain/rules';
