// Writes the pages of docs/ that come from tables in the code. Run `npm run build` first.
import { writeFileSync } from 'node:fs';
import { generatedPages } from '../dist/cli/docs/index.js';

for (const { file, text } of generatedPages()) {
  writeFileSync(new URL(`../docs/${file}`, import.meta.url), text);
  console.error(`docs/${file}`);
}
