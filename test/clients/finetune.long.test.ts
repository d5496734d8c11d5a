import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A Python that has PyTorch, which is larger than all other tools together: at a desk the test may go without, in CI not. */
function pythonWithTorch(): string | undefined {
  const python = process.env['SLUICE_TORCH_PYTHON'] ?? process.env['SLUICE_PYTHON'] ?? 'python3';
  const modules = 'torch, transformers, tokenizers, onnx, onnxruntime, pytest';
  try {
    execFileSync(python, ['-c', `import ${modules}`], { stdio: 'pipe' });
    return python;
  } catch (error) {
    // Who names one wants the test.
    if (process.env['SLUICE_TORCH_PYTHON'] !== undefined || process.env['CI'] === 'true') throw error;
    process.stderr.write(`skipped: ${python} cannot import ${modules} (set SLUICE_TORCH_PYTHON)\n`);
    return undefined;
  }
}

const python = pythonWithTorch();

describe.skipIf(python === undefined)('fine-tuning the encoder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-finetune-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a tiny one learns, stays calibrated, and Sluice embeds with the file, each text as in a batch', () => {
    const { status, stdout } = spawnSync(
      python!,
      ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--basetemp', join(folder, 'pytest'), 'tests/finetune'],
      {
        cwd: here('../../clients/python'),
        encoding: 'utf8',
        env: {
          ...process.env,
          PYTHONPATH: here('../../clients/python/src'),
          PYTHONDONTWRITEBYTECODE: '1',
          OMP_NUM_THREADS: '1',
          TUNED_ENCODER: join(folder, 'tuned'),
        },
      },
    );
    expect(status, stdout).toBe(0);
    const model = join(folder, 'tuned', 'model.onnx');
    const check = spawnSync(
      process.execPath,
      [
        here('../../dist/main.js'),
        'encoder',
        'check',
        model,
        '--languages',
        'en',
        '--format',
        'json',
        '--set',
        'encoder.maxTokens=16',
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    // Its words are made up, so English is unknown to it; what counts is that it loads and runs.
    const found = JSON.parse(check.stdout) as { readonly dimensions: number; readonly batchDifference: number };
    expect(found.dimensions).toBe(32);
    expect(found.batchDifference).toBeLessThan(1e-5);
  }, 600_000);
});
