/**
 * Merging of calls that are too narrow to see one by one: each pixel shows the worst outcome among those it
 * covers, so that a single lost operation among a thousand good ones stays visible.
 */

/** Raises the pixels from `from` to `to` (at least one) to this rank. Parts outside the row are left out. */
export function keepWorst(pixels: Int8Array, from: number, to: number, rank: number): void {
  const first = Math.floor(from);
  const end = Math.max(first + 1, Math.ceil(to));
  for (let pixel = Math.max(0, first); pixel < Math.min(end, pixels.length); pixel++) {
    if ((pixels[pixel] ?? 0) < rank) pixels[pixel] = rank;
  }
}

/** A stretch of pixels of one rank. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly rank: number;
}

/** The stretches of equal rank, those of rank -1 (nothing there) left out. */
export function* runsOf(pixels: Int8Array): Generator<Run> {
  let from = 0;
  for (let pixel = 1; pixel <= pixels.length; pixel++) {
    const rank = pixels[from] ?? -1;
    if (pixel < pixels.length && pixels[pixel] === rank) continue;
    if (rank >= 0) yield { from, to: pixel, rank };
    from = pixel;
  }
}
