// Bundles console/ into one page without a single reference to the outside: dist/console/index.html.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const ROOT = new URL('..', import.meta.url);
const at = (path) => new URL(path, ROOT);
/** More would be felt on a slow line to a far machine. */
const MOST_BYTES = 200_000;

const { outputFiles } = await build({
  entryPoints: [at('console/main.tsx').pathname],
  outdir: '/',
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  tsconfigRaw: {},
  logLevel: 'warning',
});
const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
// A function as the replacement: `$` in the code means nothing then.
const html = readFileSync(at('console/index.html'), 'utf8')
  .replace('<style></style>', () => `<style>${textOf('.css')}</style>`)
  .replace('<script></script>', () => `<script>${textOf('.js').replaceAll('</script', '<\\/script')}</script>`);
const bytes = Buffer.byteLength(html);
if (bytes > MOST_BYTES) throw new Error(`the console is ${bytes} bytes, at most ${MOST_BYTES} are allowed`);
mkdirSync(at('dist/console'), { recursive: true });
writeFileSync(at('dist/console/index.html'), html);
