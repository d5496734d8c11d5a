export { openArrowFile } from './arrow-file.js';
