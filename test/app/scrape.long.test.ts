import { embedded } from './fixture.js';
import { scrapeLaws } from './scrape-laws.js';

scrapeLaws('the embedded store', embedded, false);
