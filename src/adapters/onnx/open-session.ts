import * as ort from 'onnxruntime-node';
import { inNative } from '../threads/index.js';

/** Everything short of a crash comes as an error, too, which says it in a line of the log. */
const FATAL = 4;

/** A session of onnxruntime whose calls no end of their thread cuts short. @throws what onnxruntime says of the file */
export async function openSession(
  file: string | Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  // Two overloads, one call.
  const session = await inNative(() =>
    ort.InferenceSession.create(file as string, { logSeverityLevel: FATAL, ...options }),
  );
  const run = session.run.bind(session) as (...asked: unknown[]) => Promise<ort.InferenceSession.ReturnType>;
  session.run = (...asked: unknown[]) => inNative(() => run(...asked));
  return session;
}
