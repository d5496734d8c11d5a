import { cpus, totalmem } from 'node:os';
import type { Measurement, ScenarioResult } from './measurement.js';
import type { ProfileShare } from './profiler.js';

/** What the numbers were measured on. */
export function machine(): Readonly<Record<string, string | number>> {
  const cores = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

/** One result for people: its number, what else was counted, and what it is bound by. */
export function resultText(result: ScenarioResult): string {
  const head = `${result.id}  (${result.what})\n`;
  if ('skipped' in result) return `${head}  skipped: ${result.skipped}\n\n`;
  const { measurement } = result;
  const details = Object.entries(measurement.details).map(([name, value]) => `${name} ${shortNumber(value)}`);
  const lines = [
    `  ${shortNumber(measurement.value)} ${measurement.unit}`,
    `  ${details.join(', ')}`,
    ...(measurement.notes ?? []).map((note) => `  ${note}`),
    ...bottleneckLines(measurement),
  ];
  return `${head}${lines.map((line) => `${line}\n`).join('')}\n`;
}

function bottleneckLines({ profile, unit }: Measurement): string[] {
  if (!profile) return [];
  const of = unit === 'MiB' ? 'live JS heap' : 'busy time';
  return [
    `  bottleneck: ${profile.folders[0]?.where ?? 'unknown'}`,
    `  ${of} by part: ${shares(profile.folders)}`,
    ...(profile.functions === profile.folders ? [] : [`  ${of} by function: ${shares(profile.functions)}`]),
  ];
}

function shares(parts: readonly ProfileShare[]): string {
  return parts.map(({ where, share }) => `${where} ${(100 * share).toFixed(0)} %`).join(', ');
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(4)));
}
