import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runNode } from './child-process.js';
import type { Measurement } from './measurement.js';

const PROGRAM = fileURLToPath(new URL('../../../test/bench/encoder.mjs', import.meta.url));

/** Why there is no measurement. */
export interface Skipped {
  readonly skipped: string;
}

/** Runs `test/bench/encoder.mjs`, which times both encoders in turns, and reads its lines. */
export async function measureEncoder(textCount: number, signal: AbortSignal): Promise<Measurement | Skipped> {
  if (!existsSync(PROGRAM)) return { skipped: 'test/bench/encoder.mjs is not part of this installation' };
  const { stdout, stderr, status } = await runNode([PROGRAM, String(textCount)], signal);
  if (status !== 0) return { skipped: `test/bench/encoder.mjs ended with ${status}: ${lastLine(stderr)}` };
  return readEncoderLines(stdout);
}

/** The numbers in the program's lines; those of Python are missing when it was not there. */
export function readEncoderLines(text: string): Measurement {
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const named = {
    sluiceOneThread: number(/^Sluice, 1 thread\(s\): (\d+)/m),
    sluiceTwoThreads: number(/^Sluice, 2 thread\(s\): (\d+)/m),
    pythonOneThread: number(/^Python, 1 thread\(s\): (\d+)/m),
    pythonTwoThreads: number(/^Python, 2 thread\(s\): (\d+)/m),
    cosineToPython: number(/^cosine to Python on the same file: ([\d.]+)/m),
  };
  const tokenizer = number(/^tokenizer alone: ([\d.]+)/m) ?? 0;
  const network = number(/^network alone: ([\d.]+)/m) ?? 0;
  const total = 1e6 / (named.sluiceOneThread ?? Number.NaN);
  const shares = [
    { where: 'onnxruntime (network)', share: network / total },
    { where: 'tokenizer', share: tokenizer / total },
    { where: 'messages, pooling and the rest', share: Math.max(0, 1 - (network + tokenizer) / total) },
  ];
  const details = Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
  return {
    value: named.sluiceTwoThreads ?? Number.NaN,
    unit: 'texts/s',
    details,
    profile: { folders: shares, functions: shares },
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
