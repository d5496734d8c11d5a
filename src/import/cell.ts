import { parseExactJson } from '../events/exact-json.js';

/**
 * What JSON in a cell holds, when it is an array or object; any other text is itself. Lists and dictionaries as Python
 * prints them (`['a', 'b']`) are read too.
 */
export function parseCell(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  for (const json of [text, fromPython(text)]) {
    try {
      return parseExactJson(json);
    } catch {
      // Not in this notation.
    }
  }
  return text;
}

const PYTHON_TOKEN = /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(?:None|True|False|nan)\b/gs;
const PYTHON_WORDS: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false', nan: 'null' };

/** Python's notation as JSON: texts in single quotes, other words for the constants. */
function fromPython(text: string): string {
  return text.replace(PYTHON_TOKEN, (token, single: string | undefined) => {
    if (single === undefined) return PYTHON_WORDS[token] ?? token;
    return JSON.stringify(single.replace(/\\(['"\\])/g, '$1'));
  });
}
