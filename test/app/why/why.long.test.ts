import { embedded } from '../fixture.js';
import { whyLaws } from './why-laws.js';

whyLaws('why, asked of every id of a stream on the embedded store', embedded);
