import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What the build made of `console/`; the place is the same from src/ and from dist/. */
const PAGE_FILE = new URL('../../../dist/console/index.html', import.meta.url);

/** The page and the headers that go with all of the console. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the built page. Its own script and style are named by their hashes: nothing else may run, load or be sent to. */
export function readPage(): Page {
  const html = pageText();
  const hashes = (tag: string): string =>
    [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))]
      .map(([, text]) => `'sha256-${createHash('sha256').update(text!).digest('base64')}'`)
      .join(' ');
  const policy = [
    "default-src 'none'",
    `script-src ${hashes('script') || "'none'"}`,
    `style-src ${hashes('style') || "'none'"}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    html,
    headers: {
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    },
  };
}

function pageText(): string {
  try {
    return readFileSync(PAGE_FILE, 'utf8');
  } catch {
    return '<!doctype html><title>Sluice</title><p>The page is not built: run <code>npm run build</code>. The numbers are under <code>/api</code>.</p>';
  }
}
