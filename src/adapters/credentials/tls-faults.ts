/** Reasons for which a TLS connection cannot come about, by the code of Node's error; each names the setting to look at. */
const SENTENCES: readonly (readonly [codes: RegExp, sentence: string])[] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA/,
    'its certificate is signed by nobody that is trusted: name its authority in {certificates}.caFile',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'its certificate is for another host ({message}): correct the address, or set {certificates}.serverName to a name of the certificate',
  ],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired: it must be renewed there (or the clock here is wrong)'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet: the clock here or there is wrong'],
  [/CERT_REVOKED/, 'its certificate was revoked'],
  [
    /ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/,
    'it asks for a client certificate: set {certificates}.certFile and .keyFile',
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/,
    'it does not take the client certificate of {certificates}.certFile (or wants one where none is set)',
  ],
  [/ALERT_CERTIFICATE_EXPIRED/, 'the client certificate of {certificates}.certFile has expired'],
  [
    /WRONG_VERSION_NUMBER|ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|PACKET_LENGTH_TOO_LONG/,
    'it does not speak TLS as we do',
  ],
];

/**
 * What is wrong with a TLS connection, as a sentence; undefined when the error is about something else.
 * @param certificates section of the config that names certificates: `transport.certificates`
 */
export function tlsFault(error: unknown, certificates: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const words = [code, message].filter((each) => typeof each === 'string').join(' ');
  const found = SENTENCES.find(([codes]) => codes.test(words) || codes.test(words.toUpperCase().replaceAll(' ', '_')));
  return found?.[1]
    .replaceAll('{certificates}', certificates)
    .replaceAll('{message}', String(message).replace(/^.*altnames: /s, ''));
}
