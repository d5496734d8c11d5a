export {
  createSchemaRegistry,
  type RegistrySchema,
  type SchemaRegistry,
  type SchemaRegistryOptions,
  type SubjectSchema,
} from './schema-registry.js';
export { registryAccess } from './access.js';
