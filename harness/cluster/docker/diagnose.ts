/**
 * What is there and what is missing for container runs, each with what it costs and what to do. Looks and
 * changes nothing, but for one short-lived container that shows what the kernel grants.
 */
import { messageOf } from '../../errors.ts';
import { EngineError, findEngine, type DockerEngine } from './engine.ts';
import { runOnce } from './exec.ts';
import { FAKETIME_TRIAL } from './faketime.ts';
import { hasImage, imageName } from './image.ts';
import { labelsFor } from './labels.ts';
import { NETEM_TRIAL } from './netem.ts';
import { findLeftovers } from './reap.ts';
import { RESTORE, rulesOf } from './rules.ts';
import { remedyFor } from './runtime.ts';
import { setupObstacle } from './setup.ts';

const ANSWER_TIMEOUT_MS = 5000;
const NO_CONTAINERS = 'container tests are skipped, and runs use --runtime process';

/** One thing that was looked at. */
export interface Finding {
  /** What: `Docker engine`. */
  readonly name: string;
  /** `ok`; `limited`: works, with a cost; `missing`: something that is needed does not work. */
  readonly status: 'ok' | 'limited' | 'missing';
  /** What was seen: a version, an error. */
  readonly detail: string;
  /** What it costs, unless ok. */
  readonly cost?: string;
  /** What to do about it, unless ok. */
  readonly remedy?: string;
}

/** Looks at everything that container runs need. Never rejects; takes a second or two. */
export async function diagnoseDocker(): Promise<Finding[]> {
  let engine: DockerEngine;
  try {
    engine = findEngine(ANSWER_TIMEOUT_MS);
    const { version, kernel } = await engine.version();
    const detail = `${version} at ${engine.address}, kernel ${kernel}`;
    const found = await Promise.all([
      diagnoseImage(engine),
      diagnoseLimits(engine),
      diagnoseLeftovers(engine),
    ]);
    return [{ name: 'Docker engine', status: 'ok', detail }, ...found.flat()];
  } catch (error) {
    return [missingEngine(error instanceof EngineError ? error.reason : messageOf(error))];
  }
}

function missingEngine(detail: string): Finding {
  const remedy = /EACCES/.test(detail) ? remedyFor(detail) : (setupObstacle() ?? 'splitbrain doctor --fix');
  return { name: 'Docker engine', status: 'missing', detail, cost: NO_CONTAINERS, remedy };
}

async function diagnoseImage(engine: DockerEngine): Promise<Finding[]> {
  const image = await imageName(engine);
  if (await hasImage(engine, image)) {
    return [{ name: 'Base image', status: 'ok', detail: image }, ...(await diagnoseKernel(engine, image))];
  }
  return [
    {
      name: 'Base image',
      status: 'limited',
      detail: `${image} is not built yet`,
      cost: 'the first run builds it, which takes about half a minute',
      remedy: 'splitbrain doctor --fix builds it now',
    },
  ];
}

/** Tries in a container what faults are made of. */
async function diagnoseKernel(engine: DockerEngine, image: string): Promise<Finding[]> {
  const rules = rulesOf('probe', [], { ips: new Map(), peerPort: 1 }, true);
  const script = [
    `printf %s "$RULES" | ${RESTORE} && echo rules-work`,
    `${NETEM_TRIAL} && echo netem-works`,
    `${FAKETIME_TRIAL} && echo clocks-work`,
  ].join('\n');
  const { output } = await runOnce(engine, {
    image,
    command: ['sh', '-c', script],
    environment: { RULES: rules },
    network: 'none',
    labels: labelsFor('doctor'),
  });
  return [partitionsFinding(output), netemFinding(output), clocksFinding(output)];
}

function partitionsFinding(output: string): Finding {
  const name = 'Packet filters';
  if (output.includes('rules-work'))
    return { name, status: 'ok', detail: 'containers may set iptables rules' };
  return {
    name,
    status: 'missing',
    detail: `iptables does not work in a container: ${output.trim()}`,
    cost: 'no container can be partitioned from another',
    remedy: 'use an engine that grants NET_ADMIN and a kernel with iptables, or --runtime process',
  };
}

function netemFinding(output: string): Finding {
  const name = 'Link delay';
  if (output.includes('netem-works')) return { name, status: 'ok', detail: 'the kernel has netem' };
  return {
    name,
    status: 'limited',
    detail: 'the kernel has no netem',
    cost: 'delay and rate of links between containers are emulated by a proxy beside each node',
    remedy: 'none is needed; a kernel with sch_netem, sch_htb and cls_u32 does it itself',
  };
}

function clocksFinding(output: string): Finding {
  const name = 'Clocks';
  if (output.includes('clocks-work'))
    return { name, status: 'ok', detail: 'libfaketime sets clocks of containers wrong' };
  return {
    name,
    status: 'limited',
    detail: `libfaketime does not work in a container: ${output.trim()}`,
    cost: 'no container can have a wrong wall clock',
    remedy: 'use --runtime process for faults of clocks',
  };
}

/** What the engine says that the kernel limits, and what is lost where it does not. */
const LIMITS: Readonly<Record<string, readonly [field: string, cost: string]>> = {
  processor: ['CpuCfsQuota', 'no container can be kept from the processor'],
  memory: ['MemoryLimit', 'no container can run out of memory'],
  swap: ['SwapLimit', 'a container that runs out of memory on a machine with swap space gets slow first'],
};

async function diagnoseLimits(engine: DockerEngine): Promise<Finding> {
  const name = 'Limits';
  const info = (await engine.ask('say what it limits', (docker) => docker.info())) as Record<string, unknown>;
  const lacking = Object.keys(LIMITS).filter((limit) => info[LIMITS[limit]?.[0] ?? ''] === false);
  if (lacking.length === 0)
    return {
      name,
      status: 'ok',
      detail: `the kernel limits ${Object.keys(LIMITS).join(', ')} of containers`,
    };
  return {
    name,
    status: 'limited',
    detail: `the kernel does not limit ${lacking.join(', ')} of containers`,
    cost: lacking.map((limit) => LIMITS[limit]?.[1]).join('; '),
    remedy: 'boot a kernel with these controllers of cgroups (cgroup_enable=memory swapaccount=1)',
  };
}

async function diagnoseLeftovers(engine: DockerEngine): Promise<Finding[]> {
  const leftovers = await findLeftovers(engine);
  if (leftovers.length === 0) return [{ name: 'Leftovers', status: 'ok', detail: 'none of dead runs' }];
  return [
    {
      name: 'Leftovers',
      status: 'limited',
      detail: leftovers.map(({ kind, name }) => `${kind} ${name}`).join(', '),
      cost: 'they take up memory and addresses until the next run removes them',
      remedy: 'splitbrain doctor --fix',
    },
  ];
}
