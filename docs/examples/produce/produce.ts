/** Sends what was shown and what was clicked to Sluice over HTTP: npx esbuild produce.ts --platform=node | node - http://127.0.0.1:9464 */

interface ImpressionList {
  requestId: string;
  eventTimeMs: number;
  surface: 'SEARCH' | 'AD' | 'RECOMMENDATION';
  sessionId: string;
  items: { itemId: string; position: number; title?: string; price?: number }[];
}

interface Interaction {
  interactionId: string;
  eventTimeMs: number;
  type: 'DISMISS' | 'VIEW' | 'CLICK' | 'ADD_TO_CART' | 'PURCHASE';
  sessionId: string;
  itemId: string;
  requestId?: string;
}

const url = String(process.argv.at(-1));
const token = process.env['SLUICE_EVENTS_TOKEN'];

/** Sends events until they are durable. Sending again is safe: each is known by its id. */
async function send(topic: 'impressions' | 'interactions', events: (ImpressionList | Interaction)[]): Promise<number> {
  const body = events.map((event) => JSON.stringify(event)).join('\n');
  for (;;) {
    const answer = await fetch(`${url}/v1/${topic}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body,
    });
    if (answer.ok) return ((await answer.json()) as { accepted: number }).accepted;
    // The events are wrong: the answer says which, and why.
    if (answer.status !== 503) throw new Error(await answer.text());
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function main(): Promise<void> {
  const eventTimeMs = Date.now();
  const sessionId = 's-typescript';
  const items = [
    { itemId: 'a', position: 1 },
    { itemId: 'b', position: 2 },
  ];
  const shown: ImpressionList = { requestId: 'typescript-1', eventTimeMs, surface: 'SEARCH', sessionId, items };
  const click: Interaction = {
    interactionId: 'typescript-click-1',
    eventTimeMs,
    type: 'CLICK',
    sessionId,
    itemId: 'b',
    requestId: 'typescript-1',
  };
  console.log(await send('impressions', [shown]), await send('interactions', [click]));
}

void main();
