import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/**
 * A collector as far as Sluice needs one: takes OTLP/JSON, and refuses with 400 whatever opentelemetry-proto 1.x does not know
 * in its JSON form (unknown fields, numbers where 64 bits are texts, ids that are no hex).
 */
export interface Collector {
  readonly url: string;
  readonly port: number;
  readonly spans: Span[];
  /** Of the newest request. */
  readonly metrics: () => readonly Metric[];
  readonly resource: () => Readonly<Record<string, string | number>>;
  readonly headers: IncomingHttpHeaders[];
  /** Paths, in order. */
  readonly asked: string[];
  /** What was refused, and why. */
  readonly refused: string[];
  close(): Promise<void>;
}

const keyValue = z.strictObject({
  key: z.string(),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ doubleValue: z.number() }),
  ]),
});
const fixed64 = z.string().regex(/^\d+$/);
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
const traceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/);
const spanId = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/);
const resource = z.strictObject({ attributes: z.array(keyValue) });
const scope = z.strictObject({ name: z.string() });
const span = z.strictObject({
  traceId,
  spanId,
  parentSpanId: spanId.optional(),
  name: z.string(),
  kind: z.number().int().min(1).max(5),
  startTimeUnixNano: fixed64,
  endTimeUnixNano: fixed64,
  attributes: z.array(keyValue),
  links: z.array(z.strictObject({ traceId, spanId })).optional(),
  status: z.strictObject({ code: z.number().int().min(0).max(2), message: z.string() }).optional(),
});
const times = { startTimeUnixNano: fixed64, timeUnixNano: fixed64 };
const number = z.strictObject({ attributes: z.array(keyValue), asDouble: double, ...times });
const histogram = z.strictObject({
  attributes: z.array(keyValue),
  count: fixed64,
  sum: double,
  bucketCounts: z.array(fixed64),
  explicitBounds: z.array(z.number()),
  ...times,
});
const metric = z.strictObject({
  name: z.string(),
  description: z.string(),
  sum: z
    .strictObject({
      aggregationTemporality: z.literal(2),
      isMonotonic: z.boolean(),
      dataPoints: z.array(number),
    })
    .optional(),
  gauge: z.strictObject({ dataPoints: z.array(number) }).optional(),
  histogram: z.strictObject({ aggregationTemporality: z.literal(2), dataPoints: z.array(histogram) }).optional(),
});
const traces = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({ resource, scopeSpans: z.array(z.strictObject({ scope, spans: z.array(span) })) }),
  ),
});
const metrics = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({ resource, scopeMetrics: z.array(z.strictObject({ scope, metrics: z.array(metric) })) }),
  ),
});

export type Metric = z.output<typeof metric>;
export type Span = Omit<z.output<typeof span>, 'attributes'> & {
  readonly attributes: Readonly<Record<string, string | number>>;
};

export function plain(list: readonly z.output<typeof keyValue>[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    list.map(({ key, value }) => [
      key,
      'stringValue' in value ? value.stringValue : Number('intValue' in value ? value.intValue : value.doubleValue),
    ]),
  );
}

/** @param status what it answers with; default: 200 */
export async function startCollector(port = 0, status: (path: string) => number = () => 200): Promise<Collector> {
  const found = {
    spans: [] as Span[],
    headers: [] as IncomingHttpHeaders[],
    asked: [] as string[],
    refused: [] as string[],
  };
  let newest: readonly Metric[] = [];
  let from: Readonly<Record<string, string | number>> = {};
  const take = (path: string, body: unknown): void => {
    if (path === '/v1/traces') {
      for (const each of traces.parse(body).resourceSpans)
        for (const { spans } of each.scopeSpans)
          found.spans.push(...spans.map((one) => ({ ...one, attributes: plain(one.attributes) })));
    } else if (path === '/v1/metrics') {
      const [first] = metrics.parse(body).resourceMetrics;
      from = plain(first!.resource.attributes);
      newest = first!.scopeMetrics.flatMap((each) => each.metrics);
    } else throw new Error(`nothing is taken at ${path}`);
  };
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      found.headers.push(request.headers);
      const path = request.url ?? '';
      found.asked.push(path);
      const wanted = status(path);
      try {
        if (wanted < 400) take(path, JSON.parse(body));
        response.writeHead(wanted, { 'content-type': 'application/json' }).end('{}');
      } catch (thrown) {
        found.refused.push(String(thrown));
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const at = (server.address() as AddressInfo).port;
  return {
    ...found,
    url: `http://127.0.0.1:${at}`,
    port: at,
    metrics: () => newest,
    resource: () => from,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
