// Compiles the AssemblyScript sources to WebAssembly, beside the JavaScript that tsc writes.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const SOURCES = ['adapters/onnx/trees/leaf-sums'];
const OPTIONS = '--runtime stub --enable simd -O3 --importMemory --noAssert'.split(' ');
const root = fileURLToPath(new URL('..', import.meta.url));

process.chdir(root);
for (const name of SOURCES) {
  const [source, target] = [`src/${name}.as.ts`, `dist/${name}.wasm`];
  if (changedMs(target) > changedMs(source)) continue;
  mkdirSync(dirname(target), { recursive: true });
  const { error, stderr } = await main([source, '--outFile', target, ...OPTIONS]);
  if (!error) continue;
  process.stderr.write(stderr.toString());
  process.exit(1);
}

function changedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
