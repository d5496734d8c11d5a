/** How long an answer may take. */
const ANSWER_WITHIN_MS = 3_000;

/** Asks an address for JSON. Rejects when nobody answers in time, or with something else. */
export async function getJson(url: string): Promise<{ readonly ok: boolean; readonly body: unknown }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'error' });
  return { ok: response.ok, body: await response.json() };
}
