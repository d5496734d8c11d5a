import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The Python to hold things against, or undefined with the reason printed when it lacks a module. Under CI=true a missing
 * module is an error instead.
 */
export function pythonWith(...modules: readonly string[]): string | undefined {
  const python = process.env['SLUICE_PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', modules.map((module) => `import ${module}`).join('; ')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return python;
  } catch (error) {
    const reason = `${python} cannot import ${modules.join(', ')}`;
    if (process.env['CI'] === 'true') throw new Error(reason, { cause: error });
    process.stderr.write(`skipped: ${reason} (set SLUICE_PYTHON)\n`);
    return undefined;
  }
}

/** Runs a script in a folder of its own with the given files; returns the float32 arrays it leaves, by file name. */
export function runPython(
  python: string,
  script: string,
  files: Readonly<Record<string, ArrayBufferView>>,
  outputs: readonly string[],
): Readonly<Record<string, Float32Array>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-python-'));
  try {
    for (const [name, bytes] of Object.entries(files))
      writeFileSync(join(folder, name), new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    execFileSync(python, ['-c', script], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
    return Object.fromEntries(
      outputs.map((name) => [name, new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer)]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
