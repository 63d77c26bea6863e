/**
 * A bank: accounts between which amounts are transferred, and all balances read at once. No account may become
 * negative; a transfer that the bank refused for that completes `fail` and, as everywhere, says nothing.
 */
import { UsageError } from '../../harness/errors.ts';
import { equal, isJsonObject, type Json } from '../../harness/json.ts';
import { defineModel, show } from './model.ts';
import type { ModelOperation } from './operation.ts';

type Balances = Readonly<Record<string, number>>;

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

const isName = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';
const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0;

/** Accounts may be called by numbers, as Jepsen's are; as names in JSON they are texts. */
function transferOf({ argument }: ModelOperation): Transfer {
  if (isJsonObject(argument)) {
    const { from, to, amount } = argument;
    if (isName(from) && isName(to) && isAmount(amount)) return { from: String(from), to: String(to), amount };
  }
  throw new UsageError(
    `transfer takes {"from": account, "to": account, "amount": number}, not ${show(argument)}`,
  );
}

function balancesOf(init: Json): Balances {
  const isBalances =
    isJsonObject(init) && Object.values(init).every((balance) => typeof balance === 'number');
  if (isBalances) return init as Balances;
  throw new UsageError(`bank starts with its accounts such as {"a": 10, "b": 0}, not ${show(init)}`);
}

function balance(balances: Balances, account: string): number {
  const held = Object.hasOwn(balances, account) ? balances[account] : undefined;
  if (held !== undefined) return held;
  throw new UsageError(
    `there is no account ${account}; the bank started with ${Object.keys(balances).join(', ')}`,
  );
}

function transferred(balances: Balances, { from, to, amount }: Transfer): Balances | undefined {
  const left = balance(balances, from) - amount;
  if (left < 0) return undefined;
  const debited = { ...balances, [from]: left };
  return { ...debited, [to]: balance(debited, to) + amount };
}

/** The model of a bank; `init`, which it needs, is an object from account to balance. */
export const bank = defineModel<Balances>({
  name: 'bank',
  summary: 'accounts that never become negative: transfer, and read all balances',
  operations: {
    transfer: 'takes {from, to, amount}; fails if the account has less',
    read: 'gives all balances as an object',
  },
  init: (value = null) => balancesOf(value),
  step(balances, operation) {
    const { f, result } = operation;
    if (f === 'transfer') return transferred(balances, transferOf(operation));
    return result === undefined || equal(result, balances) ? balances : undefined;
  },
  pure: ({ f }) => f === 'read',
  commutes(a, b) {
    if (a.f === 'read' || b.f === 'read') return false;
    const [one, other] = [transferOf(a), transferOf(b)];
    // Two that take from one account need the sum of both in either order; one that pays into what the other takes from may enable it.
    return one.to !== other.from && other.to !== one.from;
  },
  describe(operation) {
    if (operation.f === 'read') return `read → ${show(operation.result)}`;
    const { from, to, amount } = transferOf(operation);
    return `transfer ${amount} from ${from} to ${to}${operation.result === undefined ? ' → ?' : ''}`;
  },
});
