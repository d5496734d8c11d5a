import { embedded } from './fixture.js';
import { keyRotationLaws } from './key-rotation-laws.js';

keyRotationLaws('the embedded store', embedded);
