import { parseExactJson } from '../../events/exact-json.js';

/** The events of a request body, or what stands in their place: at `fault` it cannot be read. */
export interface BodyEvent {
  readonly value: unknown;
  readonly fault?: string;
}

/** Reads a body: one JSON object, an array of them, or one a line. Blank lines are left out. */
export function readBody(body: Uint8Array): readonly BodyEvent[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return [{ value: undefined, fault: 'it is not UTF-8' }];
  }
  const whole = parsed(text);
  if (whole.fault === undefined) return Array.isArray(whole.value) ? whole.value.map((value) => ({ value })) : [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map(parsed);
}

function parsed(text: string): BodyEvent {
  try {
    return { value: parseExactJson(text) };
  } catch (thrown) {
    return { value: undefined, fault: `it is not JSON: ${(thrown as Error).message}` };
  }
}
