import { embedded } from './fixture.js';
import { severalTopicsLaws } from './several-topics-laws.js';

severalTopicsLaws('the embedded store', embedded);
