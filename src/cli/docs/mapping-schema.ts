import { mappingJsonSchema } from '../../import/index.js';
import type { Page } from './page.js';

/** The mapping language for editors. */
export function mappingSchemaPage(): Page {
  return { file: '../schemas/mapping.schema.json', text: `${JSON.stringify(mappingJsonSchema(), null, 2)}\n` };
}
