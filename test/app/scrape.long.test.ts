import { embedded } from './fixture.js';
import { scrapeLaws } from './scrape-laws.js';

scrapeLaws('the embedded store', embedded, false);
scrapeLaws(
  'the embedded store, partitions in threads',
  (...where) => ({ ...embedded(...where), run: { threads: 2 } }),
  false,
);
