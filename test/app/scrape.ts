import { METRICS } from '../../src/observe/metric-names.js';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What `/metrics` answered: the samples of Sluice, without those of the runtime. */
export class Scrape {
  private readonly samples: readonly Sample[];

  /** @param text in the Prometheus text format */
  constructor(readonly text: string) {
    this.samples = text
      .split('\n')
      .filter((line) => line.startsWith('sluice_'))
      .map((line) => {
        const [, name, labels, value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
        const pairs = [...(labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [
          label!,
          text!,
        ]);
        return { name: name!, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
      });
  }

  /** Names of metrics; a histogram's three are one. */
  names(): string[] {
    return [...new Set(this.samples.map(({ name }) => familyOf(name)))];
  }

  has(metric: string): boolean {
    return this.samples.some(({ name }) => familyOf(name) === metric);
  }

  isNonZero(metric: string): boolean {
    return this.samples.some(({ name, value }) => familyOf(name) === metric && value !== 0);
  }

  /** Σ over the series with these labels; 0 without one. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.of(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** How many series there are. */
  count(name: string): number {
    return this.of(name, {}).length;
  }

  /** Values that a label has anywhere, in order. */
  values(label: string): string[] {
    return [...new Set(this.samples.flatMap(({ labels }) => labels[label] ?? []))].sort();
  }

  private of(wanted: string, labels: Readonly<Record<string, string>>): readonly Sample[] {
    const asked = Object.entries(labels);
    return this.samples.filter(
      (sample) => sample.name === wanted && asked.every(([label, value]) => sample.labels[label] === value),
    );
  }
}

function familyOf(name: string): string {
  return Object.hasOwn(METRICS, name) ? name : name.replace(/_(bucket|sum|count)$/, '');
}
