import { embedded } from '../fixture.js';
import { tablesLaws } from './tables-laws.js';

tablesLaws('the embedded store', embedded, () => Promise.resolve());
