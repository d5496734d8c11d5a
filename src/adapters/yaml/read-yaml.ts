import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, isNode } from 'yaml';
import { SluiceError, messageOf } from '../../errors.js';

/** A place in a YAML document: keys of maps and indexes of lists, from the root. */
export type YamlPath = readonly PropertyKey[];

/** A syntax problem, at a line counted from 1. */
export interface YamlProblem {
  readonly line: number;
  readonly message: string;
}

/** A parsed document that still knows where everything stood. */
export interface YamlSource {
  readonly value: unknown;
  /** Syntax problems in file order; `value` is undefined when there are any. */
  readonly problems: readonly YamlProblem[];
  /** Line (from 1) of the deepest part of the path that is in the file. */
  lineOf(path: YamlPath): number;
}

/**
 * Parses YAML 1.2 (so JSON too) and keeps the line of every value. An empty document has the value null. Repeated keys
 * are problems, and so is more than one document. Never throws.
 */
export function parseYaml(text: string): YamlSource {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number): number => Math.max(1, lineCounter.linePos(offset).line);
  const lineOf = (path: YamlPath): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  const problems = document.errors.map((error) => ({ line: lineAt(error.pos[0]), message: error.message }));
  if (problems.length > 0) return { value: undefined, problems, lineOf };
  try {
    // The alias bound keeps a small file from growing into a huge value ("billion laughs").
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown, problems, lineOf };
  } catch (thrown) {
    return { value: undefined, problems: [{ line: 1, message: messageOf(thrown) }], lineOf };
  }
}

/**
 * Reads a YAML file with the lines of its values.
 * @throws SluiceError `file-unreadable`
 */
export function readYamlSource(path: string): YamlSource {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) }, { cause: thrown });
  }
  return parseYaml(text);
}

/**
 * Reads a YAML file as a plain value; an empty file is null.
 * @throws SluiceError `file-unreadable`; `config-invalid` with every syntax problem and its line
 */
export function readYaml(path: string): unknown {
  const source = readYamlSource(path);
  if (source.problems.length > 0) {
    throw new SluiceError('config-invalid', {
      problems: source.problems.map((problem) => `${path}, line ${problem.line}: ${problem.message}`).join('\n'),
    });
  }
  return source.value;
}
