import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExplainedSample, ExplainView as Explained, SampleMatch, SamplesView } from '../../src/console/api.js';
import type { WhyView } from '../../src/console/why-api.js';
import { compact, decimal, moment, share, signed, whole } from '../format';
import { type Live, useAnswer } from '../live';
import { Empty, Panel, Tile } from '../parts/tile';

const MOST_COLUMNS = 12;

/** Why was this kept? */
export function ExplainView(_: Live) {
  const input = useRef<HTMLInputElement>(null);
  const [id, setId] = useState(idInAddress());
  const [wanted, want] = useState('');
  const isWanted = wanted === id;
  const { value, refusal, isAsking } = useAnswer<Explained>(
    id === '' ? undefined : `/api/explain?id=${encodeURIComponent(id)}`,
    0,
  );
  useEffect(() => {
    input.current?.focus();
    const follow = (): void => setId(idInAddress());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return (
    <>
      <h2 class="question">Why was this sample kept?</h2>
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          location.hash = `explain/${encodeURIComponent(input.current!.value.trim())}`;
        }}
      >
        <input
          ref={input}
          type="search"
          name="id"
          aria-label="Request, impression or sample id"
          placeholder="A request, impression or sample id"
          autocomplete="off"
          spellcheck={false}
          value={id}
        />
        <button type="submit">Explain</button>
      </form>
      {id === '' && <Arriving />}
      {id === '' && (
        <Empty>
          Type the id of a request, an impression or a sample, as it was sent or as it went out. The topics are read
          from their beginning, so it may take some seconds on a long log.
        </Empty>
      )}
      {isAsking && <Empty>Reading the training and audit topics…</Empty>}
      {refusal && !isAsking && (
        <>
          <Empty>{`${sentence(refusal.error)} ${refusal.remedy}`}</Empty>
          <Fates id={id} />
        </>
      )}
      {value && !isAsking && (
        <>
          <Found found={value} />
          {isWanted ? <Fates id={id} /> : <button onClick={() => want(id)}>What became of the rest of it</button>}
        </>
      )}
    </>
  );
}

function idInAddress(): string {
  const encoded = /^#explain\/(.*)$/.exec(location.hash)?.[1] ?? '';
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function Found({ found: { matches, sample } }: { readonly found: Explained }) {
  return (
    <>
      {matches.length > 1 && (
        <Panel
          title={`${whole(matches.length)} samples of this request`}
          caption="The others were dropped, wait for their outcome, or are gone."
        >
          <Matches matches={matches} />
        </Panel>
      )}
      {sample && <Sample sample={sample} />}
    </>
  );
}

/** What became of everything that the id names, kept or not: `sluice why`. */
function Fates({ id }: { readonly id: string }) {
  const { value, refusal, isAsking } = useAnswer<WhyView>(`/api/why?id=${encodeURIComponent(id)}`, 0);
  if (isAsking) return <Empty>Reading the topics again, to see what became of it…</Empty>;
  if (refusal) return <Empty>{`${sentence(refusal.error)} ${refusal.remedy}`}</Empty>;
  if (!value) return null;
  return (
    <Panel title="What became of it" caption="From the topics, by a silent re-read: the same as sluice why.">
      <div data-why={value.id}>
        {value.fates.map(({ head, sentences }) => (
          <div key={head}>
            <h3>{head}</h3>
            {sentences.map((text) => (
              <p key={text}>{text}</p>
            ))}
          </div>
        ))}
        {value.never.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
    </Panel>
  );
}

/** Ids to begin with, for whoever has none. */
function Arriving() {
  const { value, isAsking } = useAnswer<SamplesView>('/api/samples', 0);
  const samples = value?.samples ?? [];
  return (
    <Panel title="Kept just now" caption="Samples that were committed to the training topic while you came here.">
      {samples.length > 0 ? (
        <Matches matches={samples} />
      ) : (
        <Empty>{isAsking ? 'Waiting for one…' : 'None came in three seconds.'}</Empty>
      )}
    </Panel>
  );
}

function Matches({ matches }: { readonly matches: readonly SampleMatch[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>sample</th>
            <th>item</th>
            <th class="n">position</th>
            <th>surface</th>
            <th>topic</th>
            <th class="n">label</th>
            <th class="n">kept with probability</th>
          </tr>
        </thead>
        <tbody>
          {matches.map(({ sampleId, topic, itemId, position, surface, label, inclusionProbability }) => (
            <tr key={sampleId}>
              <td>
                <a href={`#explain/${encodeURIComponent(sampleId)}`}>{sampleId}</a>
              </td>
              <td>{itemId}</td>
              <td class="n">{position}</td>
              <td>{surface.toLowerCase()}</td>
              <td>{topic}</td>
              <td class="n">{label}</td>
              <td class="n">{share(inclusionProbability)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sample({ sample }: { readonly sample: ExplainedSample }) {
  const { topic, inclusionProbability, coin, importance, scorer, threshold, thresholdIs, thresholdWhy } = sample;
  const isAudit = topic === 'audit';
  return (
    <div data-sample={sample.sampleId}>
      <Panel
        title={sample.sampleId}
        caption={`Item ${sample.itemId}${sample.category === null ? '' : `, ${sample.category}`}, at position ${sample.position} of request ${sample.requestId}, shown ${moment(sample.eventTimeMs)} on ${sample.surface.toLowerCase()}.${sample.flags.length > 0 ? ` Flags: ${sample.flags.join(', ')}.` : ''}`}
      >
        <p class="story">{storyOf(sample)}</p>
      </Panel>
      <div class="tiles">
        <Tile name="Outcome" value={sample.outcome.toLowerCase().replaceAll('_', ' ')}>
          label {sample.label}
        </Tile>
        <Tile name="Prediction" value={share(sample.prediction, 2)}>
          {sample.prediction === null
            ? 'before the first model'
            : `by ${sample.snapshotVersion}, before the outcome was known`}
        </Tile>
        <Tile name="Importance" value={compact(importance)}>
          by {scorer}; threshold{' '}
          {threshold === null ? 'not known' : `μ ${thresholdIs === 'at most' ? '≤ ' : ''}${compact(threshold)}`}
          {thresholdWhy !== null && `: ${thresholdWhy}`}
        </Tile>
        <Tile name="Probability π" id="inclusionProbability" value={share(inclusionProbability, 2)}>
          {isAudit
            ? 'the audit slice is picked by another coin'
            : `its coin is ${decimal(coin)}${coin < inclusionProbability ? ', below: kept' : ''}`}
        </Tile>
        <Tile name="Weight 1/π" value={compact(sample.importanceWeight)}>
          samples that it stands for; log-odds offset {signed(sample.logOddsOffset)}
        </Tile>
      </div>
      <Parts sample={sample} />
    </div>
  );
}

function storyOf({ topic, label, prediction, inclusionProbability }: ExplainedSample): string {
  const ended = label === 1 ? 'It reached the goal' : 'It did not reach the goal';
  const guess =
    prediction === null
      ? 'and no model had predicted it'
      : `and the model had given that ${share(label === 1 ? prediction : 1 - prediction)}`;
  const fate =
    topic === 'audit'
      ? 'It was set aside at random, to judge models on: nothing trains on it.'
      : inclusionProbability >= 1
        ? 'So it was kept for certain.'
        : `So it was kept with probability ${share(inclusionProbability)}, and its coin fell that way.`;
  return `${ended}, ${guess}. ${fate}`;
}

function Parts({ sample: { paths, pathsWhy } }: { readonly sample: ExplainedSample }) {
  if (!paths)
    return (
      <Panel title="The prediction, taken apart">
        <Empty>{pathsWhy ?? 'There is nothing to take apart.'}</Empty>
      </Panel>
    );
  const shown = paths.columns.slice(0, MOST_COLUMNS);
  const rest = paths.columns.slice(MOST_COLUMNS).reduce((sum, { contribution }) => sum + contribution, 0);
  const most = Math.max(...shown.map(({ contribution }) => Math.abs(contribution)), 1e-12);
  return (
    <Panel
      title="The prediction, taken apart"
      caption={`In ${paths.scale}: begins at ${decimal(paths.base)}, the mean over audit samples; each column moves it; ends at ${decimal(paths.total)}.`}
    >
      <ol class="bars signed">
        {shown.map(({ column, value, contribution }) => {
          const part = (50 * Math.abs(contribution)) / most;
          return (
            <li key={column}>
              <span class="name" title={column}>
                {column} <small class="quiet">{value === null ? 'missing' : compact(value)}</small>
              </span>
              <span class="bar-track">
                <span
                  class={contribution > 0 ? 'bar-fill' : 'bar-fill less'}
                  style={{ left: `${contribution > 0 ? 50 : 50 - part}%`, width: `${part}%` }}
                />
              </span>
              <span class="n">{signed(contribution)}</span>
            </li>
          );
        })}
      </ol>
      {rest !== 0 && (
        <p class="caption">
          {whole(paths.columns.length - shown.length)} more columns: {signed(rest)} together.
        </p>
      )}
    </Panel>
  );
}
