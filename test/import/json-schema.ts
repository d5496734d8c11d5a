type Schema = Record<string, unknown>;

/** A validator of the parts of JSON Schema that the mapping's schema uses; throws on any other. */
export function isValid(root: Schema, value: unknown): boolean {
  const check = (schema: Schema | boolean, given: unknown): boolean => {
    if (typeof schema === 'boolean') return schema;
    return Object.entries(schema).every(([keyword, rule]) => holds(keyword, rule, schema, given));
  };
  const holds = (keyword: string, rule: unknown, schema: Schema, given: unknown): boolean => {
    const object = typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Schema) : undefined;
    switch (keyword) {
      case '$ref': {
        const target = (rule as string)
          .replace(/^#\/?/, '')
          .split('/')
          .filter((step) => step !== '');
        return check(target.reduce<unknown>((found, step) => (found as Schema)[step], root) as Schema, given);
      }
      case 'type':
        return [rule].flat().some((type) => isOfType(type as string, given));
      case 'properties':
        return Object.entries(rule as Schema).every(
          ([name, of]) => object?.[name] === undefined || check(of as Schema, object[name]),
        );
      case 'additionalProperties': {
        const known = Object.keys((schema['properties'] ?? {}) as Schema);
        return Object.entries(object ?? {}).every(
          ([name, of]) => known.includes(name) || check(rule as Schema | boolean, of),
        );
      }
      case 'propertyNames':
        return Object.keys(object ?? {}).every((name) => check(rule as Schema, name));
      case 'required':
        return object === undefined || (rule as string[]).every((name) => name in object);
      case 'items':
        return !Array.isArray(given) || given.every((one) => check(rule as Schema, one));
      case 'anyOf':
        return (rule as Schema[]).some((one) => check(one, given));
      case 'allOf':
        return (rule as Schema[]).every((one) => check(one, given));
      case 'enum':
        return (rule as unknown[]).includes(given);
      case 'const':
        return rule === given;
      case 'minLength':
        return typeof given !== 'string' || given.length >= (rule as number);
      case 'maxLength':
        return typeof given !== 'string' || given.length <= (rule as number);
      case 'pattern':
        return typeof given !== 'string' || new RegExp(rule as string, 'u').test(given);
      case 'minItems':
        return !Array.isArray(given) || given.length >= (rule as number);
      case 'minimum':
        return typeof given !== 'number' || given >= (rule as number);
      case 'maximum':
        return typeof given !== 'number' || given <= (rule as number);
      case 'exclusiveMinimum':
        return typeof given !== 'number' || given > (rule as number);
      case '$schema':
      case '$id':
      case '$defs':
      case 'definitions':
      case 'title':
      case 'description':
      case 'default':
      case 'examples':
      case 'format':
      case 'id':
        return true;
      default:
        throw new Error(`the validator of the tests does not know ${keyword}`);
    }
  };
  return check(root, value);
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
