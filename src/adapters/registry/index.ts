export {
  createSchemaRegistry,
  type RegistrySchema,
  type SchemaRegistry,
  type SchemaRegistryOptions,
} from './schema-registry.js';
export { registryAccess } from './access.js';
