import { onnxModelLoader } from '../adapters/onnx/model.js';
import { messageOf } from '../errors.js';
import {
  selfTestGap,
  sha256Of,
  unpack,
  type Keyring,
  type SnapshotFold,
  type SnapshotManifest,
} from '../snapshot/index.js';

/** One thing that was looked at. */
export interface Finding {
  readonly what: 'file' | 'signature' | 'self-test';
  /** `absent`: there is nothing to look at, which is no fault. */
  readonly result: 'sound' | 'absent' | 'wrong';
  readonly why: string;
}

/** Answers of one machine and another differ in their last bits. */
const SELF_TEST_TOLERANCE = 1e-5;

/**
 * Looks at a snapshot: are its bytes the ones that its manifest names, is the manifest signed by a trusted key, and does
 * the model answer as it did when it was published?
 * @param file bytes of an exported file to look at in place of those on the topic
 * @param keyring keys of this instance; without any a signature is not looked at
 * @throws what {@link unpack} throws of a version that is unknown or incomplete
 */
export async function verifySnapshot(
  state: SnapshotFold,
  version: string,
  file: Uint8Array | undefined,
  keyring: Keyring | undefined,
): Promise<Finding[]> {
  const manifest = state.manifests.get(version) ?? unpack(state, version).manifest;
  const onnx = file ?? unpack(state, version).onnx;
  const findings: Finding[] = [fileFinding(manifest, onnx), signatureFinding(state, version, keyring)];
  if (findings[0]!.result === 'sound') findings.push(await selfTestFinding(manifest, onnx));
  return findings;
}

function fileFinding({ sha256, bytes }: SnapshotManifest, onnx: Uint8Array): Finding {
  const found = sha256Of(onnx);
  return found === sha256
    ? { what: 'file', result: 'sound', why: `${bytes} bytes, SHA-256 ${sha256}` }
    : { what: 'file', result: 'wrong', why: `SHA-256 ${found}, its manifest says ${sha256}: it was changed` };
}

function signatureFinding(state: SnapshotFold, version: string, keyring: Keyring | undefined): Finding {
  const signed = state.signed.get(version);
  if (!keyring) {
    const why = signed ? 'signed, and no key is configured to look at it with' : 'not signed, and no key is configured';
    return { what: 'signature', result: 'absent', why };
  }
  if (!signed) return { what: 'signature', result: 'wrong', why: 'not signed' };
  return keyring.isTrusted(signed)
    ? { what: 'signature', result: 'sound', why: 'by a trusted key' }
    : { what: 'signature', result: 'wrong', why: 'by none of the trusted keys, or of another manifest' };
}

async function selfTestFinding(
  { selfTest, version, featureSetId }: SnapshotManifest,
  onnx: Uint8Array,
): Promise<Finding> {
  if (!selfTest) return { what: 'self-test', result: 'absent', why: 'its manifest has none' };
  const finding = (result: Finding['result'], why: string): Finding => ({ what: 'self-test', result, why });
  try {
    const model = await onnxModelLoader().load(onnx, version, featureSetId);
    try {
      const gap = await selfTestGap(model, selfTest);
      const rows = `${selfTest.rows.length} rows`;
      return gap <= SELF_TEST_TOLERANCE
        ? finding('sound', `${rows} answered as when it was published, ${gap.toExponential(1)} apart at most`)
        : finding('wrong', `${rows} answered up to ${gap.toExponential(1)} apart from when it was published`);
    } finally {
      await model.close();
    }
  } catch (thrown) {
    return finding('wrong', messageOf(thrown));
  }
}
