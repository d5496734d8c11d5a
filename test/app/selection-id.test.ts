import { embedded } from './fixture.js';
import { selectionIdLaws } from './selection-id-laws.js';

selectionIdLaws('the selection settings that samples name, on the embedded store', embedded);
