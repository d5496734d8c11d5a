/** How long an answer may take: a promotion judges a model on the audit slice first. */
const ANSWER_WITHIN_MS = 120_000;

/** Sends JSON with a token and gives the answer. Rejects when nobody answers in time, or with something else than JSON. */
export async function postJson(
  url: string,
  token: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    redirect: 'error',
  });
  return { status: response.status, body: await response.json() };
}
