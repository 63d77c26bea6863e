/**
 * Several faults as one, for scenarios: they begin together, are each confirmed, and end in the opposite order.
 */
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import type { Json } from '../harness/json.ts';
import { settleAll } from '../harness/cluster/settle.ts';
import { joint } from './confirm.ts';
import type { Confirmation } from '../harness/cluster/fault.ts';

/** A fault of a family, as part of another. */
export interface Part {
  readonly family: FaultFamily;
  readonly kind: string;
  readonly parameters: Json;
}

/** These parts as one fault; a sentence when one of them cannot apply. */
export async function together(parts: readonly Part[], ledger: FaultLedger): Promise<Fault | string> {
  const faults: Fault[] = [];
  for (const { family, kind, parameters } of parts) {
    const fault = await family.aim({ family: family.name, kind, parameters }, ledger);
    if (typeof fault === 'string') return fault;
    faults.push(fault);
  }
  return {
    description: faults.map(({ description }) => description).join('; '),
    nodes: [...new Set(faults.flatMap(({ nodes }) => nodes))],
    async inject() {
      for (const fault of faults) await fault.inject();
    },
    async confirm() {
      return joint(await Promise.all(faults.map((fault) => fault.confirm())));
    },
    heal: () => healAll(faults.toReversed()),
  };
}

/** Each is healed, also after one that failed. */
async function healAll(faults: readonly Fault[]): Promise<Confirmation> {
  const healed: Confirmation[] = [];
  const failures: Promise<void>[] = [];
  for (const fault of faults) {
    const healing = fault.heal().then((confirmation) => void healed.push(confirmation));
    failures.push(healing);
    await healing.catch(() => undefined);
  }
  await settleAll(failures);
  return joint(healed);
}
