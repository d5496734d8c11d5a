import { parseYaml, readYamlSource, type YamlSource } from '../adapters/yaml/index.js';
import { suggestion } from '../config/nearest.js';
import { SluiceError } from '../errors.js';
import { mappingKeys } from './mapping-json-schema.js';
import { mappingSchema, type Mapping } from './mapping-schema.js';

/**
 * Reads and checks a mapping file.
 * @throws SluiceError `file-unreadable`; `mapping-invalid` with all problems at once, each with line and path
 */
export function loadMapping(path: string): Mapping {
  return checked(readYamlSource(path), path);
}

/** Checks a mapping given as text; `name` stands for the file in messages. Throws as {@link loadMapping}. */
export function parseMapping(text: string, name = 'mapping'): Mapping {
  return checked(parseYaml(text), name);
}

function checked(source: YamlSource, path: string): Mapping {
  const fail = (problems: readonly string[]): never => {
    throw new SluiceError('mapping-invalid', { path, problems: problems.join('; ') });
  };
  if (source.problems.length > 0) return fail(source.problems.map(({ line, message }) => `line ${line}: ${message}`));
  const result = mappingSchema.safeParse(source.value ?? {});
  if (result.success) return result.data;
  return fail(
    result.error.issues.map((issue) => {
      const place = asWritten(issue.path, source.value);
      const name = place.length > 0 ? `${place.join('.')}: ` : '';
      return `line ${source.lineOf(place)}: ${name}${issue.message}${issue.code === 'unrecognized_keys' ? nearestKeys(issue.keys) : ''}`;
    }),
  );
}

/** The path in the file: one rule for lists need not stand in a list. */
function asWritten(path: readonly PropertyKey[], value: unknown): readonly PropertyKey[] {
  const isSingle = path[0] === 'impressions' && !Array.isArray((value as Record<string, unknown>)['impressions']);
  return isSingle && path[1] === 0 ? ['impressions', ...path.slice(2)] : path;
}

function nearestKeys(keys: readonly string[]): string {
  const known = mappingKeys();
  return keys.map((key) => suggestion(key, known)).join('');
}
