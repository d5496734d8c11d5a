import { parseYaml, readYamlSource, type YamlSource } from '../adapters/yaml/index.js';
import { SluiceError } from '../errors.js';
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
    result.error.issues.map(
      ({ path: place, message }) =>
        `line ${source.lineOf(place)}: ${place.length > 0 ? `${place.join('.')}: ` : ''}${message}`,
    ),
  );
}
