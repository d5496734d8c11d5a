import { embedded } from '../fixture.js';
import { ownRulesLaws } from './own-rules-laws.js';

ownRulesLaws('the embedded store', embedded);
