/**
 * The client port: HTTP and JSON, so that curl is a client. What matters is what a failure says of the
 * request: `refused: true` promises that it certainly had and will have no effect, and harness/cluster/call.ts
 * turns everything else into "nobody knows".
 *
 *     POST /<name>      a handler of the program; 200 with its answer
 *     GET  /            help for people
 *     GET  /_/status    what the program says of itself
 *     GET  /_/health    200 once the program has started; says what the node's wall clock shows
 *     POST /_/ping      { to, nonce }: sends a probe to a peer over the peer network; with times, so many
 *     POST /_/heard     { nonce }: { heard, from, probes, copies }: how many of them arrived, and how often
 *     GET  /_/connections   of each peer: { out: { dialled, opened, open, ended }, in: { opened, open, damaged } }
 *     POST /_/hang-up   { to }: closes the connection to a peer in order: { closed }
 *     GET  /_/disk      writes a small file durably: { written, ms }, or the error
 *     POST /_/disk      { file, offset }: { byte } as a read finds it
 *     GET  /_/points    how often the program passed each of its fail points, by name
 *     GET  /_/descriptors   opens a file: { opened }, with the error if it could not
 *     GET  /_/processor burns { cpuMs } of processor time: { cpuMs, ms }: how much it was, and how long it took
 *     GET  /_/usage     { cpuMs }: processor time that the node has used, all its threads together
 *     POST /_/trouble   a whole NodeTrouble (trouble.ts): the node is in it from now on
 *     POST /_/power-cut the node ends itself, its last writes torn
 *     POST /_/eat       { limitMiB }: the node uses up memory until it is ended, by itself at this limit
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { messageOf } from '../errors.ts';
import { Refusal, type NodeClients, type NodeLog, type RequestHandler, type RunningNode } from './program.ts';
import { Refused, RequestRouter, type RouterOptions } from './request-router.ts';

/** Longest request body. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** What the client port needs of its node. */
export interface ClientPortOptions extends Omit<RouterOptions, 'identity'> {
  readonly host: string;
  readonly port: number;
  readonly log: NodeLog;
  /** The node gets to a request. */
  turn(): void;
}

/** The client port of a real node. */
export interface ClientPort extends NodeClients {
  /** The program has started: from now on the node is healthy and has a status. */
  started(program: RunningNode): void;
  close(): Promise<void>;
}

/** Begins to listen. Rejects when the port cannot be had. */
export async function openClientPort(options: ClientPortOptions): Promise<ClientPort> {
  const port = new HttpClientPort(options);
  await port.open();
  return port;
}

class HttpClientPort implements ClientPort {
  readonly #options: ClientPortOptions;
  readonly #server: Server;
  readonly #router: RequestRouter;

  constructor(options: ClientPortOptions) {
    this.#options = options;
    // With the process's id, since after a restart another process may answer on a node's old port.
    this.#router = new RequestRouter({ ...options, identity: { pid: process.pid } });
    // Connections stay open until the client closes them: an idle one closed from here may cross a request
    // on its way, whose fate nobody would know.
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      void this.#respond(request, response);
    });
  }

  async open(): Promise<void> {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server, 'listening');
  }

  serve(handlers: Readonly<Record<string, RequestHandler>>): void {
    this.#router.serve(handlers);
  }

  started(program: RunningNode): void {
    this.#router.started(program);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const handler = this.#route(request);
      const body = await readBody(request);
      this.#options.turn();
      answer(response, 200, await handler(body));
    } catch (error) {
      if (error instanceof Refusal) {
        const status = error instanceof Refused ? error.status : 409;
        answer(response, status, { error: error.message, refused: true, details: error.details });
        return;
      }
      this.#options.log.warn('request-failed', { path: request.url ?? '', error: messageOf(error) });
      answer(response, 500, { error: messageOf(error), refused: false });
    }
  }

  #route({ url = '/', method, headers }: IncomingMessage): RequestHandler {
    const name = url.slice(1);
    if (name === '') return () => this.#help(headers.host ?? `${this.#options.host}:${this.#options.port}`);
    const handler = this.#router.find(name);
    if (method !== 'POST' && !this.#router.isOwn(name))
      throw new Refused(405, `'${name}' takes POST with a JSON object, not ${method}`);
    return handler;
  }

  #help(host: string): Json {
    const { names, role = null } = this.#router;
    const examples = names.slice(0, 1).map((name) => `curl -d '{"key":"x"}' http://${host}/${name}`);
    return {
      node: this.#options.id,
      role,
      handlers: names,
      try: [...examples, `curl http://${host}/_/status`, `curl http://${host}/_/health`],
    };
  }
}

/** The request's body. Whatever goes wrong here is refused: the program has not seen the request. */
async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const text = await readText(request);
  if (text === '' && request.method !== 'POST') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new Refused(400, `the body is not JSON: ${messageOf(error)}`);
  }
  if (!isJsonObject(body)) throw new Refused(400, 'the body is not a JSON object');
  return body;
}

/** By its events: to iterate over a request costs more than all else that is done to it here. */
function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // Too long a body is read to its end, though not kept: closing earlier would break off the answer.
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    });
    request.on('error', (error) => reject(new Refused(400, `the body broke off: ${messageOf(error)}`)));
    request.on('end', () => {
      if (bytes > BODY_BYTES_MAX) reject(new Refused(413, `the body exceeds ${BODY_BYTES_MAX} bytes`));
      else resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

function answer(response: ServerResponse, status: number, body: Json): void {
  const text = `${JSON.stringify(body)}\n`;
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}
