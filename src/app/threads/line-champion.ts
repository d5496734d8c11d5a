import { messageOf, SluiceError } from '../../errors.js';
import type { Model, ModelLoader } from '../../ports/model.js';
import { leased, type LeasedModel } from '../../snapshot/leased-model.js';
import { serial } from '../../stream/serial.js';
import type { SentChampion } from './doors.js';

/** The run's champion, loaded in this thread: which one it is, the run decides. */
export class LineChampion {
  private current: LeasedModel | undefined;
  private before: LeasedModel | undefined;
  private readonly inTurn = serial();

  /** @param failed told that a version does not load, or that an answer of it was of no use */
  constructor(
    private readonly loader: ModelLoader,
    private readonly failed: (version: string, why: string) => void,
  ) {}

  /** The model that scores now. */
  model(): Model | undefined {
    return this.current;
  }

  /** Another one is champion from now on; null: none is. */
  take(sent: SentChampion | null): void {
    void this.inTurn(() => this.replace(sent));
  }

  /** Resolves once everything taken before is loaded. */
  settled(): Promise<void> {
    return this.inTurn(() => Promise.resolve());
  }

  private async replace(sent: SentChampion | null): Promise<void> {
    const next = sent ? await this.loaded(sent) : undefined;
    // A batch that took the champion before a change may still call it after: one generation stays open.
    const retired = this.before;
    this.before = this.current;
    this.current = next;
    // One that closes badly is of no use any more, whatever it says.
    void retired?.close().catch(() => undefined);
  }

  private async loaded({ version, featureSetId, onnx }: SentChampion): Promise<LeasedModel | undefined> {
    try {
      const model = await this.loader.load(onnx, version, featureSetId);
      return leased(model, (why) => this.give(version, why));
    } catch (thrown) {
      this.failed(version, messageOf(thrown));
      return undefined;
    }
  }

  /** Without it, until the run says who is champion instead. */
  private give(version: string, why: string): void {
    if (this.current?.snapshotVersion === version) this.current = undefined;
    this.failed(version, why);
  }
}

/** The one being loaded, the champion, and the one before it. */
const REMEMBERED = 3;

/** A loader that remembers the bytes of the models it loaded last, so that other threads can load them, too. */
export class RememberingLoader implements ModelLoader {
  private readonly newest = new Map<string, SentChampion>();

  constructor(private readonly inner: ModelLoader) {}

  async load(onnx: Uint8Array, version: string, featureSetId: string): Promise<Model> {
    const model = await this.inner.load(onnx, version, featureSetId);
    // A copy: sending a view would send all that lies around it.
    this.newest.delete(version);
    this.newest.set(version, { version, featureSetId, onnx: onnx.slice() });
    const [oldest] = this.newest.keys();
    if (this.newest.size > REMEMBERED) this.newest.delete(oldest!);
    return model;
  }

  /** Throws `bug` when it was not among the last ones. */
  bytesOf(version: string): SentChampion {
    const found = this.newest.get(version);
    if (!found) throw new SluiceError('bug', { why: `the bytes of snapshot ${version} are forgotten` });
    return found;
  }
}
