import { arch, platform } from 'node:process';
import ort from 'onnxruntime-node';
import { SluiceError } from '../../../../errors.js';

/** What onnxruntime says when there is no adapter, or none with what it needs; any other failure is the file's. */
const NO_DEVICE = /WebGpuContext|WebGPU (adapter|device)|wgpu/;

/** Options of a session on the graphics card; only errors of the runtime are written to stderr. */
export function onWebgpu(more: ort.InferenceSession.SessionOptions = {}): ort.InferenceSession.SessionOptions {
  return { executionProviders: [{ name: 'webgpu' }], logSeverityLevel: 3, ...more };
}

/** @throws encoder-device-unavailable when onnxruntime-node has no WebGPU provider for this platform */
export function requireProvider(): void {
  if (ort.listSupportedBackends().some(({ name, bundled }) => name === 'webgpu' && bundled)) return;
  const why = `onnxruntime-node has no WebGPU provider for ${platform} on ${arch}`;
  throw new SluiceError('encoder-device-unavailable', { device: 'webgpu', why });
}

/** A failure to open a session, as `encoder-device-unavailable` when it is the device's and not the file's. */
export function deviceFault(thrown: unknown): unknown {
  const cause = thrown instanceof SluiceError ? thrown.cause : thrown;
  if (!(cause instanceof Error) || !NO_DEVICE.test(cause.message)) return thrown;
  // The runtime's source position stands before the last colon but one of its first line.
  const why = /(Failed to .*)/.exec(cause.message)?.[1] ?? cause.message;
  return new SluiceError('encoder-device-unavailable', { device: 'webgpu', why }, { cause });
}
