import { COUNTERS, INPUTS, OUTPUTS } from '../../ports/transport.js';
import { tableFieldOf } from '../../events/table-field.js';
import { declaredPaths } from '../declared-schema.js';
import { suggestion } from '../nearest.js';
import type { Config } from '../schema.js';
import { topicNames } from '../topics.js';
import type { CrossCheck } from './cross-check.js';

/** Paths that name fields of tables, with the option that has each. */
function namedFields({ features, output }: Config): readonly { readonly table: string; readonly path: string }[] {
  const paths = [...features.declared.flatMap(declaredPaths), ...output.carry];
  return paths.flatMap((path) => {
    const of = tableFieldOf(path);
    return of ? [{ table: of.table, path }] : [];
  });
}

/** What does not fit among the tables, and between them and what uses them. */
export const TABLE_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'error',
    paths: ['tables', 'features.declared', 'output.carry'],
    finding(config) {
      const names = config.tables.map(({ name }) => name);
      const unknown = namedFields(config).filter(({ table }) => !names.includes(table));
      if (unknown.length === 0) return null;
      return unknown
        .map(({ table, path }) => `${path}: there is no table ${table}.${suggestion(table, names)}`)
        .join(' ');
    },
    remedies: ['declare the table in tables', 'correct its name in the path, tables.NAME.field'],
  },
  {
    severity: 'error',
    paths: ['tables', 'topics.names'],
    finding({ tables, topics }) {
      const names = tables.map(({ name }) => name);
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice !== undefined) return `two tables are named ${twice}`;
      const keyless = tables.find(({ from, rowKey }) => 'file' in from && rowKey === undefined);
      if (keyless) return `${keyless.name}: a file needs rowKey, the field with the key of a row`;
      const own = new Set(([...INPUTS, ...OUTPUTS, COUNTERS] as const).flatMap((role) => topicNames(topics, role)));
      const taken = tables.find(({ from }) => 'topic' in from && own.has(from.topic));
      return taken ? `${taken.name}: its topic is one of the stream's own` : null;
    },
    remedies: ['give every table a name and a topic or file of its own', 'set rowKey'],
  },
];
