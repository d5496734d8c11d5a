export {
  createSchemaRegistry,
  type RegistrySchema,
  type SchemaRegistry,
  type SchemaRegistryOptions,
} from './schema-registry.js';
export { basicAuthorization } from './authorization.js';
