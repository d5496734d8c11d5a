import type { DatedProof, ProofView as Proofs } from '../../src/console/api.js';
import { clock, decimal, moment, signed, whole } from '../format';
import { type Live, useAnswer } from '../live';
import { Intervals } from '../parts/intervals';
import { Empty, Panel } from '../parts/tile';

type Proved = Extract<DatedProof['proof'], { status: 'proved' }>;

const VERDICTS: Readonly<Record<Proved['verdict'], string>> = {
  better: 'Curated rows are better.',
  worse: 'Curated rows are worse.',
  'no-difference': 'No difference that chance could not make.',
};

/** Is training on what was kept worth it? */
export function ProofView({ frame }: Live) {
  const { value, refusal } = useAnswer<Proofs>('/api/proof', frame?.news.proof);
  return (
    <>
      <h2 class="question">Is training on what was kept worth it?</h2>
      {refusal && <Empty>{`${refusal.error}. ${refusal.remedy}`}</Empty>}
      {value && <Told proofs={value} />}
    </>
  );
}

function Told({ proofs: { proofs, advice } }: { readonly proofs: Proofs }) {
  const proved = proofs.flatMap(({ atMs, proof }) => (proof.status === 'proved' ? { atMs, proof } : []));
  const newest = proved.at(-1);
  return (
    <>
      <section class="panel verdict" data-verdict={newest?.proof.verdict ?? 'none'}>
        <p class="number">{newest ? VERDICTS[newest.proof.verdict] : 'No proof yet.'}</p>
        <p class="caption">{advice}</p>
        {!newest && <Progress newest={proofs.at(-1)} />}
      </section>
      {newest && <Newest {...newest} />}
      {proved.length > 0 && <OverTime proved={proved} />}
      <Panel title="How it is known">
        <p class="caption">
          The same learner is trained twice on as many rows: once on rows that Sluice chose, once on rows drawn at
          random. Both are judged on audit samples that neither has seen, several pairs a time, in the background. An
          interval that does not touch 0 is a difference at 95 %.
        </p>
      </Panel>
    </>
  );
}

function Progress({ newest }: { readonly newest: DatedProof | undefined }) {
  if (newest?.proof.status !== 'not-enough-data') return null;
  const { positives, minPositives } = newest.proof;
  return (
    <p class="caption">
      <span class="meter">
        <span style={{ width: `${Math.min(100, (100 * positives) / minPositives)}%` }} />
      </span>
      {whole(positives)} of {whole(minPositives)} positive audit samples at {clock(newest.atMs)}
    </p>
  );
}

function Newest({ atMs, proof }: { readonly atMs: number; readonly proof: Proved }) {
  const { auc, normalisedEntropy, rows, pairs, auditRows, positives } = proof;
  return (
    <Panel
      title="The newest proof"
      caption={`${moment(atMs)}. ${whole(pairs)} pairs of models, ${whole(rows)} rows each, judged on ${whole(auditRows)} audit samples of which ${whole(positives)} are positive.`}
    >
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>metric</th>
              <th class="n">curated</th>
              <th class="n">uniform</th>
              <th class="n">difference</th>
              <th class="n">95 % interval</th>
              <th class="n">champion</th>
            </tr>
          </thead>
          <tbody>
            {[
              { name: 'AUC', says: 'more is better, 0.5 is chance', of: auc },
              { name: 'NE', says: 'less is better, 1 knows the click rate alone', of: normalisedEntropy },
            ].map(({ name, says, of }) => (
              <tr key={name} data-metric={name}>
                <td>
                  {name} <small class="quiet">{says}</small>
                </td>
                <td class="n">{decimal(of.curated)}</td>
                <td class="n">{decimal(of.uniform)}</td>
                <td class="n">
                  <b>{signed(of.difference.mean)}</b>
                </td>
                <td class="n">
                  {signed(of.difference.lower)} to {signed(of.difference.upper)}
                </td>
                <td class="n">{decimal(of.champion)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function OverTime({ proved }: { readonly proved: readonly { readonly atMs: number; readonly proof: Proved }[] }) {
  const of = (metric: 'auc' | 'normalisedEntropy') =>
    proved.map(({ atMs, proof }) => ({ atMs, ...proof[metric].difference }));
  return (
    <div class="pair">
      <Panel title="AUC, curated − uniform" caption="Each proof with its 95 % interval. Above 0, curated is better.">
        <Intervals label="Difference in AUC by proof" points={of('auc')} isBetter="above" />
      </Panel>
      <Panel title="NE, curated − uniform" caption="Each proof with its 95 % interval. Below 0, curated is better.">
        <Intervals
          label="Difference in normalised entropy by proof"
          points={of('normalisedEntropy')}
          isBetter="below"
        />
      </Panel>
    </div>
  );
}
