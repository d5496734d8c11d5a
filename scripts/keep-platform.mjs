#!/usr/bin/env node
/**
 * Removes what onnxruntime-node ships for other platforms than this one (its package holds all of them) from a
 * node_modules folder, for images and archives.
 *
 *   node scripts/keep-platform.mjs [node_modules]
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argv, arch, platform } from 'node:process';

const bin = join(argv[2] ?? 'node_modules', 'onnxruntime-node', 'bin');
if (!existsSync(bin)) {
  process.stderr.write(`${bin} is not there: name the node_modules folder\n`);
  process.exit(1);
}
/** Folders in a folder. */
const foldersOf = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

for (const napi of foldersOf(bin)) {
  if (!existsSync(join(bin, napi, platform, arch))) {
    process.stderr.write(`onnxruntime-node has nothing for ${platform} on ${arch} in ${napi}; nothing was removed\n`);
    process.exit(1);
  }
  for (const one of foldersOf(join(bin, napi)))
    for (const processor of foldersOf(join(bin, napi, one)))
      if (one !== platform || processor !== arch) rmSync(join(bin, napi, one, processor), { recursive: true });
}
