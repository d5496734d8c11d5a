export { firstByte, isStandardInput, openUnpacked, type Unpacked } from './open-unpacked.js';
