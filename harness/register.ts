/**
 * Loaded before a file that says `import … from 'splitbrain/…'` where splitbrain is not installed, as in this
 * repository: `mocha --require harness/register.ts`.
 */
import { leadNamesHere } from './entry-points.ts';

leadNamesHere();
