import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Files under `folder` (relative to the repository) whose names end in one of `endings`, as paths from the root. */
export function filesUnder(folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && statSync(join(ROOT, path)).isFile())
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Text without fenced blocks, where brackets and hashes mean something else. */
export function prose(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '');
}

/** Anchors GitHub makes of the headings of a page. */
export function anchorsOf(text: string): ReadonlySet<string> {
  return new Set(
    [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

/** What is wrong with a link written in `page`; undefined when file and anchor exist. Addresses elsewhere are not followed. */
export function brokenLink(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, file))) return `${page}: no file ${target}`;
  if (anchor === undefined || anchor === '') return undefined;
  return anchorsOf(textOf(file)).has(anchor) ? undefined : `${page}: no heading ${target}`;
}
