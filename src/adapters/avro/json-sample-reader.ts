import { isUtf8 } from 'node:buffer';
import type { TrainingSample } from '../../events/words.js';
import { jsonFloatsReader } from './json-floats.js';
import { typeSampleArrays } from './json-sample.js';
import type { Fields } from './keep-unknown.js';

const FEATURES = Buffer.from('"features":');
/** Stands in the text where the features were. Nobody writes it. */
const READ_ALREADY = '-0';

/**
 * Makes a reader of samples as Sluice writes them: the features, most of the bytes, are read by hand, the rest by the
 * engine. undefined for every other message, JSON or not: it is the whole parser's.
 */
export function jsonSampleReader(): (value: Uint8Array) => TrainingSample | undefined {
  const readFloats = jsonFloatsReader();
  return (value) => {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const key = bytes.indexOf(FEATURES);
    if (key < 0 || !isUtf8(value)) return undefined;
    const start = key + FEATURES.length;
    const features = readFloats(bytes, start);
    if (!features) return undefined;
    const record = parsed(bytes.toString('utf8', 0, start) + READ_ALREADY + bytes.toString('utf8', features.end));
    // Else it was another field of that name: inside a nested object, or given twice.
    if (!Object.is(record?.['features'], -0)) return undefined;
    record!['features'] = features.floats;
    typeSampleArrays(record!);
    return record as unknown as TrainingSample;
  };
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
