/**
 * Scenarios as a family of faults: each kind a story that people know by name, made of other faults or of an activity
 * of its own. Several of one family do not overlap, so a scenario is told to its end before the next begins.
 */
import type { FaultFamily } from '../harness/cluster/fault.ts';
import { datacentreLoss, flappingLink, grayFailure, leaderHunt, powerCut } from './scenarios/compound.ts';
import { leadersInTurn } from './scenarios/leaders-in-turn.ts';
import { rollingRestart, rollingUpgrade } from './scenarios/rolling.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { splitVoteStorm } from './scenarios/split-vote-storm.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'rolling-restart': rollingRestart,
  'datacentre-loss': datacentreLoss,
  'gray-failure': grayFailure,
  'flapping-link': flappingLink,
  'power-cut': powerCut,
  'leader-hunt': leaderHunt,
  'split-vote-storm': splitVoteStorm,
  'leaders-in-turn': leadersInTurn,
  'rolling-upgrade': rollingUpgrade,
};

/** `rolling-upgrade=next`: to the version of this name. */
const UPGRADE_TO = /^(rolling-upgrade)=([A-Za-z0-9._-]+)$/;

const each = <T>(of: (scenario: Scenario) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(SCENARIOS).map(([kind, scenario]) => [kind, of(scenario)]));

function find(kind: string): { readonly scenario: Scenario | undefined; readonly detail?: string } {
  const [, name = kind, detail] = UPGRADE_TO.exec(kind) ?? [];
  return { scenario: SCENARIOS[name], ...(detail === undefined ? {} : { detail }) };
}

/** The scenario family. */
export const scenario: FaultFamily = {
  name: 'scenario',
  summary: 'whole stories: restarts, upgrades, a datacentre lost, no leader that lasts',
  kinds: each(({ summary }) => summary),
  explicit: {
    form: 'rolling-upgrade=version, for a variant of the target',
    problem: (text) => (UPGRADE_TO.test(text) ? undefined : `there is no scenario "${text}"`),
    needs: rollingUpgrade.needs,
  },
  needs: each(({ needs }) => needs),
  takesMs: { 'leaders-in-turn': 4500 },

  plan(kind, nodes, random) {
    const { scenario: story, detail } = find(kind);
    return { family: 'scenario', kind, parameters: story?.draw(nodes, random, detail) ?? null };
  },

  aim({ kind, parameters }, ledger) {
    const { scenario: story } = find(kind);
    return story?.begin(parameters, ledger) ?? Promise.resolve(`there is no scenario ${kind}`);
  },
};
