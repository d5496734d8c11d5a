import { embedded } from './fixture.js';
import { sharedCounterLaws } from './shared-counters-laws.js';

sharedCounterLaws('the embedded store', embedded);
