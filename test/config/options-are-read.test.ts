import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { listOptions } from '../../src/config/options.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Files that declare options or handle all of them alike; topic names and cross-checks act on theirs. */
const DECLARES = /^src\/config\/(?!topics\.ts|cross-checks\/)/;

/** Where a property was declared: `file:position`, as text. */
type Place = string;

const program = programOf('tsconfig.build.json');
const checker = program.getTypeChecker();

function programOf(name: string): ts.Program {
  const { config } = ts.readConfigFile(`${ROOT}${name}`, (path) => ts.sys.readFile(path)) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return ts.createProgram(fileNames, options);
}

function placesOf(symbol: ts.Symbol | undefined): readonly Place[] {
  return (symbol?.declarations ?? []).map(
    (declaration) => `${relative(ROOT, declaration.getSourceFile().fileName)}:${declaration.getStart()}`,
  );
}

/** Every option with the place in the schema that declares it. */
function declared(): ReadonlyMap<string, readonly Place[]> {
  const schema = program.getSourceFile(`${ROOT}src/config/schema.ts`)!;
  const config = checker
    .getExportsOfModule(checker.getSymbolAtLocation(schema)!)
    .find(({ name }) => name === 'Config')!;
  const type = checker.getDeclaredTypeOfSymbol(config);
  return new Map(
    listOptions().map(({ path }) => {
      const symbol = path.split('.').reduce<[ts.Type, ts.Symbol | undefined]>(
        ([at], name) => {
          const property = checker.getNonNullableType(at).getProperty(name);
          return [property ? checker.getTypeOfSymbol(property) : at, property];
        },
        [type, undefined],
      )[1];
      return [path, placesOf(symbol)];
    }),
  );
}

/**
 * What code other than the schema's own reads, as the type checker sees it: property accesses and destructured names. A value of
 * the config that is handed whole to something of another type (a parameter, a spread into an argument) is read where that
 * type's property of the same name is read.
 */
function read(): ReadonlySet<Place> {
  const found = new Set<Place>();
  /** Property of a receiving type → properties of the values it was given. */
  const givenBy = new Map<Place, Set<Place>>();

  const link = (given: ts.Type, taken: ts.Type | undefined): void => {
    if (!taken || given === taken) return;
    for (const property of checker.getNonNullableType(taken).getProperties()) {
      const sources = placesOf(checker.getNonNullableType(given).getProperty(property.name));
      for (const place of placesOf(property)) {
        if (sources.includes(place)) continue;
        let known = givenBy.get(place);
        if (!known) givenBy.set(place, (known = new Set()));
        for (const source of sources) known.add(source);
      }
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      for (const place of placesOf(checker.getSymbolAtLocation(node.name))) found.add(place);
    } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = (node.propertyName ?? node.name).getText();
      for (const place of placesOf(checker.getTypeAtLocation(node.parent).getProperty(name))) found.add(place);
    }
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) {
      const { parent } = node;
      if (ts.isSpreadAssignment(parent))
        link(checker.getTypeAtLocation(node), checker.getContextualType(parent.parent));
      else if (ts.isShorthandPropertyAssignment(parent)) {
        const property = checker.getContextualType(parent.parent)?.getProperty(node.getText());
        if (property) link(checker.getTypeAtLocation(node), checker.getTypeOfSymbol(property));
      } else link(checker.getTypeAtLocation(node), checker.getContextualType(node));
    }
    ts.forEachChild(node, visit);
  };
  for (const source of program.getSourceFiles()) {
    const where = relative(ROOT, source.fileName);
    if (where.startsWith('src/') && !DECLARES.test(where)) visit(source);
  }
  const toFollow = [...found];
  for (let place = toFollow.pop(); place !== undefined; place = toFollow.pop()) {
    for (const source of givenBy.get(place) ?? []) {
      if (!found.has(source)) toFollow.push(source);
      found.add(source);
    }
  }
  return found;
}

describe('options', () => {
  it('every option is read by code that acts on it', () => {
    const places = read();
    const options = declared();
    expect([...options].filter(([, declarations]) => declarations.length === 0).map(([path]) => path)).toEqual([]);
    const unread = [...options].filter(([, declarations]) => !declarations.some((place) => places.has(place)));
    expect(unread.map(([path]) => path)).toEqual([]);
  });
});
