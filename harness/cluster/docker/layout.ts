/**
 * Where things are inside a node's container, and how large it is.
 */

/** What the container runs: rules first, then the program. */
export const START_PATH = '/splitbrain/start';
/** The process id of the program, as the container has it. */
export const PID_PATH = '/splitbrain/pid';
/** The port that other nodes dial. */
export const PEER_PORT = 7000;
/** The port that clients reach through 127.0.0.1. */
export const CLIENT_PORT = 8000;
/** The node's files: a volume of its own, so they outlive the process, can be reached while it is down, and end with the run. */
export const DATA_DIRECTORY = '/data';
/** What brings the network into the state that it is to have (node-network.ts): run before the node's program starts. */
export const NETWORK_PATH = '/splitbrain/network';
/** The script of the agent that bends messages (agent-main.ts). */
export const AGENT_PATH = '/splitbrain/agent.mjs';
/** Whose the agent is: a number that no image uses. By it the agent's own connections are told from the node's. */
export const AGENT_USER = 7077;
/** Where the agent listens for the node's connections to the first node of the cluster; those to the others follow. */
export const AGENT_PORT = 7100;
/** The node's configuration (harness/node/config.ts). */
export const CONFIG_PATH = '/splitbrain/config.json';
/** The node's program. */
export const PROGRAM_PATH = '/splitbrain/node.mjs';
/** The troubles that the node brings about in itself (harness/node/trouble.ts). */
export const TROUBLE_PATH = '/splitbrain/trouble.json';
/** How far its wall clock is off, for libfaketime. */
export const CLOCK_PATH = '/splitbrain/clock';

/** What a node may use in MiB: enough for any target, and soon used up (`exhaustMemory`). */
export const MEMORY_MIB = 512;
