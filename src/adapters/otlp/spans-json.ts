import type { UnitTrace } from '../../ports/traces.js';
import { attributes, nanoseconds } from './json.js';

/** SPAN_KIND_INTERNAL and SPAN_KIND_CONSUMER. */
const INTERNAL = 1;
const CONSUMER = 5;
/** STATUS_CODE_ERROR */
const ERROR = 2;
/** W3C trace context: version, trace, span, flags. */
const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;

/**
 * A unit of work in OTLP's form: one span, in it one for each stage; messages that came with a trace of their own are linked.
 * @param hexId a fresh id of so many hex digits
 */
export function spansJson(unit: UnitTrace, hexId: (digits: 16 | 32) => string): readonly object[] {
  const { partition, error, stages, inputs, parents } = unit;
  const [first, last] = [stages[0]!, stages.at(-1)!];
  const traceId = hexId(32);
  const spanId = hexId(16);
  const status = error === null ? {} : { status: { code: ERROR, message: error } };
  const endMs = Math.max(...stages.map((stage) => stage.endMs));
  const whole = {
    traceId,
    spanId,
    name: 'unit of work',
    kind: CONSUMER,
    startTimeUnixNano: nanoseconds(first.startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributes({
      'sluice.partition': partition,
      ...Object.fromEntries(
        Object.entries(inputs).flatMap(([input, { records, firstOffset, lastOffset }]) => [
          [`sluice.${input}.records`, records],
          [`sluice.${input}.offset.first`, firstOffset],
          [`sluice.${input}.offset.last`, lastOffset],
        ]),
      ),
      'error.type': error ?? undefined,
    }),
    links: parents.flatMap((parent) => {
      const [, linkedTrace, linkedSpan] = TRACE_PARENT.exec(parent) ?? [];
      return linkedTrace === undefined ? [] : [{ traceId: linkedTrace, spanId: linkedSpan }];
    }),
    ...status,
  };
  const parts = stages.map((stage) => ({
    traceId,
    spanId: hexId(16),
    parentSpanId: spanId,
    name: stage.stage,
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(stage.startMs),
    endTimeUnixNano: nanoseconds(stage.endMs),
    attributes: attributes({
      'sluice.records.in': stage.in,
      'sluice.records.out': stage.out,
      'sluice.records.refused': stage.refused,
      'sluice.parts': stage.parts,
      'sluice.busy_seconds': stage.busyMs / 1000,
    }),
    ...(stage === last ? status : {}),
  }));
  return [whole, ...parts];
}
