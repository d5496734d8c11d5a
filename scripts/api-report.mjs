#!/usr/bin/env node
/**
 * Writes docs/reference/api.d.ts: everything that programs of others may import from the package, with every type that it
 * is made of, out of the built declarations. A change of it shows in review; `--check` ends with 1 where the file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FILE = `${ROOT}docs/reference/api.d.ts`;
const ENTRIES = { sluice: 'dist/api/index.d.ts', 'sluice/samples': 'dist/client/index.d.ts' };

const HEAD = `/**
 * What programs of others may import from this package, and every type that it is made of. What is not here may change with
 * any release; what is here changes as semantic versions say. Made by scripts/api-report.mjs from a build: do not edit.
 */
`;

function report() {
  const program = ts.createProgram(
    Object.values(ENTRIES).map((file) => ROOT + file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();
  const isOurs = (node) => node.getSourceFile().fileName.startsWith(`${ROOT}dist/`);
  const real = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

  /** Names that a declaration speaks of, and what they stand for. */
  function* spokenOf(node) {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) yield real(symbol);
    }
    for (const child of node.getChildren()) yield* spokenOf(child);
  }
  const statementOf = (declaration) => {
    let node = declaration;
    while (node.parent && !ts.isSourceFile(node.parent)) node = node.parent;
    return node;
  };
  const textOf = (statement) =>
    statement
      .getFullText()
      .trim()
      .replace(/^(\/\*\*.*?\*\/\s*)?export (declare )?/s, '$1$2');

  const parts = Object.entries(ENTRIES).map(([name, file]) => {
    const source = program.getSourceFile(ROOT + file);
    if (!source) throw new Error(`${file} is not there: run npm run build`);
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map(real);
    const queue = [...exported];
    const seen = new Set();
    const inside = new Map();
    const outside = new Map();
    while (queue.length > 0) {
      const symbol = queue.shift();
      if (seen.has(symbol)) continue;
      seen.add(symbol);
      for (const declaration of symbol.declarations ?? []) {
        const statement = statementOf(declaration);
        if (!isOurs(statement) || statement === declaration.getSourceFile() || ts.isImportDeclaration(statement))
          continue;
        const isTop = statement === declaration || ts.isVariableDeclaration(declaration);
        if (!isTop) continue;
        (exported.includes(symbol) ? inside : outside).set(symbol.name, textOf(statement));
        queue.push(...spokenOf(statement));
      }
    }
    const block = (texts) =>
      [...texts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, text]) => text)
        .join('\n\n');
    return `// ==== from '${name}' ====\n\n${block(inside)}\n\n// ---- what these are made of ----\n\n${block(outside)}\n`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

/** TypeScript gives the members of a computed type in an order that depends on what it checked before. */
const unordered = (text) => text.split('\n').sort().join('\n');

const made = report();
if (process.argv.includes('--check')) {
  const kept = readFileSync(FILE, 'utf8');
  if (unordered(kept) !== unordered(made)) {
    const lines = new Set(kept.split('\n'));
    const line = made.split('\n').find((one) => !lines.has(one)) ?? 'something that is no longer there';
    console.error(`docs/reference/api.d.ts is stale, the public API has changed: ${line.trim()}`);
    console.error('Run node scripts/api-report.mjs, and say in CHANGELOG.md what changed for whoever imports it.');
    process.exitCode = 1;
  }
} else writeFileSync(FILE, made);
