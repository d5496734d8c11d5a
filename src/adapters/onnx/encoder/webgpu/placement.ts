import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../../../../errors.js';
import { openNetwork, type TokenBatch } from '../network.js';
import { onWebgpu } from './session.js';

/** One text of eight tokens. */
const PROBE: TokenBatch = { rows: 1, tokens: 8, ids: new BigInt64Array(8), mask: new BigInt64Array(8).fill(1n) };

/** What is read of an event of onnxruntime's profile. */
interface ProfileEvent {
  readonly args?: {
    readonly provider?: string;
    readonly op_name?: string;
    /** One entry an output: its type and shape. */
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/**
 * Runs the network once with onnxruntime's profile on and reads where each operator ran: the runtime moves an operator
 * that the device lacks to the CPU without a word. Masks, positions and shapes may stay there, that is, whatever has no
 * more numbers than tokens × tokens; token vectors may not.
 * Resolves with the name of the output that holds the token vectors.
 * Throws `encoder-not-on-device` with the operators, and what `openNetwork` throws.
 */
export async function checkPlacement(path: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-encoder-'));
  try {
    const network = await openNetwork(
      path,
      onWebgpu({ enableProfiling: true, profileFilePrefix: join(folder, 'run') }),
    );
    await network.run(PROBE);
    await network.dispose();
    const profiles = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const strays = [...new Set(profiles.flatMap((text) => straysOf(JSON.parse(text) as ProfileEvent[])))];
    if (profiles.length === 0 || strays.length > 0) {
      const operators = strays.join(', ') || '(the runtime wrote no profile)';
      throw new SluiceError('encoder-not-on-device', { path, device: 'webgpu', operators });
    }
    return network.output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Operators that made more than masks and positions outside the device, in the profile of {@link PROBE}. */
export function straysOf(profile: readonly ProfileEvent[]): string[] {
  const limit = PROBE.tokens * PROBE.tokens;
  return profile.flatMap(({ args }) => {
    if (args?.provider === undefined || args.provider === 'WebGpuExecutionProvider') return [];
    const sizes = (args.output_type_shape ?? []).flatMap((output) =>
      Object.values(output).map((shape) => shape.reduce((size, length) => size * length, 1)),
    );
    return sizes.some((size) => size > limit) ? [args.op_name ?? 'unknown'] : [];
  });
}
