import perfHooks from 'node:perf_hooks';
import { describe, expect, test, vi } from 'vitest';
import { createPrometheusMetrics } from '../../../src/adapters/prometheus/index.js';
import { METRICS } from '../../../src/observe/metric-names.js';

describe('Prometheus metrics', () => {
  test('show every declared metric with its help and type', async () => {
    const metrics = createPrometheusMetrics({ processMetrics: false });
    const { body, contentType } = await metrics.render();
    expect(contentType).toContain('text/plain');
    for (const [name, entry] of Object.entries(METRICS)) expect(body).toContain(`# TYPE ${name} ${entry.type}`);
  });

  test('add counts, keep the last gauge and bucket durations, by label', async () => {
    const metrics = createPrometheusMetrics({ processMetrics: false });
    metrics.count('sluice_dead_letters_total', 2, { code: 'undecodable', stage: 'decode' });
    metrics.count('sluice_dead_letters_total', 3, { code: 'undecodable', stage: 'decode' });
    metrics.gauge('sluice_open_impressions', 5, { partition: '0' });
    metrics.gauge('sluice_open_impressions', 4, { partition: '0' });
    metrics.observe('sluice_commit_seconds', 0.02);
    const { body } = await metrics.render();
    expect(body).toContain('sluice_dead_letters_total{code="undecodable",stage="decode"} 5');
    expect(body).toContain('sluice_open_impressions{partition="0"} 4');
    expect(body).toContain('sluice_commit_seconds_bucket{le="0.025"} 1');
    expect(body).toContain('sluice_commit_seconds_bucket{le="0.01"} 0');
  });

  test('look at the lag of the event loop ten times a second, for each look wakes an idle process', () => {
    const monitor = vi.spyOn(perfHooks, 'monitorEventLoopDelay');
    createPrometheusMetrics().close();
    expect(monitor.mock.calls).toEqual([[{ resolution: 100 }]]);
    monitor.mockRestore();
  });

  test('two in one process do not meet', async () => {
    const left = createPrometheusMetrics();
    const right = createPrometheusMetrics();
    left.count('sluice_restored_records_total', 9);
    expect((await right.render()).body).toContain('sluice_restored_records_total 0');
    expect((await right.render()).body).toContain('process_cpu_seconds_total');
    left.close();
    right.close();
  });

  test('counters and histograms begin at 0 for every label set they begin with, and gauges have no value before their first', async () => {
    const metrics = createPrometheusMetrics({ processMetrics: false });
    const { body } = await metrics.render();
    for (const fate of ['kept', 'audit', 'dropped']) expect(body).toContain(`sluice_samples_total{fate="${fate}"} 0`);
    expect(body).toContain('sluice_dead_letters_total{code="undecodable",stage="decode"} 0');
    expect(body).not.toContain('sluice_dead_letters_total{code="late-impression",stage="decode"}');
    expect(body).toContain('sluice_commit_seconds_count 0');
    expect(body).not.toMatch(/^sluice_partitions /m);
    metrics.gauge('sluice_partitions', 0);
    expect((await metrics.render()).body).toContain('sluice_partitions 0');
  });

  test('what was forgotten is gone until it is recorded again, and nothing else is', async () => {
    const metrics = createPrometheusMetrics({ processMetrics: false });
    const shown = async (): Promise<string[]> =>
      (await metrics.render()).body
        .split('\n')
        .filter((line) => /^sluice_(open|input_lag_records|partitions)/.test(line));
    metrics.gauge('sluice_partitions', 2);
    for (const partition of ['1', '10']) {
      metrics.gauge('sluice_open_impressions', 5, { partition });
      metrics.gauge('sluice_input_lag_records', 4, { topic: 'impressions', partition });
    }
    metrics.forget({ partition: '1' });
    const rest = [
      'sluice_input_lag_records{topic="impressions",partition="10"} 4',
      'sluice_open_impressions{partition="10"} 5',
      'sluice_partitions 2',
    ];
    expect((await shown()).sort()).toEqual(rest);
    metrics.forget({ partition: '1' });
    metrics.gauge('sluice_open_impressions', 6, { partition: '1' });
    expect((await shown()).sort()).toEqual([...rest, 'sluice_open_impressions{partition="1"} 6'].sort());
  });

  test('what the table does not allow is told and dropped', async () => {
    const faults: string[] = [];
    const metrics = createPrometheusMetrics({ processMetrics: false, onFault: (message) => faults.push(message) });
    metrics.count('sluice_unheard_of_total', 1);
    metrics.gauge('sluice_samples_total', 1);
    metrics.count('sluice_samples_total', 1, { colour: 'blue' });
    metrics.count('sluice_samples_total', 1, { fate: 'sold' });
    metrics.count('sluice_restored_records_total', -1);
    expect(faults).toHaveLength(5);
    expect((await metrics.render()).body).toContain('sluice_restored_records_total 0');
  });
});
