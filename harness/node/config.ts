/**
 * What a real node - a process or a container - is told when it starts: one JSON text in one environment
 * variable, which every runtime can set and which no shell quoting spoils. Checked by hand rather than by a
 * schema library, because this file is part of every node's bundle.
 */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { NodeId } from './program.ts';

/** The environment variable that carries a `NodeConfig` as JSON. */
export const NODE_CONFIG_VARIABLE = 'SPLITBRAIN_NODE';

/** Exit code of a node that found one of its ports taken (the errno of EADDRINUSE): its runtime may choose others. */
export const EXIT_PORT_TAKEN = 98;

/** Everything that a real node is told. */
export interface NodeConfig {
  readonly id: NodeId;
  /** Where this node reaches each of the others: `host:port`; the host is an address or a name. */
  readonly peers: Readonly<Record<NodeId, string>>;
  /** Those, this one included, that do not belong to the cluster at first; none unless given. */
  readonly spares?: readonly NodeId[];
  /** Address that both ports are bound to: `127.0.0.1`, or `0.0.0.0` in a container. */
  readonly host: string;
  /** Port on which peers' connections arrive. */
  readonly peerPort: number;
  /** Port of HTTP and JSON for clients. */
  readonly clientPort: number;
  /** Directory of this node's durable files; made if need be. */
  readonly dataDirectory: string;
  /** Seeds this node's randomness; the runtime makes it differ from node to node. */
  readonly seed: string;
  /** Goes to the program as `NodeContext.options`. */
  readonly options: JsonObject;
  /** Whether the node ends when its standard input does, so that it never outlives a killed harness. */
  readonly exitWithParent?: boolean;
  /** File of the form of /etc/hosts in which peers' names are looked up at each dial; the system's own resolver, unless given. */
  readonly hostsFile?: string;
  /** File in which the node finds what troubles it is to be in, if it is there (trouble.ts); the node writes beside it. */
  readonly troubleFile?: string;
}

/** A peer's address, taken apart. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads the configuration from an environment. Throws an Error that names the field and what was expected. */
export function readNodeConfig(environment: Readonly<Record<string, string | undefined>>): NodeConfig {
  const text = environment[NODE_CONFIG_VARIABLE];
  if (text === undefined)
    throw new Error(`${NODE_CONFIG_VARIABLE} is not set: a node needs its configuration there`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${NODE_CONFIG_VARIABLE} is not JSON: ${text.slice(0, 80)}`);
  }
  if (!isJsonObject(value)) throw new Error(`${NODE_CONFIG_VARIABLE}: expected an object`);
  const peers = objectField(value, 'peers');
  for (const id of Object.keys(peers)) parseAddress(peers[id], `peers.${id}`);
  return {
    id: textField(value, 'id'),
    peers: peers as Readonly<Record<NodeId, string>>,
    host: textField(value, 'host'),
    peerPort: portField(value, 'peerPort'),
    clientPort: portField(value, 'clientPort'),
    dataDirectory: textField(value, 'dataDirectory'),
    seed: textField(value, 'seed'),
    options: objectField(value, 'options'),
    exitWithParent: value['exitWithParent'] === true,
    ...(value['spares'] === undefined ? {} : { spares: namesField(value, 'spares') }),
    ...optionalText(value, 'hostsFile'),
    ...optionalText(value, 'troubleFile'),
  };
}

/** Takes `host:port` apart. Throws an Error that names the field. */
export function parseAddress(value: Json | undefined, field: string): Address {
  const match = typeof value === 'string' ? /^(.+):(\d+)$/.exec(value) : null;
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || !isPort(port)) throw unfit(field, "'host:port'", value);
  return { host: match[1], port };
}

function textField(config: JsonObject, name: string): string {
  const value = config[name];
  if (typeof value !== 'string' || value === '') throw unfit(name, 'a text', value);
  return value;
}

/** The field, if it is there. */
function optionalText<Name extends string>(config: JsonObject, name: Name): { [Field in Name]?: string } {
  return config[name] === undefined
    ? {}
    : ({ [name]: textField(config, name) } as { [Field in Name]: string });
}

function objectField(config: JsonObject, name: string): JsonObject {
  const value = config[name];
  if (!isJsonObject(value)) throw unfit(name, 'an object', value);
  return value;
}

function namesField(config: JsonObject, name: string): NodeId[] {
  const value = config[name];
  const names = Array.isArray(value) ? (value as Json[]) : [null];
  if (!names.every((node) => typeof node === 'string')) throw unfit(name, 'a list of names', value);
  return names;
}

function portField(config: JsonObject, name: string): number {
  const value = config[name];
  if (!isPort(value)) throw unfit(name, 'a port from 1 to 65535', value);
  return value;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}

function unfit(field: string, expected: string, value: Json | undefined): Error {
  return new Error(
    `${NODE_CONFIG_VARIABLE}.${field}: expected ${expected}, found ${value === undefined ? 'nothing' : JSON.stringify(value)}`,
  );
}
