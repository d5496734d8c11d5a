import { describe, expect, it } from 'vitest';
import { straysOf } from '../../../../../src/adapters/onnx/encoder/webgpu/placement.js';

const event = (provider: string, operator: string, ...shapes: readonly (readonly number[])[]) => ({
  args: { provider, op_name: operator, output_type_shape: shapes.map((shape) => ({ float: shape })) },
});

describe('operators outside the device', () => {
  it('that make masks and positions are let pass', () => {
    const profile = [
      event('CPUExecutionProvider', 'Cast', [1, 1, 1, 8]),
      event('CPUExecutionProvider', 'Expand', [1, 1, 8, 8]),
      event('CPUExecutionProvider', 'Shape', [2]),
      event('WebGpuExecutionProvider', 'MatMul', [1, 8, 384]),
      { args: {} },
      {},
    ];
    expect(straysOf(profile)).toEqual([]);
  });

  it('that make token vectors are named', () => {
    const profile = [
      event('CPUExecutionProvider', 'DynamicQuantizeLinear', [1, 8, 384], [], []),
      event('CPUExecutionProvider', 'MatMulInteger', [1, 8, 384]),
    ];
    expect(straysOf(profile)).toEqual(['DynamicQuantizeLinear', 'MatMulInteger']);
  });
});
