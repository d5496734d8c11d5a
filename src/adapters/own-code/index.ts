export { fingerprintOf } from './fingerprint.js';
export { importFile } from './import-file.js';
export { limiter, type Within } from './within.js';
