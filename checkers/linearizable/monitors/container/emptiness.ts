/**
 * Calls that found nothing. For all of these objects such a call needs a moment at which no element is certainly there, and that is
 * all it needs: what may be there at the moment can go earlier or come later.
 */
import { ABSENT } from '../../calls.ts';
import { nameOf, namesOf, type Core } from './conflict.ts';
import { isEmptySighting, type Contents, type Windows } from './contents.ts';
import { Stays } from './stays.ts';

/** A call that found nothing, although at each of its moments some element was there. */
export function wrongEmptiness(contents: Contents, windows: Windows): Core | undefined {
  const { sightings, end } = contents;
  if (!sightings.element.includes(ABSENT)) return undefined;
  const stays = new Stays(windows, end, () => true);
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    if (!isEmptySighting(sightings, sighting)) continue;
    const [first, last] = [sightings.first[sighting] ?? 0, sightings.last[sighting] ?? 0];
    if (stays.uncoveredFrom(first) <= last) continue;
    const elements = stays.covering(first, last);
    const name = nameOf(contents, sightings.call[sighting] ?? 0);
    const reason = `${name} found nothing while ${namesOf(contents, elements)} must have been there`;
    return { elements, sightings: [sighting], takers: [], reason };
  }
  return undefined;
}
