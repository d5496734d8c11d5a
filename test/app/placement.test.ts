import { embedded } from './fixture.js';
import { placementLaws } from './placement-laws.js';

placementLaws('the embedded store', embedded);
