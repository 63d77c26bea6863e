/**
 * What a simulated node must not touch, because it would differ from run to run, and what it is given instead.
 * Allowed are promises, `queueMicrotask` and `process.nextTick`: all of it runs before the next event begins.
 */

/** Functions of one kind. */
interface Area {
  /** What they are, after "which is". */
  readonly is: string;
  /** What there is instead, after "use". */
  readonly instead: string;
  readonly things: readonly Things[];
}

/** Functions of one object. */
interface Things {
  readonly holder: object;
  /** How a program calls the object: `fs.`, or nothing for globals. */
  readonly prefix: string;
  readonly names: readonly string[];
}

/** One function that is forbidden. */
export interface Forbidden {
  readonly holder: object;
  readonly name: string;
  /** As a program writes it: `fs.readFileSync()`. */
  readonly call: string;
  readonly is: string;
  readonly instead: string;
}

function builtin(name: string): object {
  return process.getBuiltinModule(name) as object;
}

/** All functions of a module, but not its classes. */
function all(holder: object, prefix: string): Things {
  const functions = Object.entries(holder).filter(([, value]) => typeof value === 'function');
  return { holder, prefix, names: functions.map(([name]) => name).filter((name) => /^[a-z]/.test(name)) };
}

/** Made when first asked for: it loads modules that many a process does not need. */
function areas(): Area[] {
  const timers = ['setTimeout', 'setInterval', 'setImmediate'];
  const [fs, dns, http] = [builtin('fs'), builtin('dns'), ['request', 'get', 'createServer']];
  const timersPromises = builtin('timers/promises') as { readonly scheduler: object };
  return [
    {
      is: 'real time',
      instead: 'context.clock',
      things: [
        { holder: Date, prefix: 'Date.', names: ['now'] },
        { holder: globalThis, prefix: 'new ', names: ['Date'] },
        { holder: performance, prefix: 'performance.', names: ['now', 'mark', 'measure'] },
        { holder: process.hrtime, prefix: 'process.hrtime.', names: ['bigint'] },
        {
          holder: process,
          prefix: 'process.',
          names: ['hrtime', 'uptime', 'cpuUsage', 'memoryUsage', 'resourceUsage'],
        },
        { holder: builtin('os'), prefix: 'os.', names: ['uptime', 'loadavg', 'freemem', 'cpus'] },
      ],
    },
    {
      is: 'a real timer',
      instead: 'context.timers',
      things: [
        { holder: globalThis, prefix: '', names: timers },
        { holder: builtin('timers'), prefix: 'timers.', names: timers },
        { holder: timersPromises, prefix: 'timersPromises.', names: timers },
        { holder: timersPromises.scheduler, prefix: 'scheduler.', names: ['wait', 'yield'] },
        { holder: AbortSignal, prefix: 'AbortSignal.', names: ['timeout'] },
        { holder: Atomics, prefix: 'Atomics.', names: ['wait', 'waitAsync'] },
      ],
    },
    {
      is: 'real randomness',
      instead: 'context.random',
      things: [
        { holder: Math, prefix: 'Math.', names: ['random'] },
        { holder: builtin('crypto'), prefix: 'crypto.', names: RANDOM_FUNCTIONS },
        { holder: globalThis.crypto, prefix: 'crypto.', names: ['getRandomValues', 'randomUUID'] },
      ],
    },
    {
      is: 'a real file',
      instead: 'context.disk',
      things: [all(fs, 'fs.'), all((fs as { promises: object }).promises, 'fs.promises.')],
    },
    {
      is: 'a real socket',
      instead: 'context.network, and context.clients for requests from outside',
      things: [
        {
          holder: builtin('net'),
          prefix: 'net.',
          names: ['connect', 'createConnection', 'createServer', 'Socket'],
        },
        { holder: builtin('dgram'), prefix: 'dgram.', names: ['createSocket'] },
        { holder: builtin('http'), prefix: 'http.', names: http },
        { holder: builtin('https'), prefix: 'https.', names: http },
        {
          holder: builtin('http2'),
          prefix: 'http2.',
          names: ['connect', 'createServer', 'createSecureServer'],
        },
        { holder: builtin('tls'), prefix: 'tls.', names: ['connect', 'createServer'] },
        all(dns, 'dns.'),
        all((dns as { promises: object }).promises, 'dns.promises.'),
        { holder: globalThis, prefix: '', names: ['fetch'] },
        { holder: globalThis, prefix: 'new ', names: ['WebSocket', 'EventSource'] },
      ],
    },
    {
      is: 'a process or thread beside the node',
      instead: 'this one thread for everything',
      things: [
        all(builtin('child_process'), 'child_process.'),
        { holder: builtin('worker_threads'), prefix: 'worker_threads.', names: ['Worker', ...CHANNELS] },
        { holder: globalThis, prefix: 'new ', names: CHANNELS },
        { holder: builtin('cluster'), prefix: 'cluster.', names: ['fork'] },
      ],
    },
    {
      is: 'the end of all nodes and of the test',
      instead: '`throw new Error(…)`, which ends this node',
      things: [{ holder: process, prefix: 'process.', names: ['exit', 'abort', 'kill', 'reallyExit'] }],
    },
  ];
}

const CHANNELS = ['MessageChannel', 'BroadcastChannel'];

const RANDOM_FUNCTIONS = [
  'randomBytes',
  'pseudoRandomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'generateKey',
  'generateKeySync',
  'generateKeyPair',
  'generateKeyPairSync',
  'generatePrime',
  'generatePrimeSync',
];

/** Everything that is forbidden, that this Node.js has, and that can be replaced in it. */
export function forbidden(): Forbidden[] {
  return areas().flatMap(({ is, instead, things }) =>
    things.flatMap(({ holder, prefix, names }) =>
      names
        .filter((name) => name in holder && isReplaceable(Object.getOwnPropertyDescriptor(holder, name)))
        .map((name) => ({ holder, name, call: `${prefix}${name}()`, is, instead })),
    ),
  );
}

/** Inherited, or a plain property that may be changed. */
function isReplaceable(property: PropertyDescriptor | undefined): boolean {
  return property === undefined || (property.configurable === true && property.get === undefined);
}
