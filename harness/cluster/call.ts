/**
 * Requests to a node's client port, for every runtime whose nodes are real processes. What it is careful
 * about is the line between `refused` and `lost`: a failure counts as refused only where it is certain that
 * no byte of the request left (the connection never came to be) or where the node itself says so. Everything
 * else is lost - also a reset on a kept-alive connection, for which nobody can say what the node had read.
 */
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { messageOf } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Reply } from './cluster.ts';

/** Connections kept alive to the nodes of one cluster. `agent.destroy()` breaks them all, also those in use. */
export function createCallAgent(): Agent {
  return new Agent({ keepAlive: true, maxFreeSockets: 1024, scheduling: 'lifo' });
}

const sharedAgent = createCallAgent();

/**
 * `POST <endpoint>/<path>` with a JSON body, bounded by `timeoutMs`. Never rejects.
 *
 * @param endpoint the node's client port: `http://127.0.0.1:41001`
 * @param agent the cluster's own connections; by default those shared by all
 */
export function callNode(
  endpoint: string,
  path: string,
  body: JsonObject,
  timeoutMs: number,
  agent: Agent = sharedAgent,
): Promise<Reply> {
  return new Promise((resolve) => {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const outgoing = request(`${endpoint}/${encodeURI(path)}`, { method: 'POST', agent, headers });
    let connected = false;
    const finish = (reply: Reply): void => {
      clearTimeout(timer);
      resolve(reply);
    };
    const fail = (error: string): void => {
      finish(
        connected ? { kind: 'lost', error } : { kind: 'refused', error, details: {}, unreachable: true },
      );
    };
    const timer = setTimeout(() => {
      fail(`no answer within ${timeoutMs} ms`);
      outgoing.destroy();
    }, timeoutMs);
    onceConnected(outgoing, () => (connected = true));
    outgoing.on('error', (error) => fail(messageOf(error)));
    outgoing.on('response', (response) => {
      readReply(response, finish, fail);
    });
    outgoing.end(text);
  });
}

/** Runs when the request has a connection: until then nothing of it can have been sent. */
function onceConnected(outgoing: ClientRequest, run: () => void): void {
  outgoing.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', run);
    else run();
  });
}

function readReply(
  response: IncomingMessage,
  finish: (reply: Reply) => void,
  fail: (error: string) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', (error) => fail(messageOf(error)));
  response.on('end', () => {
    finish(replyOf(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
  });
}

/** What an HTTP answer means; see harness/node/client-port.ts for the other side. */
function replyOf(status: number, text: string): Reply {
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    return { kind: 'lost', error: `status ${status} with a body that is not JSON: ${text.slice(0, 200)}` };
  }
  if (status === 200) return { kind: 'answer', body };
  const fields = isJsonObject(body) ? body : {};
  const error = typeof fields['error'] === 'string' ? fields['error'] : `status ${status}`;
  if (fields['refused'] !== true) return { kind: 'lost', error };
  return { kind: 'refused', error, details: isJsonObject(fields['details']) ? fields['details'] : {} };
}
