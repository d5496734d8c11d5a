import { commandLinePage } from './command-line.js';
import { configSchemaPage, configurationPage } from './configuration.js';
import { eventSchemaPages } from './event-schemas.js';
import { errorsPage } from './errors.js';
import { metricsPage } from './metrics.js';
import type { Page } from './page.js';
import { mappingSchemaPage } from './mapping-schema.js';
import { recordsPage } from './records.js';

/** Every page that is made from a table of the code. */
export function generatedPages(): readonly Page[] {
  return [
    configurationPage(),
    configSchemaPage(),
    errorsPage(),
    metricsPage(),
    commandLinePage(),
    recordsPage(),
    mappingSchemaPage(),
    ...eventSchemaPages(),
  ];
}
