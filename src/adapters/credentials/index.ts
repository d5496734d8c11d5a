export { certificateSource, type CertificateSettings, type TlsMaterial } from './certificates.js';
export { httpCall, type HttpAnswer } from './http-call.js';
export { secretFrom } from './secret.js';
export { tlsFault } from './tls-faults.js';
export { tokenSource, type TokenSettings } from './tokens.js';
