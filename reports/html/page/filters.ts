/**
 * The timeline's filters: by client, key, function and outcome. The legend's entries are the switches of the
 * outcomes, so that what a colour means and how to hide it stand in one place.
 */
import { canonical } from '../../../harness/json.ts';
import { OUTCOMES, passes, type CallFilter, type PlacedCall } from './calls.ts';
import { element, fillSelect } from './dom.ts';

/** Fills the filters from these calls, and calls `changed` with the calls that pass whenever one is changed. */
export function watchFilters(
  calls: readonly PlacedCall[],
  laneCount: number,
  changed: (calls: readonly PlacedCall[]) => void,
): void {
  const lane = element('filter-lane', HTMLSelectElement);
  const key = element('filter-key', HTMLSelectElement);
  const f = element('filter-f', HTMLSelectElement);
  const keys = distinct(
    calls.map(({ invoke }) => (invoke.key === undefined ? undefined : canonical(invoke.key))),
  );
  const functions = distinct(calls.map(({ invoke }) => invoke.f));
  fillSelect(
    lane,
    Array.from({ length: laneCount }, (_, number) => `client ${number}`),
  );
  fillSelect(key, keys);
  fillSelect(f, functions);
  const outcomes = OUTCOMES.map((outcome) => ({
    outcome,
    box: element(`outcome-${outcome}`, HTMLInputElement),
  }));
  const apply = (): void => {
    const chosenKey = chosen(key, keys);
    const chosenF = chosen(f, functions);
    const filter: CallFilter = {
      ...(lane.value === '' ? {} : { lane: Number(lane.value) }),
      ...(chosenKey === undefined ? {} : { key: chosenKey }),
      ...(chosenF === undefined ? {} : { f: chosenF }),
      outcomes: new Set(outcomes.filter(({ box }) => box.checked).map(({ outcome }) => outcome)),
    };
    changed(calls.filter((call) => passes(filter, call)));
  };
  for (const control of [lane, key, f, ...outcomes.map(({ box }) => box)])
    control.addEventListener('input', apply);
}

function chosen(select: HTMLSelectElement, values: readonly string[]): string | undefined {
  return select.value === '' ? undefined : values[Number(select.value)];
}

function distinct(values: readonly (string | undefined)[]): string[] {
  const known = new Set(values.filter((value) => value !== undefined));
  return [...known].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
