import { embedded } from './fixture.js';
import { repartitionLaws } from './repartition-laws.js';

repartitionLaws('the embedded store', embedded);
