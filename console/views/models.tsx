import { useState } from 'preact/hooks';
import type { ModelsView as Models, ModelSummary } from '../../src/console/api.js';
import { clock, decimal, moment, whole } from '../format';
import { type Live, useAnswer } from '../live';
import { Empty, Panel } from '../parts/tile';
import { ChampionControl } from '../parts/champion-control';
import { ModelDetail } from './model-detail';

const MOST_ROWS = 12;

/** Which model scores, and is it any good? */
export function ModelsView({ frame }: Live) {
  const { value, refusal } = useAnswer<Models>('/api/models', frame?.news.models);
  const [wanted, want] = useState<string>();
  if (refusal) return <Empty>{`${refusal.error}. ${refusal.remedy}`}</Empty>;
  if (!value) return <Empty>Asking the run…</Empty>;
  const version = wanted ?? value.champion ?? value.models[0]?.version;
  return (
    <>
      <h2 class="question">Which model scores, and is it any good?</h2>
      {value.models.length === 0 ? (
        <Panel title="No model yet">
          <Empty>
            The first one is trained once enough samples are kept (retrain.everySamples, retrain.minPositives). Until
            then importance comes from click rates of neighbours.
          </Empty>
        </Panel>
      ) : (
        <>
          {value.refusal !== null && <p class="trouble">{value.refusal}</p>}
          <List models={value} chosen={version} choose={want} />
          <ModelDetail version={version} news={frame?.news.models} />
          {frame?.run.isControlled && (
            <ChampionControl chosen={version} champion={value.champion} isPinned={value.isPinned} />
          )}
          <Changes models={value} isControlled={frame?.run.isControlled === true} />
        </>
      )}
    </>
  );
}

function List(props: { models: Models; chosen: string | undefined; choose: (version: string) => void }) {
  const { models, chosen, choose } = props;
  const [isAll, showAll] = useState(false);
  const shown = isAll ? models.models : models.models.slice(0, MOST_ROWS);
  return (
    <Panel
      title="Snapshots"
      caption="Newest first, judged on audit samples that none was trained on. NE, normalised entropy: less is better, 1 knows the click rate alone. AUC: more is better, 0.5 is chance. Calibration: predicted clicks / clicks, 1 is right."
    >
      <div class="scroll">
        <table class="choice">
          <thead>
            <tr>
              <th>version</th>
              <th>created</th>
              <th>learner</th>
              <th class="n">rows</th>
              <th class="n">NE</th>
              <th class="n">AUC</th>
              <th class="n">calibration</th>
              <th>what became of it</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((model) => (
              <Row
                key={model.version}
                model={model}
                isChosen={model.version === chosen}
                choose={choose}
                isPinned={models.isPinned}
              />
            ))}
          </tbody>
        </table>
      </div>
      {models.models.length > shown.length && (
        <button onClick={() => showAll(true)}>Show all {whole(models.models.length)}</button>
      )}
    </Panel>
  );
}

const BECAME: Readonly<Record<ModelSummary['outcome'], string>> = {
  promoted: 'became champion',
  kept: 'not better: the champion stayed',
  manual: 'published for an operator to decide',
};

function Row(props: { model: ModelSummary; isChosen: boolean; isPinned: boolean; choose: (version: string) => void }) {
  const { model, isChosen, isPinned, choose } = props;
  return (
    <tr data-version={model.version} class={isChosen ? 'chosen' : ''} onClick={() => choose(model.version)}>
      <td>
        <button class="plain" aria-pressed={isChosen} onClick={() => choose(model.version)}>
          {model.version}
        </button>
        {model.isChampion && <span class="pill good">champion{isPinned ? ', pinned' : ''}</span>}
      </td>
      <td>{clock(model.createdAtMs)}</td>
      <td>{model.learner}</td>
      <td class="n">{whole(model.rows)}</td>
      <td class="n">{decimal(model.normalisedEntropy)}</td>
      <td class="n">{decimal(model.auc)}</td>
      <td class="n">{decimal(model.calibration, 2)}</td>
      <td title={model.reason}>{BECAME[model.outcome]}</td>
    </tr>
  );
}

function Changes({ models, isControlled }: { readonly models: Models; readonly isControlled: boolean }) {
  if (models.changes.length === 0) return null;
  return (
    <Panel
      title="Changes of the champion"
      caption={`Newest first.${isControlled ? '' : ' From here nothing can be changed: use sluice snapshot.'}`}
    >
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>when</th>
              <th>what</th>
              <th>version</th>
              <th>by</th>
              <th>why</th>
            </tr>
          </thead>
          <tbody>
            {models.changes.slice(0, 8).map(({ atMs, action, version, by, who, why }) => (
              <tr key={`${atMs} ${action} ${version}`}>
                <td>{moment(atMs)}</td>
                <td>{action}</td>
                <td>{version}</td>
                <td>{who ?? by}</td>
                <td class="words">{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
