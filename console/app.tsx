import { useEffect, useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import type { RunView } from '../src/console/api.js';
import { duration } from './format';
import { type Live, useLive } from './live';
import { ExplainView } from './views/explain';
import { FlowView } from './views/flow';
import { ModelsView } from './views/models';
import { ProofView } from './views/proof';
import { SelectionView } from './views/selection';

/** The views, in the order of their tabs: each answers one question. */
const VIEWS: readonly { readonly id: string; readonly name: string; readonly show: FunctionComponent<Live> }[] = [
  { id: 'flow', name: 'Flow', show: FlowView },
  { id: 'selection', name: 'Selection', show: SelectionView },
  { id: 'proof', name: 'Proof', show: ProofView },
  { id: 'models', name: 'Models', show: ModelsView },
  { id: 'explain', name: 'Explain', show: ExplainView },
];

export function App() {
  const live = useLive();
  const [view, go] = useView();
  const { show: Show } = VIEWS.find(({ id }) => id === view) ?? VIEWS[0]!;
  return (
    <>
      <header>
        <div class="bar">
          <h1>
            <Mark />
            Sluice
          </h1>
          {live.frame && <Identity run={live.frame.run} />}
          <Link {...live} />
        </div>
        <nav role="tablist" aria-label="Views" onKeyDown={byArrows}>
          {VIEWS.map(({ id, name }, at) => (
            <a
              key={id}
              id={`tab-${id}`}
              role="tab"
              href={`#${id}`}
              aria-selected={id === view}
              aria-controls="view"
              tabIndex={id === view ? 0 : -1}
              title={`Key ${at + 1}`}
              onClick={() => go(id)}
            >
              {name}
            </a>
          ))}
        </nav>
      </header>
      {live.frame && <Trouble run={live.frame.run} />}
      <div id="view" role="tabpanel" aria-labelledby={`tab-${view}`}>
        <Show {...live} />
      </div>
      <footer>
        Keys <kbd>1</kbd> to <kbd>5</kbd> change the view, <kbd>/</kbd> searches.{' '}
        {live.frame?.run.isControlled ? 'It changes something only with the token' : 'This page reads only'}; the same
        numbers are under <a href="/api">/api</a>, those of all instances in Prometheus.
      </footer>
    </>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path
        d="M6 12c4-4 7 4 11 0s6-1 9-2M6 20c4-4 7 4 11 0s6-1 9-2"
        stroke="var(--panel)"
        stroke-width="2.6"
        fill="none"
        stroke-linecap="round"
      />
    </svg>
  );
}

function Identity({ run }: { run: RunView }) {
  const tone = !run.isAlive ? 'bad' : run.isReady ? 'good' : 'warn';
  return (
    <p class="identity">
      <b>{run.application}</b>
      <span class={`pill ${tone}`}>{run.isReady ? run.state : run.state === 'running' ? 'not ready' : run.state}</span>
      <span class="quiet wide-only">
        {run.transport === 'kafka' ? 'on Kafka' : 'on the embedded store'} · {run.instance}
      </span>
    </p>
  );
}

/** Says whether the numbers are of now. */
function Link({ link, frame }: Live) {
  if (link === 'live' && frame)
    return (
      <p class="link" title={`Up ${duration((frame.atMs - frame.run.startedAtMs) / 1000)}`}>
        <span class="dot" /> live
      </p>
    );
  return (
    <p class="link quiet" role="status">
      {link === 'opening'
        ? 'opening…'
        : frame
          ? 'ended, or no answer: these are the last numbers'
          : 'no answer, trying again'}
    </p>
  );
}

function Trouble({ run }: { run: RunView }) {
  if (run.isReady || run.reasons.length === 0) return null;
  return (
    <ul class="trouble" role="alert">
      {run.reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

/** The view that the address names, and the way to another; keys 1 to 5 and / lead there, too. */
function useView(): [string, (id: string) => void] {
  const [view, setView] = useState(named());
  useEffect(() => {
    const follow = (): void => setView(named());
    const byKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const wanted = event.key === '/' ? 'explain' : VIEWS[Number(event.key) - 1]?.id;
      if (wanted === undefined) return;
      event.preventDefault();
      location.hash = wanted;
    };
    addEventListener('hashchange', follow);
    addEventListener('keydown', byKey);
    return () => {
      removeEventListener('hashchange', follow);
      removeEventListener('keydown', byKey);
    };
  }, []);
  return [view, setView];
}

/** `#explain/ID` names a view and what it is to show. */
function named(): string {
  const id = location.hash.slice(1).split('/')[0];
  return VIEWS.some((view) => view.id === id) ? id! : VIEWS[0]!.id;
}

function byArrows(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return;
  const at = VIEWS.findIndex(({ id }) => id === named());
  const { id } = VIEWS[(at + step + VIEWS.length) % VIEWS.length]!;
  location.hash = id;
  document.getElementById(`tab-${id}`)?.focus();
}
