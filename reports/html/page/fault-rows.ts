/**
 * The faults above a picture: a row for each family, or several where its faults overlap, a bar for each fault.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import { colour, MARGIN_LEFT, type Surface } from './surface.ts';
import type { TimeView } from './view.ts';

/** Height of a row. */
export const FAULT_ROW = 18;

/** Faults in rows: those of one family never share a row when they overlap. */
export function faultRows(faults: readonly FaultRecord[]): FaultRecord[][] {
  const rows: FaultRecord[][] = [];
  const sorted = [...faults].sort((a, b) => a.family.localeCompare(b.family) || a.start - b.start);
  for (const fault of sorted) {
    const row = rows.find((members) => {
      const last = members.at(-1);
      return last !== undefined && last.family === fault.family && (last.end ?? Infinity) <= fault.start;
    });
    if (row === undefined) rows.push([fault]);
    else row.push(fault);
  }
  return rows;
}

/** Draws the bars, the first row at `top`. What no probe confirmed is faint and says so. */
export function drawFaultRows(
  surface: Surface,
  view: TimeView,
  rows: readonly FaultRecord[][],
  top: number,
): void {
  const { context } = surface;
  rows.forEach((row, place) => {
    const y = top + place * FAULT_ROW + 2;
    for (const fault of row) {
      if (fault.start > view.to || (fault.end ?? Infinity) < view.from) continue;
      const from = Math.max(MARGIN_LEFT, surface.x(fault.start));
      const width = Math.max(2, surface.x(fault.end ?? view.max) - from);
      context.fillStyle = colour('fault');
      context.globalAlpha = fault.confirmed ? 1 : 0.4;
      context.fillRect(from, y, width, FAULT_ROW - 4);
      context.globalAlpha = 1;
      const unseen = fault.masked === true ? 'masked' : 'not confirmed';
      const words = fault.confirmed ? fault.kind : `${fault.kind} (${unseen})`;
      fitWords(surface, words, from + 4, y + (FAULT_ROW - 4) / 2, width - 8);
    }
  });
}

/** Names the families in the margin. */
export function labelFaultRows(surface: Surface, rows: readonly FaultRecord[][], top: number): void {
  rows.forEach((row, place) => {
    const y = top + place * FAULT_ROW + FAULT_ROW / 2;
    surface.marginLabel(row[0]?.family ?? '', y, colour('fault'));
  });
}

/** Words on a coloured box, cut to the room that there is; none where it is too little. */
export function fitWords({ context }: Surface, text: string, x: number, y: number, room: number): void {
  const fitting = Math.floor(room / 6.2);
  if (fitting < 3) return;
  context.fillStyle = colour('label');
  context.fillText(text.length <= fitting ? text : `${text.slice(0, fitting - 1)}…`, x, y + 0.5);
}
