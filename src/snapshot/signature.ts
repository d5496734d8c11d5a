import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { messageOf, SluiceError } from '../errors.js';

/** Header of a manifest's record: Ed25519 signature of its bytes, base64. The manifest has the checksum of the model. */
export const SIGNATURE_HEADER = 'sluice.signature';

/** A manifest as it stands on the topic, with its signature. */
export interface SignedBytes {
  readonly bytes: Uint8Array;
  /** Base64. */
  readonly signature: string;
}

/** The keys of an instance. */
export interface Keyring {
  /** Signs with the private key; absent without one. */
  readonly sign?: (bytes: Uint8Array) => string;
  /** True when one of the trusted keys signed these bytes. */
  isTrusted(signed: SignedBytes): boolean;
}

/** A key in PEM, and where it is from, for errors. */
export interface KeyText {
  readonly path: string;
  readonly pem: string;
}

/**
 * Makes a keyring of a private key, whose public half is trusted, and of public keys. undefined without any key: nothing is
 * signed, and everything is taken. Throws `signing-key-invalid` for what is not an Ed25519 key.
 */
export function keyringOf(signing: KeyText | undefined, trusted: readonly KeyText[]): Keyring | undefined {
  const privateKey = signing && keyOf(signing, createPrivateKey);
  const publicKeys = trusted.map((text) => keyOf(text, createPublicKey));
  if (privateKey) publicKeys.push(createPublicKey(privateKey));
  if (publicKeys.length === 0) return undefined;
  return {
    ...(privateKey ? { sign: (bytes: Uint8Array) => sign(null, bytes, privateKey).toString('base64') } : {}),
    isTrusted: ({ bytes, signature }) =>
      publicKeys.some((key) => verify(null, bytes, key, Buffer.from(signature, 'base64'))),
  };
}

function keyOf({ path, pem }: KeyText, read: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read(pem);
  } catch (thrown) {
    throw new SluiceError('signing-key-invalid', { path, why: messageOf(thrown) });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new SluiceError('signing-key-invalid', { path, why: `it is a key of ${key.asymmetricKeyType}` });
  return key;
}
