import { useState } from 'preact/hooks';
import type { Refusal } from '../../src/console/api.js';
import { Panel } from './tile';

type Action = 'promote' | 'rollback' | 'pin' | 'unpin';

/** Changes the champion, with the token and a reason. The token stays in this page and is gone with it. */
export function ChampionControl(props: {
  readonly chosen: string | undefined;
  readonly champion: string | null;
  readonly isPinned: boolean;
}) {
  const { chosen, champion, isPinned } = props;
  const [token, setToken] = useState('');
  const [who, setWho] = useState('');
  const [why, setWhy] = useState('');
  const [said, say] = useState<{ readonly text: string; readonly isRefusal: boolean }>();
  const [isAsking, setAsking] = useState(false);
  const isReady = token !== '' && why.trim() !== '' && !isAsking;
  const order = async (action: Action): Promise<void> => {
    setAsking(true);
    say(undefined);
    try {
      say(await send(action, token, { who: who.trim() || null, why, version: chosen }));
    } catch (thrown) {
      say({ text: `No answer: ${String(thrown)}`, isRefusal: true });
    } finally {
      setAsking(false);
    }
  };
  const button = (action: Action, name: string, isPossible: boolean) => (
    <button key={action} type="button" disabled={!isReady || !isPossible} onClick={() => void order(action)}>
      {name}
    </button>
  );
  return (
    <Panel
      title="Change the champion"
      caption="Needs the token of http.tokenEnv and a reason. What is done stands in the history below and on the topic (sluice config history)."
    >
      <form class="orders" onSubmit={(event) => event.preventDefault()}>
        <Field name="token" isSecret value={token} set={setToken} />
        <Field name="who" label="who you are" value={who} set={setWho} />
        <Field name="why" value={why} set={setWhy} />
        <p class="buttons">
          {button('promote', `Promote ${chosen ?? ''}`, chosen !== undefined && chosen !== champion && !isPinned)}
          {button('rollback', 'Roll back', champion !== null)}
          {isPinned ? button('unpin', 'Unpin', true) : button('pin', `Pin ${champion ?? ''}`, champion !== null)}
        </p>
        {said && (
          <p class={said.isRefusal ? 'trouble' : 'said'} role={said.isRefusal ? 'alert' : 'status'}>
            {said.text}
          </p>
        )}
      </form>
    </Panel>
  );
}

function Field(props: {
  readonly name: string;
  readonly label?: string;
  readonly isSecret?: boolean;
  readonly value: string;
  readonly set: (value: string) => void;
}) {
  const { name, label = name, isSecret = false, value, set } = props;
  const shared = { name, value, autocomplete: 'off', spellcheck: false } as const;
  const onInput = (event: { readonly currentTarget: HTMLInputElement }): void => set(event.currentTarget.value);
  return (
    <label>
      {label}
      {isSecret ? (
        <input type="password" {...shared} onInput={onInput} />
      ) : (
        <input type="text" {...shared} onInput={onInput} />
      )}
    </label>
  );
}

async function send(action: Action, token: string, body: object) {
  const response = await fetch(`/api/control/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const content = (await response.json()) as { readonly result: string } | Refusal;
  return 'result' in content
    ? { text: `Done: ${content.result}.`, isRefusal: false }
    : { text: `${content.error}. ${content.remedy}`, isRefusal: true };
}
