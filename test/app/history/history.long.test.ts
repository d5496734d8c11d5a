import { embedded } from '../fixture.js';
import { historyLaws } from './history-laws.js';

historyLaws('the embedded store', embedded);
