import { endToEndLaws } from './end-to-end-laws.js';
import { embedded } from './fixture.js';

endToEndLaws('the embedded store, one partition', embedded, 1);
endToEndLaws('the embedded store, four partitions', embedded, 4);
